"""Readiness and the served version: what is waited for, and who serves what."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, Pause
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare, declare_one, reply

READY = "{path: /health, timeout: 2s, interval: 1s}"
VERSION = "{path: /version, json: $.commit, equals: abc, consecutive: 2, timeout: 2s, interval: 1s}"
REPLICATED = (
    "{path: /version, json: $.commit, equals: abc, consecutive: 2, timeout: 2s, interval: 1s,"
    " replica: {json: $.replica, count: 2}}"
)
WAITED = Paused(1.0)


def ready(text: str = READY) -> Check:
    return declare_one("ready", text)


def served(commit: str, replica: str = "r1") -> Reply:
    return reply(body=f'{{"commit": "{commit}", "replica": "{replica}"}}')


def test_readiness_is_prepared_once_under_release() -> None:
    check = ready()

    assert (check.id, check.marker, check.phase) == ("release::ready", "smoke", Phase.PREPARE)
    assert check.spend == Spend(requests=3)


def test_what_answers_is_ready() -> None:
    assert answer(ready(), Silence("connection refused"), WAITED, reply(404)) == Passed("ready after 1.1 s")


def test_each_question_has_the_time_that_is_left() -> None:
    rounds = asked(ready(), Silence("refused", 0.5), WAITED)

    assert rounds[1] == (Pause(1.0),)
    assert rounds[2] == (
        HttpRequest(method="GET", target="/health", fresh=True, timeout=0.5, purpose="ready"),
    )


def test_what_never_answers_is_not_ready() -> None:
    assert answer(ready(), Silence("refused"), WAITED, Silence("refused"), WAITED) == Inconclusive(
        "not ready after 2.0 s: GET /health: refused"
    )


def test_a_server_that_answers_only_errors_is_not_ready() -> None:
    assert answer(ready(), reply(503, elapsed=2.5)) == Inconclusive(
        "not ready after 2.5 s: GET /health: it answers 503, expected below 500"
    )


def test_a_status_of_the_contract_wins() -> None:
    check = ready("{path: /health, timeout: 1s, status: 2xx}")

    assert answer(check, reply(404), WAITED) == Inconclusive(
        "not ready after 1.1 s: GET /health: it answers 404, expected 2xx"
    )


@pytest.mark.parametrize("evidence", [(Withheld("budget spent"),), (Silence("refused"), Withheld("over"))])
def test_without_time_or_budget_the_wait_ends(evidence: tuple[Evidence, ...]) -> None:
    assert isinstance(answer(ready(), *evidence), Inconclusive)


def test_a_version_served_several_times_in_a_row_is_proven() -> None:
    check = declare_one("version", VERSION)

    assert (check.id, check.phase, check.spend) == ("release::version", Phase.PREPARE, Spend(requests=5))
    assert answer(check, served("abc"), served("abc")) == Passed("abc")


def test_every_question_has_a_connection_of_its_own() -> None:
    ((request,),) = asked(declare_one("version", VERSION))

    assert isinstance(request, HttpRequest)
    assert request.fresh


def test_an_old_version_that_goes_in_time_is_forgiven() -> None:
    check = declare_one("version", VERSION)

    assert answer(check, served("old"), WAITED, served("abc"), served("abc")) == Passed("abc")


def test_an_old_version_that_stays_is_named() -> None:
    check = declare_one("version", VERSION)

    assert answer(check, served("abc"), served("old"), WAITED, served("old"), WAITED) == Failed(
        "GET /version: expected 'abc' 2 times in a row, but it serves 'old'"
    )


def test_the_replica_with_the_old_version_is_named() -> None:
    check = declare_one("version", REPLICATED)

    outcome = answer(
        check, served("abc"), served("old", "r2"), WAITED, served("abc"), served("old", "r2"), WAITED
    )

    assert outcome == Failed(
        "GET /version: expected 'abc' 2 times in a row, but replica r2 serves 'old', replica r1 serves 'abc'"
    )


def test_a_replica_that_was_never_seen_proves_nothing() -> None:
    check = declare_one("version", REPLICATED)

    assert check.spend == Spend(requests=15)
    assert answer(check, *[served("abc")] * 15) == Inconclusive(
        "GET /version: of 2 replicas only these were seen: r1"
    )


def test_both_replicas_must_be_seen() -> None:
    check = declare_one("version", REPLICATED)

    assert answer(check, served("abc"), served("abc"), served("abc", "r2")) == Passed("abc")


def test_replies_that_do_not_tell_the_replica_count_for_none() -> None:
    check = declare_one("version", REPLICATED)

    assert answer(check, *[reply(body='{"commit": "abc"}')] * 15) == Inconclusive(
        "GET /version: of 2 replicas only these were seen: none, $.replica is not there"
    )


def test_replicas_that_can_be_reached_are_asked_directly() -> None:
    check = declare_one("version", VERSION, context(replicas=("http://one", "http://two")))

    rounds = asked(check, *[served("abc")] * 5)
    bases = [request.base for (request,) in rounds if isinstance(request, HttpRequest)]

    assert bases == [None, None, "http://one", "http://one", "http://two", "http://two"]
    assert check.spend == Spend(requests=15)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (reply(503), "status 503"),
        (reply(body="<html>"), "nothing at $.commit"),
        (reply(body="{}"), "nothing at $.commit"),
    ],
)
def test_what_is_no_version_is_a_fault(seen: Reply, said: str) -> None:
    check = declare_one("version", VERSION)

    assert answer(check, seen, WAITED, seen, WAITED) == Failed(
        f"GET /version: expected 'abc' 2 times in a row, but it serves {said}"
    )


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Withheld("budget spent"), "GET /version was not sent: budget spent"),
        (reply(429), "GET /version: rate limited (429)"),
    ],
)
def test_without_an_answer_the_version_is_unknown(seen: Evidence, reason: str) -> None:
    assert answer(declare_one("version", VERSION), seen) == Inconclusive(reason)


def test_a_silent_server_serves_no_version() -> None:
    check = declare_one("version", VERSION)

    assert answer(check, served("abc"), Silence("reset", 2.0)) == Inconclusive(
        "GET /version: no answer: reset"
    )


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("{path: /v, header: X-Commit, equals: abc, consecutive: 1}", reply(x_commit="abc")),
        ("{path: /v, body: true, equals: 12, consecutive: 1}", reply(body="12\n")),
    ],
)
def test_a_version_may_stand_in_a_header_or_be_the_body(text: str, evidence: Reply) -> None:
    assert isinstance(answer(declare_one("version", text), evidence), Passed)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        (
            "{path: /v, equals: a}",
            "where does the reply say its version?",
            "one of json, header and body: true",
        ),
        (
            "{path: /v, body: true, equals: a, replica: {count: 2}}",
            "what tells replicas apart?",
            "one of json and header",
        ),
    ],
)
def test_a_version_that_nobody_could_read_is_a_mistake(text: str, message: str, expected: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("version", text)

    assert (caught.value.message, caught.value.expected) == (message, expected)
