"""What a load run sees is what happened: every request, how long it took, how it failed."""

import re
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import trustme

from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.loaded import Ending
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare
from tests.probes.load.conftest import Server, running
from tests.probes.load.runs import closed, loaded, opened, probe
from tests.projects import wait_until


def test_a_number_of_requests_is_sent_exactly(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(closed("/ok/5", requests=203)))

    assert (seen.ending, seen.measured().n, seen.measured().ok) == (Ending.COMPLETE, 203, 203)
    assert server.counted == {"GET /ok/5": 203}


def test_a_server_that_takes_20_ms_is_seen_to_take_20_ms(server: Server, tmp_path: Path) -> None:
    latencies = (
        loaded(probe(server.url, tmp_path).send(closed("/ok/20", requests=300))).measured().latencies()
    )

    assert latencies[0] >= 0.020
    assert 0.020 <= latencies[150] < 0.030


def test_arrivals_come_at_their_rate_and_the_warm_up_is_apart(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened("/ok/5", rate=100, seconds=2, warmup=1.0)))

    assert seen.arrivals == 200
    assert (seen.measured().n, seen.warmup.n) == (200, 50)
    assert [part.at for part in seen.measured().parts] == [0, 1]


@pytest.mark.parametrize("most_rate", [None, 400.0], ids=["unheld", "held back"])
def test_a_number_of_requests_is_exact_after_a_warm_up_too(
    server: Server, tmp_path: Path, most_rate: float | None
) -> None:
    run = closed("/ok/5", users=8, requests=100, warmup=0.5, most_rate=most_rate)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert (seen.ending, seen.measured().n) == (Ending.COMPLETE, 100)
    assert server.counted == {"GET /ok/5": 100 + seen.warmup.n}


def test_an_answer_that_breaks_off_in_the_middle_is_a_failure(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(closed("/half", requests=20)))

    assert seen.measured().ok == 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/hang", "deadline"), ("/drip", "deadline"), ("/status/500", "status 500"), ("/away", "status 302")],
)
def test_every_failure_has_a_name_and_a_row_of_them_ends_the_run(
    server: Server, tmp_path: Path, path: str, kind: str
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened(path, rate=15, seconds=9, deadline=0.5)))

    assert seen.ending is Ending.BREAKER
    assert seen.why == f"20 failures in a row: {kind}"
    assert set(seen.measured().failed) == {kind}
    assert seen.seconds < 3


def test_a_connection_that_is_closed_without_an_answer_is_a_failure_and_sent_once(
    server: Server, tmp_path: Path
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(closed("/close", users=1, requests=20)))

    assert seen.measured().ok == 0
    assert server.counted == {"GET /close": 20}


def test_a_port_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    seen = loaded(probe("http://127.0.0.1:9", tmp_path).send(opened("/ok", rate=12, seconds=9)))

    assert seen.why == "20 failures in a row: refused"


def test_a_target_that_fails_every_second_time_is_spared_the_rest(server: Server, tmp_path: Path) -> None:
    run = closed("/every/2/status/500", users=1, requests=1000, most_rate=60.0)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.ending is Ending.BREAKER
    assert seen.why == "50 of the last 100 requests failed: status 500"
    assert seen.measured().n < 200


def test_a_target_that_dies_ends_a_run_of_few_requests_within_five_seconds_too(
    server: Server, tmp_path: Path
) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened("/every/5/die", rate=2, seconds=30)))

    died = 2.0  # the fifth request, at two a second
    assert seen.ending is Ending.BREAKER
    assert re.fullmatch(r"\d failures in a row, for 3 s: refused", seen.why)
    assert seen.measured().ok == 4
    assert seen.seconds < died + 5


def test_one_in_ten_that_hangs_is_one_in_ten_that_failed(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened("/every/10/hang", rate=100, deadline=0.5)))

    assert seen.measured().failed == {"deadline": 20}
    assert seen.measured().n == 200


def test_the_few_that_hang_come_last_and_are_no_row_of_failures(server: Server, tmp_path: Path) -> None:
    run = opened("/every/50/hang", rate=50, seconds=6, deadline=4.0)

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.ending is Ending.COMPLETE
    assert seen.measured().failed == {"deadline": 6}


def test_what_is_under_way_when_somebody_stops_the_run_is_counted_apart(
    server: Server, tmp_path: Path
) -> None:
    load = probe(server.url, tmp_path)
    with ThreadPoolExecutor() as threads:
        sending = threads.submit(load.send, closed("/hang", users=5, deadline=30.0))
        wait_until(lambda: server.counted.get("GET /hang") == 5, "all users wait")
        load.stop()
        seen = loaded(sending.result())

    assert (seen.ending, seen.measured().n) == (Ending.INTERRUPTED, 0)
    assert (seen.cut, seen.sent) == (5, 5)


