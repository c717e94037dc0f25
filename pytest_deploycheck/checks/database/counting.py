"""Counts the rows of tables, each exactly up to a bound: beyond it the count is only "more"."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from pytest_deploycheck.checks.database.reader import Reader, quoted
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.language.amount import Limit
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement

BOUND = 1_000_000
"""Rows that are counted of a table where nothing else is said."""

_COUNT = Template("SELECT count(*) FROM (SELECT FROM $table LIMIT $most) AS counted")
_NOT_THERE = "42P01"
"""undefined_table (PostgreSQL, appendix A)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a table has; if `more`, it has more than that many."""

    rows: int
    more: bool = False

    def __str__(self) -> str:
        return f"more than {self.rows}" if self.more else str(self.rows)

    @property
    def told(self) -> str:
        """The number with its word."""
        return many(self.rows + self.more, "row", shown=str(self))

    def keeps(self, limit: Limit) -> bool | None:
        """Whether it is as the limit has it; None if counting further would decide it."""
        if not self.more:
            return limit.holds(self.rows)
        if not limit.sign and limit.number > self.rows:
            return None
        fewest, most = limit.holds(self.rows + 1), limit.holds(float("inf"))
        return fewest if fewest == most else None


class Missing:
    """There is no such table."""


def count(
    tables: Sequence[str], reader: Reader, bound: int
) -> Asking[list[Counted | Missing | str] | Inconclusive]:
    """Count each of the tables (schema.table); a text says why one could not be counted."""
    statements = [counting(table, bound) for table in tables]
    answers = yield from reader.ask(statements, "row counts")
    if isinstance(answers, Inconclusive):
        return answers
    return [counted(answer, table, reader, bound) for table, answer in zip(tables, answers, strict=True)]


def counting(table: str, bound: int) -> Statement:
    """Return the statement that counts the rows of one table."""
    name = quoted(*table.split(".", 1))
    return Statement(sql=_COUNT.substitute(table=name, most=bound + 1), purpose=f"rows of {table}")


def counted(answer: Rows | Refused, table: str, reader: Reader, bound: int) -> Counted | Missing | str:
    """Return what an answer says of a table."""
    match answer:
        case Rows(rows=((int(rows),),)):
            return Counted(bound, more=True) if rows > bound else Counted(rows)
        case Refused(sqlstate=code) if code == _NOT_THERE:
            return Missing()
        case Refused():
            return reader.why(answer, table, table)
        case _:
            return f"{table}: not counted"
