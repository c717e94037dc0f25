"""A declared request carries the cookies that the contract names, and none that a server has set."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.model.load import LoadRequest, LoadRun
from tests.probes.load.conftest import Server
from tests.probes.load.runs import closed, loaded, opened, probe
from tests.probes.load.test_locustfile import one_task

ANN = LoadRequest(method="GET", target="/session", identity="ann")
NOBODY = LoadRequest(method="GET", target="/session")


def by_users() -> LoadRun:
    return closed("", users=2, requests=100)


def by_arrivals() -> LoadRun:
    return opened("", rate=100, seconds=1)


@pytest.mark.parametrize("run", [by_users, by_arrivals])
def test_no_identity_sends_the_cookie_that_another_was_given(
    server: Server, tmp_path: Path, run: Callable[[], LoadRun]
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(replace(run(), scenario=(ANN, NOBODY))))

    assert seen.measured().ok == 100
    told = {"GET /session", "bearer of-ann-only with no cookie", "nobody with no cookie"}
    assert set(server.counted) == told


@pytest.mark.parametrize("run", [by_users, by_arrivals])
def test_a_cookie_that_the_contract_names_is_sent(
    server: Server, tmp_path: Path, run: Callable[[], LoadRun]
) -> None:
    request = replace(NOBODY, headers=(("Cookie", "theme=dark"),))
    ours = replace(NOBODY, identity="eve")

    loaded(probe(server.url, tmp_path).send(replace(run(), scenario=(request, ours))))

    told = {"GET /session", "nobody with theme=dark", "nobody with sid=of-eve"}
    assert set(server.counted) == told


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
def test_a_user_of_a_locustfile_keeps_its_cookies(server: Server, tmp_path: Path, base: str) -> None:
    run = closed(one_task(tmp_path, 'self.client.get("/session")', base), users=1, requests=20)

    loaded(probe(server.url, tmp_path).send(run))

    assert server.counted["nobody with no cookie"] == 1
    assert server.counted["nobody with sid=of-somebody"] == 19
