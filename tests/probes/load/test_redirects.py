"""What a locustfile's client sends to follow redirects is sent: the budget and the caps hold it."""

from pathlib import Path

import pytest

from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.loaded import Ending
from pytest_deploycheck.safety.budget import Allowance
from tests.probes.load.conftest import Server
from tests.probes.load.runs import closed, loaded, opened, probe
from tests.probes.load.test_locustfile import one_task

BOTH = pytest.mark.parametrize("base", ["FastHttpUser", "HttpUser"])


@BOTH
@pytest.mark.parametrize("users", [1, 7])
def test_no_more_is_sent_than_may_be_sent_where_redirects_never_end(
    server: Server, tmp_path: Path, base: str, users: int
) -> None:
    run = closed(one_task(tmp_path, 'self.client.get("/again")', base), users=users, requests=500, most=100)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.mistakes) == (Ending.CAPPED, {})
    assert server.counted == {"GET /again": 100}
    assert seen.sent == 100
    assert set(seen.measured().failed) == {"too many redirects"} if users == 1 else not seen.measured().n
    assert seen.cut == users


@BOTH
def test_a_client_that_gives_up_says_so_and_shows_no_url(server: Server, tmp_path: Path, base: str) -> None:
    run = closed(one_task(tmp_path, 'self.client.get("/again")', base), users=1, requests=10 * 31)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.measured().failed == {"too many redirects": 10}
    assert server.counted == {"GET /again": seen.sent} == {"GET /again": 10 * 31}


@BOTH
@pytest.mark.parametrize("processes", [1, 2])
def test_one_redirect_makes_two_requests_of_one(
    server: Server, tmp_path: Path, base: str, processes: int
) -> None:
    body = 'self.client.get("/to/ok/5")'
    run = closed(one_task(tmp_path, body, base), users=processes, requests=100, processes=processes)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.measured().n, seen.measured().ok, seen.sent) == (50, 50, 100)
    assert server.counted == {"GET /to/ok/5": 50, "GET /ok/5": 50}


@BOTH
def test_a_redirect_that_is_not_followed_is_no_request(server: Server, tmp_path: Path, base: str) -> None:
    body = 'self.client.get("/to/ok/5", allow_redirects=False)'
    seen = loaded(
        probe(server.url, tmp_path).send(closed(one_task(tmp_path, body, base), users=1, requests=30))
    )

    assert (seen.measured().ok, seen.sent) == (30, 30)
    assert server.counted == {"GET /to/ok/5": 30}


@BOTH
def test_the_last_redirect_is_an_answer_with_all_that_it_said(
    server: Server, tmp_path: Path, base: str
) -> None:
    body = """
        with self.client.get("/to/ok/5", catch_response=True) as reply:
            if reply.status_code == 302:
                assert (reply.headers["location"], reply.text) == ("/ok/5", "ok")
                reply.failure("a redirect")"""
    run = opened(one_task(tmp_path, body, base), rate=50, seconds=1, most=31)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.mistakes, seen.sent) == (Ending.CAPPED, {}, 31)
    assert (seen.measured().ok, seen.measured().n, seen.cut) == (15, 15, 1)


@BOTH
def test_redirects_wait_for_the_cap_on_the_rate_and_no_deadline_passes_meanwhile(
    server: Server, tmp_path: Path, base: str
) -> None:
    body = 'self.client.get("/to/ok/5")'
    run = closed(
        one_task(tmp_path, body, base), users=40, requests=100, most_rate=40.0, deadline=0.9, breaker=1000
    )

    seen = loaded(probe(server.url, tmp_path).send(run))

    measured = seen.measured()
    assert (seen.ending, measured.failed) == (Ending.COMPLETE, {})
    assert seen.seconds >= 99 / 40
    assert measured.latencies()[-1] < 0.5  # each waits for a second before it goes on
    assert sum(server.counted.values()) == seen.sent == 100


@BOTH
def test_what_redirects_took_of_the_budget_is_spent(server: Server, tmp_path: Path, base: str) -> None:
    load = probe(server.url, tmp_path, budget=Budget(load=200))
    run = closed(one_task(tmp_path, 'self.client.get("/to/ok/5")', base), users=1, requests=100, most=150)

    loaded(load.send(run))

    allowance: Allowance = load._allowance
    assert allowance.spent.load == sum(server.counted.values()) == 100


@BOTH
def test_a_user_that_leaves_follows_redirects_after_the_end(
    server: Server, tmp_path: Path, base: str
) -> None:
    body = 'self.client.get("/to/ok/1")\n\n    def on_stop(self):\n        self.client.get("/to/ok/7")'
    run = closed(one_task(tmp_path, body, base), users=1, requests=5)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.measured().n, seen.cut, seen.sent) == (2, 1, 5)
    assert server.counted == {"GET /to/ok/1": 3, "GET /ok/1": 2, "GET /to/ok/7": 1, "GET /ok/7": 1}
