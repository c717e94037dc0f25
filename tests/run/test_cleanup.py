"""What was created is removed, and proven gone, whatever the replies say."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.run.cleanup import identify, removal
from pytest_deploycheck.safety.ledger import Entry
from pytest_deploycheck.testing import answer, asked
from tests.words import CREATION, entry, reply

NOTHING = reply(200, '{"items": []}')
ONE = reply(200, '{"items": [{"id": 7}]}')
GONE = reply(404)


def lines(removed: Entry, *evidence: Evidence) -> list[str]:
    rounds = asked(lambda: removal(removed), *evidence)
    probes = [probe for each in rounds for probe in each]
    assert all(isinstance(probe, HttpRequest) and probe.identity == "ann" for probe in probes)
    return [f"{probe.method} {probe.target}" for probe in probes if isinstance(probe, HttpRequest)]


def test_what_is_known_is_deleted_asked_for_and_looked_for_again() -> None:
    replies = (ONE, reply(204), GONE, NOTHING)

    assert answer(lambda: removal(entry("7")), *replies) == Passed("removed")
    assert lines(entry("7"), *replies) == [
        "GET /orders?reference=mark-1",
        "DELETE /orders/7",
        "GET /orders/7",
        "GET /orders?reference=mark-1",
    ]


def test_what_no_reply_told_is_found_by_its_mark() -> None:
    two = reply(200, '{"items": [{"id": "a/b"}, {"id": 8}]}')

    assert lines(entry(), two, reply(204), GONE, reply(204), GONE, NOTHING) == [
        "GET /orders?reference=mark-1",
        "DELETE /orders/a%2Fb",
        "GET /orders/a%2Fb",
        "DELETE /orders/8",
        "GET /orders/8",
        "GET /orders?reference=mark-1",
    ]


def test_where_nothing_is_found_nothing_is_deleted() -> None:
    assert answer(lambda: removal(entry()), NOTHING, NOTHING) == Passed()


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (reply(200), "200"),
        (reply(403), "403"),
        (reply(500), "500"),
        (Silence("no answer"), "no answer"),
        (Withheld("not sent: ann cannot log in"), "not sent: ann cannot log in"),
    ],
)
def test_what_is_not_proven_gone_is_still_there(answered: Evidence, said: str) -> None:
    outcome = answer(lambda: removal(entry("7")), ONE, reply(204), answered)

    assert outcome == Failed(f"GET /orders/7 answered {said} after its removal")


def test_what_another_answer_calls_gone_is_gone() -> None:
    assert answer(lambda: removal(entry("7")), ONE, reply(404), reply(410), NOTHING) == Passed("removed")


def test_what_is_still_found_is_still_there() -> None:
    outcome = answer(lambda: removal(entry("7")), ONE, reply(204), GONE, ONE)

    assert outcome == Failed("1 still carry the mark mark-1")


@pytest.mark.parametrize("trouble", [reply(500), Silence("500")])
def test_where_nobody_can_look_it_may_still_be_there(trouble: Evidence) -> None:
    told = "GET /orders?reference={mark} answered 500: whether anything is left cannot be told"

    assert answer(lambda: removal(entry()), trouble) == Failed(told)
    assert answer(lambda: removal(entry("7")), trouble, reply(204), GONE, trouble) == Failed(told)


def test_without_a_search_the_known_id_is_proven_gone() -> None:
    creation = replace(CREATION, find=None, found=None)

    assert answer(lambda: removal(entry("7", creation=creation)), reply(204), GONE) == Passed("removed")


def test_without_a_search_and_an_id_nobody_can_tell() -> None:
    creation = replace(CREATION, find=None, found=None)

    assert answer(lambda: removal(entry(creation=creation))) == Failed(
        "its id was never told, and the contract cannot find it"
    )


@pytest.mark.parametrize(
    ("identified_by", "answered", "found"),
    [
        ("$.id", reply(201, '{"id": 7}'), "7"),
        ("$.order.id", reply(201, '{"id": 7}'), None),
        ("$.id", reply(201, "no JSON"), None),
        ("$.id", reply(409, '{"id": 7}'), None),
        ("$.id", None, None),
        ("order-{mark}", None, "order-mark-1"),
    ],
)
def test_the_id_is_what_the_reply_tells_or_the_client_chose(
    identified_by: str, answered: Reply | None, found: str | None
) -> None:
    creation = replace(CREATION, identify=identified_by)

    assert identify(entry(creation=creation), answered) == found
