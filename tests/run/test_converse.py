"""A conversation is held within what its check declared, and told without secrets."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Mark, Reply, Rows, Silence
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Query
from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.run.converse import OverspentError, converse
from pytest_deploycheck.safety.redact import Redactor
from tests.words import answering, asks, check, get, reply

POST = HttpRequest(method="POST", target="/orders", writes=True)


def test_a_record_tells_the_outcome_what_was_asked_and_what_it_cost() -> None:
    asked = check(
        steps=asks(get("/a"), POST, then=Failed("it is red", hint="look")),
        spend=Spend(requests=2, writes=1),
        runbook=("R-1",),
        hint="the contract's",
    )

    record = converse(asked, answering(reply(200, "ok"), Reply(status=201, elapsed=0.25)), Redactor())

    assert record.outcome == Failed("it is red", hint="look")
    assert record.exchanges == (
        Exchange("request", "GET /a", "200 in 0 ms\nok"),
        Exchange("request", "POST /orders", "201 in 250 ms (empty body)"),
    )
    assert record.spend == Spend(requests=2, writes=1)
    assert (record.id, record.runbook, record.hint) == ("smoke::GET /", ("R-1",), "the contract's")
    assert record.place == "deploycheck.yaml:3:5"


def test_a_reply_that_was_there_before_costs_nothing_and_counts_as_declared() -> None:
    asked = check(steps=asks(get("/a", once=True), get("/b")), spend=Spend(requests=2))

    record = converse(asked, answering(Reply(status=200, again=True), reply(200, "ok")), Redactor())

    assert record.spend == Spend(requests=1)
    assert record.exchanges[0].got == "200 as before (empty body)"


def test_a_conversation_without_probes_is_over_at_once() -> None:
    assert converse(check(steps=asks()), answering(), Redactor()).outcome == Passed()


def test_a_mark_costs_nothing_and_is_not_told() -> None:
    record = converse(check(steps=asks(NewMark())), answering(Mark("m")), Redactor())

    assert record.exchanges == ()
    assert record.spend == Spend()


@pytest.mark.parametrize(
    ("probe", "declared"),
    [
        (get(), Spend()),
        (POST, Spend(requests=1)),
        (Query(sql="select 1"), Spend(requests=9, writes=9)),
    ],
    ids=["request", "write", "query"],
)
def test_what_was_not_declared_is_not_sent(probe: HttpRequest | Query, declared: Spend) -> None:
    with pytest.raises(OverspentError, match=r"declared Spend\(.*\), asked for Spend\("):
        converse(check(steps=asks(probe), spend=declared), answering(), Redactor())


@pytest.mark.parametrize("outcome", [Failed("got hunter2", hint="not hunter2"), Inconclusive("got hunter2")])
def test_neither_the_reason_nor_the_evidence_shows_a_secret(outcome: Failed | Inconclusive) -> None:
    redactor = Redactor()
    redactor.add("hunter2")
    asked = check(steps=asks(get("/?key=hunter2"), Query(sql="select 1"), then=outcome), spend=Spend(1, 0, 1))

    record = converse(asked, answering(Silence("no hunter2"), Rows(("a",), (("hunter2",),))), redactor)

    assert "hunter2" not in repr(record)
    assert record.exchanges[0] == Exchange("request", "GET /?key=***", "no answer: no ***")
    assert record.exchanges[1] == Exchange("query", "select 1", "1 row: (('***',),)")
