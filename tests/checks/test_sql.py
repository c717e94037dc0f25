"""Invariants in SQL: what a statement must return, and that nothing is proven by nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Statement, Transaction
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, declare_one, reading

ID = UUID("6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11")


def judge(expectation: str, *rows: tuple[object, ...]) -> Outcome:
    check = declare_one("sql", f"[{{sql: table b, {expectation}}}]", reading())
    return answer(check, Answers((Rows(("a",), rows),)))


def test_it_is_asked_as_the_reader_within_its_time_and_never_for_many_rows() -> None:
    text = "[{sql: 'select 1; -- one', equals: 1, timeout: 2s, name: one is one, runbook: WC-16}]"
    check = declare_one("sql", text, reading())

    assert (check.title, check.spend, check.runbook) == ("one is one", Spend(queries=1), ("WC-16",))
    assert asked(check)[0] == (
        Transaction(
            statements=(Statement(sql="SELECT * FROM (\nselect 1\n) AS answer LIMIT 101"),),
            role="rows",
            settings=(("row_security", "off"),),
            timeout=2.0,
            purpose="invariant",
        ),
    )


def test_without_a_name_it_is_called_by_its_statement() -> None:
    check = declare_one("sql", f"[{{sql: 'select  {'a, ' * 30}1', empty: true}}]")

    assert check.title == f"select {'a, ' * 17}a,..."


@pytest.mark.parametrize(
    ("expectation", "value"),
    [
        ("equals: 0", 0),
        ("equals: 0", Decimal("0")),
        ("equals: 1.5", Decimal("1.5")),
        ("equals: true", True),
        ("equals: null", None),
        ("equals: 6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11", ID),
        ("equals: '2026-01-15 09:00:00+00:00'", datetime(2026, 1, 15, 9, tzinfo=UTC)),
        ("equals: 90", timedelta(minutes=1.5)),
        ("equals: '00ff'", b"\x00\xff"),
        ("equals: [[[1, {a: 2}]]]", [1, {"a": Decimal(2)}]),
        ("under: 5", 4.9),
        ("at_least: 5", Decimal(5)),
    ],
)
def test_a_value_is_what_it_should_be(expectation: str, value: object) -> None:
    assert isinstance(judge(expectation, (value,)), Passed)


@pytest.mark.parametrize(
    ("expectation", "value", "reason"),
    [
        ("equals: 0", 3, "expected 0, got 3"),
        ("equals: 0", None, "expected 0, got null"),
        ("equals: 1", True, "expected 1, got true"),
        ("equals: '1'", 1, 'expected "1", got 1'),
        ("under: 5", 5, "expected under 5, got 5"),
        ("at_least: 5", 4, "expected at least 5, got 4"),
    ],
)
def test_a_value_that_is_not_says_both(expectation: str, value: object, reason: str) -> None:
    assert judge(expectation, (value,)) == Failed(reason)


def test_rows_are_compared_in_their_order() -> None:
    assert isinstance(judge("equals: [[a, 1], [b, 2]]", ("a", 1), ("b", 2)), Passed)
    assert judge("equals: [[a, 1], [b, 2]]", ("b", 2), ("a", 1)) == Failed(
        'expected 2 rows: ["a", 1], ["b", 2], got 2 rows: ["b", 2], ["a", 1]'
    )


def test_rows_where_none_should_be_are_counted_and_a_few_shown() -> None:
    assert judge("empty: true", (1,), (2,), (3,), (4,)) == Failed(
        "expected no row, got 4 rows: [1], [2], [3]"
    )
    many = judge("empty: true", *((n,) for n in range(101)))
    assert many == Failed("expected no row, got more than 100 rows: [0], [1], [2]")


def test_no_row_is_what_is_asked_for_or_it_is_not() -> None:
    assert judge("empty: true") == Passed("no row")
    assert judge("empty: false", (1,)) == Passed("1")
    assert judge("empty: false") == Failed("expected at least one row, got no row")
    assert judge("equals: 0") == Failed("expected 0, got no row")


@pytest.mark.parametrize("rows", [(), ((None,),), ((1, 2),), ((1,), (2,)), (("5",),), ((True,),)])
def test_what_is_no_number_is_not_compared_with_one(rows: tuple[tuple[object, ...], ...]) -> None:
    outcome = judge("under: 5", *rows)

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.startswith("one number is to be under 5, and the statement returns ")


def test_a_control_that_finds_nothing_leaves_it_open() -> None:
    check = declare_one("sql", "[{sql: select 1 where false, empty: true, control: select count(*) from b}]")
    nothing = Rows((), ())

    assert check.spend == Spend(queries=2)
    assert answer(check, Answers((nothing, Rows((), ((7,),))))) == Passed("no row")
    for control in (Rows((), ((0,),)), Rows((), ((None,),)), nothing):
        outcome = answer(check, Answers((nothing, control)))
        assert isinstance(outcome, Inconclusive)
        assert outcome.reason.endswith("of nothing, anything holds")


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (Refused("57014", "canceling"), "no answer within 5 s; a longer `timeout` would decide it"),
        (Refused("42P01", 'relation "b" does not exist'), 'relation "b" does not exist (SQLSTATE 42P01)'),
        (Refused("25006", "cannot execute nextval()"), "cannot execute nextval() (SQLSTATE 25006)"),
    ],
)
def test_a_statement_that_is_refused_decides_nothing(refused: Refused, reason: str) -> None:
    check = declare_one("sql", "[{sql: table b, equals: 1}]")

    assert answer(check, Answers((refused,))) == Inconclusive(f"table b: {reason}")


def test_without_the_database_nothing_is_decided() -> None:
    check = declare_one("sql", "[{sql: select 1, equals: 1}]")

    assert answer(check, Silence("refused")) == Inconclusive("the database did not answer: refused")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{sql: select 1}]", "it expects nothing"),
        ("[{sql: select 1, equals: 1, empty: true}]", "it expects equals and empty"),
        ("[{sql: select 1, equals: [1]}]", "rows are lists"),
        (f"[{{sql: select 1, equals: {[[n] for n in range(101)]}}}]", "101 rows"),
    ],
)
def test_one_thing_is_expected(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("sql", text)


@pytest.mark.parametrize(
    "text", ["[]", "[{sql: delete from b, empty: true}]", "[{sql: 'a; b', empty: true}]"]
)
def test_a_statement_that_could_write_is_a_mistake(text: str) -> None:
    with pytest.raises(ValidationError):
        declare("sql", text)
