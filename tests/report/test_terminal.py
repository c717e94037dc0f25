"""The end of a run, as people read it."""

from datetime import date
from typing import Any

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed, Waived
from pytest_deploycheck.model.run import Exchange, Record, SystemRun
from pytest_deploycheck.report.evidence import lines
from pytest_deploycheck.report.terminal import Summary, render
from tests.words import record

HEAD = [
    "environment  local  http://shop.test",
    "version      v1",
]
SPENT = "spent        7 of 100 requests, 1 of 10 writes, 2 queries, 1.2 s"
RED = record(
    Failed("expected 200, got 500\nand no body", hint="look at the log"),
    exchanges=(Exchange("request", "GET /", "500 in 2 ms\nserver: x"),),
    runbook=("R-1",),
    hint="the contract's hint",
    place="deploycheck.yaml:3:5",
)


def told(*records: Record, **fields: Any) -> list[str]:  # noqa: ANN401 - as Summary has them
    run = SystemRun(
        system="Shop",
        environment="local",
        base_url="http://shop.test",
        version="v1",
        records=(),
        spent=fields.pop("spent", Spend(requests=7, writes=1, queries=2)),
        budget=Budget(requests=100, writes=10),
        leftovers=fields.pop("leftovers", ()),
        notes=fields.pop("notes", ()),
    )
    given = {
        "coverage": {},
        "items": 0,
        "undecided_items": 0,
        "not_run": (),
        "uncollected": (),
        "seconds": 1.23,
        "evidence": False,
    }
    return list(render(Summary(run=run, records=records, **{**given, **fields})))


def test_a_green_run_is_short() -> None:
    assert told(record(Passed()), record(Passed(), "b")) == [*HEAD, "smoke            2 passed", SPENT]


def test_one_of_a_thing_is_not_called_several() -> None:
    single = Record(id="smoke::a", marker="smoke", outcome=Passed(), spend=Spend(requests=1))

    text = told(single, spent=Spend(requests=1, queries=1), items=1, coverage={"green": 1})

    assert text[2:] == [
        "smoke            1 passed, 1 request",
        "spent        1 of 100 requests, 0 of 10 writes, 1 query, 1.2 s",
        "runbook      1 item: 1 green",
    ]


def test_what_passed_for_want_of_anything_to_look_at_is_told_together() -> None:
    without = Passed(lacking="there is no bucket")
    lints = (Record(id=f"schema::lint {id_}", marker="schema", outcome=without) for id_ in ("a", "b"))

    assert "NOTHING THERE  schema::lint a, schema::lint b: there is no bucket" in told(*lints)


def test_a_green_load_check_says_what_it_measured() -> None:
    measured = "p(95)<100ms: 30 ms, 0 of 4,000 slower or failed"
    green = Record(id="load::browsing: p95<100ms", marker="load", outcome=Passed(f"{measured}\nand more"))

    text = told(green, spent=Spend(load=4000))

    assert "MEASURED     load::browsing: p(95)<100ms: 30 ms, 0 of 4,000 slower or failed" in text


def test_outcomes_are_counted_for_each_marker() -> None:
    waived = Waived("red", "ann", "known", date(2030, 1, 1))
    unmarked = Record(id="test.py::test_it", marker="", outcome=Passed())

    text = told(record(Passed()), record(waived, "b"), unmarked)

    assert text[2:4] == ["smoke            1 passed, 1 waived", "unmarked         1 passed"]
    assert text[-2:] == ["WAIVED       b until 2030-01-01: known (ann)", "    red"]


def test_a_failure_is_told_with_its_hints_where_its_evidence_stands_above() -> None:
    assert told(RED)[-4:] == [
        "FAILED       smoke::GET /  (R-1)",
        "    expected 200, got 500",
        "    hint: look at the log",
        "    hint: the contract's hint",
    ]


def test_a_failure_is_told_with_its_evidence_where_nothing_else_shows_it() -> None:
    assert told(RED, evidence=True)[4:] == [
        "FAILED       smoke::GET /  (R-1)",
        "    expected 200, got 500",
        "    and no body",
        "      request  GET /",
        "      reply    500 in 2 ms",
        "               server: x",
        "      hint     look at the log",
        "      hint     the contract's hint",
        "      runbook  R-1",
        "      declared deploycheck.yaml:3:5",
    ]


def test_one_cause_is_told_once_with_its_details_and_the_first_of_many_names() -> None:
    cause = "not ready\n`serve` ended with 1\n    no licence"
    many = [record(Inconclusive(cause), f"smoke::{number}", cause=cause) for number in range(8)]

    assert told(record(Inconclusive("not ready"), "release::ready"), *many)[4:] == [
        "INCONCLUSIVE not ready",
        "    | `serve` ended with 1",
        "    |     no licence",
        "    release::ready",
        "    smoke::0",
        "    smoke::1",
        "    smoke::2",
        "    smoke::3",
        "    and 4 more",
    ]


def test_what_was_not_run_or_not_collected_is_named() -> None:
    assert told(not_run=("smoke::a",), uncollected=("test_x.py",))[3:] == [
        "INCONCLUSIVE selected, but not run",
        "    smoke::a",
        "INCONCLUSIVE could not be collected",
        "    test_x.py",
    ]


def test_the_runbook_notes_and_leftovers_are_told() -> None:
    text = told(coverage={"green": 2, "open": 1}, items=3, notes=("removed 1",), leftovers=("POST / (7)",))

    assert text[3:] == [
        "runbook      3 items: 2 green, 1 open",
        "note         removed 1",
        "LEFT BEHIND  POST / (7)",
    ]


def test_the_evidence_of_a_check_that_passed_gives_no_reason() -> None:
    assert list(lines(record(Passed("v1")))) == []


def test_each_family_of_checks_says_what_it_has_sent() -> None:
    text = told(record(Passed(), spend=Spend(requests=3)), record(Passed(), "b", spend=Spend(requests=4)))

    assert text[2] == "smoke            2 passed, 7 requests"
