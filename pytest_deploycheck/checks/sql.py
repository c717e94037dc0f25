"""What always holds of the rows, in the words of the system: a statement, and what it must return."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.statement import ReadingSql, Sql
from pytest_deploycheck.checks.database.values import Plain, plain
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Statement

MOST = 100
"""Rows that are fetched, and one more to know whether there are more."""

_SHOWN = 3
_TITLE = 60
_EXPECTATIONS = ("equals", "empty", "under", "at_least")


class Invariant(BaseModel):
    """A statement that reads, and one of: `equals` a value or rows, `empty`, `under` or `at_least` a number.

    `control` is a statement that must return something true first: of no rows anything holds.
    """

    model_config = PART

    sql: ReadingSql
    equals: Any = None
    empty: bool = True
    under: float | None = None
    at_least: float | None = None
    control: ReadingSql | None = None
    timeout: Duration = 5.0
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


Section = Annotated[list[Invariant], Field(min_length=1)]


def checks(section: list[Invariant], context: Context) -> Iterable[Check]:
    """Return a check for each statement.

    Raises:
        Misuse: unless each expects exactly one thing, and rows are lists of lists.
    """
    for index, invariant in enumerate(section):
        yield Check(
            marker=context.marker,
            title=invariant.name or _title(invariant.sql),
            place=context.place((index,)),
            steps=partial(
                _ask, invariant, _expectation(index, invariant), Reader.of(context, invariant.timeout)
            ),
            spend=Spend(queries=2 if invariant.control else 1),
            runbook=invariant.runbook,
            hint=invariant.hint,
        )


def _expectation(index: int, invariant: Invariant) -> str:
    given = [key for key in _EXPECTATIONS if key in invariant.model_fields_set]
    if len(given) != 1:
        told = f"it expects {' and '.join(given)}" if given else "it expects nothing"
        raise Misuse(told, at=(index,), expected=f"one of {', '.join(_EXPECTATIONS)}")
    if isinstance(rows := invariant.equals, list):
        if not all(isinstance(row, list) for row in rows):
            raise Misuse("rows are lists", at=(index, "equals"), expected="a value, or [[...], [...]]")
        if len(rows) > MOST:
            told = f"{many(len(rows), 'row is', 'rows are')} too many to compare"
            raise Misuse(told, at=(index, "equals"), expected=f"at most {MOST}; or a statement that counts")
    return given[0]


def _title(sql: Sql) -> str:
    text = " ".join(sql.text.split())
    return text if len(text) <= _TITLE else f"{text[:_TITLE]}..."


def _ask(invariant: Invariant, expectation: str, reader: Reader) -> Steps:
    asked = [invariant.sql, *([invariant.control] if invariant.control else [])]
    answers = yield from reader.ask([_bounded(sql) for sql in asked], "invariant")
    if isinstance(answers, Inconclusive):
        return answers
    for sql, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Refused):
            return Inconclusive(reader.why(answer, _title(sql), "what it reads"))
    rows, *controls = (_plain(answer) for answer in answers if isinstance(answer, Rows))
    if any(not _true(control) for control in controls):
        return Inconclusive(f"the control returns {_told(controls[0])}: of nothing, anything holds")
    return _JUDGES[expectation](getattr(invariant, expectation), rows)


def _bounded(sql: Sql) -> Statement:
    return Statement(sql="\n".join(("SELECT * FROM (", sql.text, f") AS answer LIMIT {MOST + 1}")))


def _plain(answer: Rows) -> list[list[Plain]]:
    return [[plain(value) for value in row] for row in answer.rows]


def _true(rows: list[list[Plain]]) -> bool:
    return bool(rows and rows[0] and rows[0][0])


def _told(rows: list[list[Plain]]) -> str:
    if not rows:
        return "no row"
    if len(rows) == 1 and len(rows[0]) == 1:
        return shown(rows[0][0])
    count = f"more than {MOST}" if len(rows) > MOST else str(len(rows))
    return f"{count} rows: {', '.join(shown(row) for row in rows[:_SHOWN])}"


def _equals(expected: Any, rows: list[list[Plain]]) -> Outcome:  # noqa: ANN401 - as the contract has it
    wanted = expected if isinstance(expected, list) else [[expected]]
    if _same(rows, wanted):
        return Passed(_told(rows))
    return Failed(f"expected {_told(wanted)}, got {_told(rows)}")


def _same(rows: Any, wanted: Any) -> bool:  # noqa: ANN401 - JSON
    """Compare as JSON does: true is not 1."""
    if isinstance(rows, list) and isinstance(wanted, list):
        return len(rows) == len(wanted) and all(map(_same, rows, wanted))
    return isinstance(rows, bool) == isinstance(wanted, bool) and bool(rows == wanted)


def _empty(expected: bool, rows: list[list[Plain]]) -> Outcome:  # noqa: FBT001 - as the contract has it
    if expected == (not rows):
        return Passed(_told(rows))
    return Failed(f"expected {'no row' if expected else 'at least one row'}, got {_told(rows)}")


def _under(limit: float, rows: list[list[Plain]]) -> Outcome:
    return _number(rows, f"under {limit:g}", lambda number: number < limit)


def _at_least(limit: float, rows: list[list[Plain]]) -> Outcome:
    return _number(rows, f"at least {limit:g}", lambda number: number >= limit)


def _number(rows: list[list[Plain]], words: str, holds: Callable[[float], bool]) -> Outcome:
    match rows:
        case [[int() | float() as number]] if not isinstance(number, bool):
            return Passed(f"{number:g}") if holds(number) else Failed(f"expected {words}, got {number:g}")
        case _:
            return Inconclusive(f"one number is to be {words}, and the statement returns {_told(rows)}")


_JUDGES: dict[str, Callable[[Any, list[list[Plain]]], Outcome]] = {
    "equals": _equals,
    "empty": _empty,
    "under": _under,
    "at_least": _at_least,
}
