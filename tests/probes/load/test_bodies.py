"""A reply fails if it is bad, and not because it is odd: how its body is encoded is told apart from that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.model.load import LoadRequest, LoadRun
from pytest_deploycheck.model.loaded import Loaded
from tests.probes.load.conftest import Server, running
from tests.probes.load.runs import closed, loaded, probe
from tests.servers.odd import CORRUPT, CUT, ERRORS, GOOD, HEADS, TWICE

N = 15
"""Requests: fewer than a row of failures that ends a run."""


@pytest.fixture(scope="module")
def odd() -> Iterator[Server]:
    with running(module="tests.servers.odd") as one:
        yield one


def asked_for(*paths: str, statuses: tuple[int, ...] = (200, 204)) -> LoadRun:
    """Ask for all of the paths, in any order: HEAD where it says so, GET elsewhere."""
    asks = [each.rpartition(" ") for each in paths]
    scenario = tuple(
        LoadRequest(method=method or "GET", target=f"/{path}", statuses=statuses) for method, _, path in asks
    )
    return replace(closed("/ok", users=2, requests=N * len(paths), breaker=10_000), scenario=scenario)


def locustfile(folder: Path, base: str, path: str, body: str = "") -> LoadRun:
    file = folder / "odd.py"
    with_block = f"with self.client.get({path!r}, catch_response=True) as response:\n            {body}"
    file.write_text(
        f"from locust import {base}, task\n\n\nclass One({base}):\n    @task\n    def one(self):\n"
        f"        {with_block if body else f'self.client.get({path!r})'}\n"
    )
    return closed(str(file), users=2, requests=N)


def by_name(seen: Loaded) -> dict[str, dict[str, int]]:
    """The failures of each path, after all were counted as sent and the scenario was not blamed."""
    assert seen.mistakes == {}
    assert seen.measured().n == seen.sent
    return {name: dict(seen.measured(name).failed) for name in seen.names}


def test_a_healthy_reply_is_good_however_its_body_is_encoded(odd: Server, tmp_path: Path) -> None:
    paths = [f"good/{name}" for name in GOOD] + [f"HEAD heads/{name}" for name in HEADS]

    seen = loaded(probe(odd.url, tmp_path).send(asked_for(*paths)))

    assert {name: failed for name, failed in by_name(seen).items() if failed} == {}
    assert len(seen.names) == len(paths)


def test_an_unchanged_page_without_a_body_is_good_where_that_is_expected(odd: Server, tmp_path: Path) -> None:
    seen = loaded(probe(odd.url, tmp_path).send(asked_for("unchanged/gzip", statuses=(304,))))

    assert by_name(seen) == {"GET /unchanged/gzip": {}}


def test_an_error_page_in_any_encoding_is_its_status(odd: Server, tmp_path: Path) -> None:
    seen = loaded(probe(odd.url, tmp_path).send(asked_for(*(f"errors/{name}" for name in ERRORS))))

    assert {tuple(failed) for failed in by_name(seen).values()} == {("status 500",)}
    assert len(seen.names) == len(ERRORS)


def test_an_error_page_in_any_encoding_is_good_where_it_is_expected(odd: Server, tmp_path: Path) -> None:
    run = asked_for(*(f"errors/{name}" for name in ERRORS), statuses=(500,))

    assert not any(by_name(loaded(probe(odd.url, tmp_path).send(run))).values())


@pytest.mark.parametrize("path", [*(f"corrupt/{name}" for name in CORRUPT), *(f"cut/{name}" for name in CUT)])
def test_a_body_that_is_not_in_its_encoding_is_a_failure(odd: Server, tmp_path: Path, path: str) -> None:
    seen = loaded(probe(odd.url, tmp_path).send(asked_for(path)))

    assert by_name(seen) == {f"GET /{path}": {"unreadable body": N}}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("name", TWICE)
def test_two_replies_to_one_request_are_a_failure(
    odd: Server, tmp_path: Path, name: str, status: int
) -> None:
    seen = loaded(probe(odd.url, tmp_path).send(asked_for(f"twice/{name}", statuses=(status,))))

    assert by_name(seen) == {f"GET /twice/{name}": {"more than one reply": N}}


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/good/x-gzip", ""),
        ("/good/unknown", ""),
        ("/good/empty", ""),
        ("/good/none", ""),
        ("/errors/latin", "status 500"),
        ("/corrupt/gzip", "unreadable body"),
        ("/corrupt/brotli", "unreadable body"),
        ("/reset", "broken connection (ConnectionResetError)"),
        ("/reset/midway", "broken connection (ConnectionResetError)"),
        ("/other/speech", "no HTTP reply"),
    ],
)
def test_both_clients_say_the_same_of_a_reply(
    odd: Server, tmp_path: Path, base: str, path: str, kind: str
) -> None:
    seen = loaded(probe(odd.url, tmp_path).send(locustfile(tmp_path, base, path)))

    assert by_name(seen) == {f"GET {path}": {kind: N} if kind else {}}


@pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])
def test_no_locustfile_can_call_an_unreadable_body_good(odd: Server, tmp_path: Path, base: str) -> None:
    body = "response.text or response.success()"

    seen = loaded(probe(odd.url, tmp_path).send(locustfile(tmp_path, base, "/corrupt/brotli", body)))

    assert by_name(seen) == {"GET /corrupt/brotli": {"unreadable body": N}}


def test_a_page_that_a_locustfile_reads_is_whole(odd: Server, tmp_path: Path) -> None:
    body = "response.success() if response.text == 'a page' * 200 else response.failure('another page')"
    for name in ("x-gzip", "bare-deflate", "brotli", "unknown"):
        seen = loaded(
            probe(odd.url, tmp_path).send(locustfile(tmp_path, "FastHttpUser", f"/good/{name}", body))
        )

        assert by_name(seen) == {f"GET /good/{name}": {}}