def test_what_cannot_be_sent_because_too_much_is_under_way_counts_as_failed(
    server: Server, tmp_path: Path
) -> None:
    run = opened("/ok/600", rate=50, seconds=2, in_flight=10, breaker=1000)

    failed = loaded(probe(server.url, tmp_path).send(run)).measured().failed

    assert failed["dropped"] > 50


def test_a_certificate_for_another_name_is_a_failure_and_the_environments_authority_is_trusted(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "right.pem")
    authority.issue_cert("other.test").private_key_and_cert_chain_pem.write_to_path(tmp_path / "wrong.pem")

    with running(str(tmp_path / "right.pem"), scheme="https", host="localhost") as right:
        good = loaded(probe(right.url, tmp_path, ca=tmp_path / "ca.pem").send(closed("/ok")))
        unknown = loaded(probe(right.url, tmp_path).send(closed("/ok")))
    with running(str(tmp_path / "wrong.pem"), scheme="https", host="localhost") as wrong:
        bad = loaded(probe(wrong.url, tmp_path, ca=tmp_path / "ca.pem").send(closed("/ok")))

    assert good.measured().ok == 200
    assert set(unknown.measured().failed) == set(bad.measured().failed) == {"certificate"}


def test_replies_are_counted_by_the_version_that_their_header_names(server: Server, tmp_path: Path) -> None:
    seen = loaded(
        probe(server.url, tmp_path).send(closed("/version", requests=100, version_header="X-Version"))
    )

    assert seen.versions == ("v1", "v2")
    assert [seen.measured(version=v).n for v in seen.versions] == [50, 50]


def test_a_user_keeps_the_row_of_test_data_that_it_took(server: Server, tmp_path: Path) -> None:
    rows = ((("ms", "1"),), (("ms", "300"),))
    run = closed("/ok/{ms}", users=2, requests=60, data=rows, keeps_row=True)

    assert loaded(probe(server.url, tmp_path).send(run)).measured().n == 60
    assert server.counted["GET /ok/300"] in range(1, 20)  # by the request it would be half of them


def test_two_processes_see_what_one_sees(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened("/ok/5", rate=101, seconds=2, processes=2)))

    assert (seen.ending, seen.workers, seen.measured().n, seen.arrivals) == (Ending.COMPLETE, 2, 202, 202)
    assert server.counted == {"GET /ok/5": 202}


def test_a_stall_is_felt_by_all_who_came_meanwhile(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(opened("/stall/100", rate=100, seconds=3, deadline=3.0)))

    latencies = seen.measured().latencies()
    assert seen.measured().n == 300
    assert sum(latency > 0.3 for latency in latencies) > 50
    assert latencies[-1] >= 0.9


def test_a_token_that_ends_before_the_run_is_no_credential(server: Server, tmp_path: Path) -> None:
    run = opened("/ok", identities=("short",))

    withheld = probe(server.url, tmp_path).send(run)

    assert isinstance(withheld, Withheld)
    assert re.fullmatch(r"not started: the token of short is valid for -?\d+ s, .* 3 s", withheld.reason)
    assert server.counted == {}


def test_without_locust_it_is_told_how_to_get_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("pytest_deploycheck.probes.load.probe.distribution", nothing)

    withheld = probe(server.url, tmp_path).send(opened("/ok"))

    assert withheld == Withheld("locust is not installed: pip install 'pytest-deploycheck[load]'")


def test_a_run_that_is_longer_than_what_is_left_is_not_started(server: Server, tmp_path: Path) -> None:
    withheld = probe(server.url, tmp_path, budget=Budget(duration=2)).send(opened("/ok"))

    assert withheld == Withheld("not started: it may take 3 s, and the budget has 2 s left")


def test_a_sender_that_is_too_slow_blames_itself_and_stops(server: Server, tmp_path: Path) -> None:
    text = "{scenario: [GET /ok], arrivals: 30000/s, duration: 20s, thresholds: [errors<1%]}"
    ((run,),) = asked(check := declare("load", text, context("load"))[0])
    assert isinstance(run, LoadRun)

    seen = loaded(probe(server.url, tmp_path, budget=Budget(load=1_000_000)).send(run))

    outcome = answer(check, seen)
    assert seen.ending is Ending.SATURATED
    assert seen.seconds < 10
    assert isinstance(outcome, Inconclusive)
    assert "the generator is saturated" in outcome.reason
