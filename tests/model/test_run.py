"""A record travels as JSON and comes back the same."""

import json
from datetime import date

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed, Waived
from pytest_deploycheck.model.run import Exchange, Record, from_json, to_json


@pytest.mark.parametrize(
    "outcome",
    [Passed("v1"), Failed("red", hint="look"), Inconclusive("open"), Waived("r", "o", "j", date(2030, 1, 1))],
    ids=lambda outcome: type(outcome).__name__,
)
def test_a_record_survives_the_way_from_a_worker(outcome: Outcome) -> None:
    record = Record(
        id="smoke::GET /",
        marker="smoke",
        outcome=outcome,
        exchanges=(Exchange("request", "GET /", "200"),),
        spend=Spend(1, 2, 3),
        seconds=0.5,
        runbook=("R-1", "R-2"),
        hint="look",
        place="deploycheck.yaml:1:1",
        cause="down",
    )

    assert from_json(json.loads(json.dumps(to_json(record)))) == record


def test_headers_are_joined_as_http_has_it() -> None:
    reply = Reply(status=204, headers=(("vary", "a"), ("x", "1"), ("vary", "b")), body=b"\xff")

    assert reply.header("Vary") == "a, b"
    assert reply.header("y") is None
    assert reply.text == "�"
    assert reply.ok
    assert not Reply(status=301).ok
