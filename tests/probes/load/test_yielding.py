"""A reply without end that comes faster than it is read is one failed request; others are sent meanwhile."""

from pathlib import Path

import pytest
import trustme

from pytest_deploycheck.model.load import LoadRequest, LoadRun, Talk
from pytest_deploycheck.model.loaded import Ending, Loaded
from tests.probes.load.conftest import Server, running
from tests.probes.load.runs import loaded, opened, probe

TALKS = "tests.servers.talks"
HELLO = Talk(messages=("hello",), expected="hello")

USER = """\
from locust import HttpUser, task


class One(HttpUser):
    @task
    def one(self):
        self.client.get("/every/20/storm/chunks")
"""


def arriving(path: str, talk: Talk | None = None) -> LoadRun:
    request = LoadRequest(method="WS" if talk else "GET", target=path, talk=talk)
    return opened("", scenario=(request,), rate=40, seconds=2, deadline=0.5)


def hold_that_one_in_20_failed(seen: Loaded, name: str) -> None:
    assert (seen.ending, seen.arrivals) == (Ending.COMPLETE, 80)
    assert (seen.measured(name).n, seen.measured(name).failed) == (80, {"deadline": 4})
    assert seen.measured(name).latencies()[70] < 0.3  # of the good ones, while a storm goes on


@pytest.mark.parametrize("what", ["interim", "headers", "chunks"])
def test_a_storm_of_a_reply_ends_with_its_deadline(server: Server, tmp_path: Path, what: str) -> None:
    path = f"/every/20/storm/{what}"

    hold_that_one_in_20_failed(loaded(probe(server.url, tmp_path).send(arriving(path))), f"GET {path}")


def test_a_storm_over_tls_ends_too(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    path = "/every/20/storm/chunks"

    with running(str(tmp_path / "own.pem"), scheme="https", host="localhost") as safe:
        seen = loaded(probe(safe.url, tmp_path, ca=tmp_path / "ca.pem").send(arriving(path)))

    hold_that_one_in_20_failed(seen, f"GET {path}")


def test_a_storm_of_messages_without_the_expected_one_ends_with_its_deadline(tmp_path: Path) -> None:
    path = "/every/20/storm"

    with running(module=TALKS) as talks:
        seen = loaded(probe(talks.url, tmp_path).send(arriving(path, HELLO)))

    hold_that_one_in_20_failed(seen, f"WS {path}")


def test_a_storm_of_messages_while_a_connection_is_held_keeps_nobody_waiting(tmp_path: Path) -> None:
    with running(module=TALKS) as talks:
        seen = loaded(probe(talks.url, tmp_path).send(arriving("/every/20/storm", Talk(hold=0.2))))

    assert (seen.ending, seen.arrivals, seen.measured().failed) == (Ending.COMPLETE, 80, {})


def test_a_storm_of_a_reply_to_the_client_of_requests_ends_too(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text(USER)

    seen = loaded(probe(server.url, tmp_path).send(opened(str(path), rate=40, seconds=2, deadline=0.5)))

    hold_that_one_in_20_failed(seen, "GET /every/20/storm/chunks")


def test_a_message_without_end_holds_a_connection_no_longer(tmp_path: Path) -> None:
    with running(module=TALKS) as talks:
        seen = loaded(probe(talks.url, tmp_path).send(arriving("/every/20/parts", Talk(hold=0.2))))

    assert (seen.ending, seen.arrivals, seen.measured().failed) == (Ending.COMPLETE, 80, {})
