"""How long statements take on average, as pg_stat_statements has counted since its last reset.

Its columns have other names before version 1.8 (PostgreSQL 13), and the moment of the reset is told since
1.9 (PostgreSQL 14): what is there is asked first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from string import Template

from pydantic import Field

from pytest_deploycheck.checks.activity.item import STATISTICS, Part, Table, ask, outcome
from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.language.amount import Duration, told_duration
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many, some
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

QUERIES = 3

THERE = """
SELECT n.nspname, array_agg(a.attname::text),
       pg_catalog.to_regclass(pg_catalog.format('%I.pg_stat_statements_info', n.nspname)) IS NOT NULL
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements'
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE e.extname = 'pg_stat_statements'
GROUP BY n.nspname
"""

_OF_OTHERS = """
FROM $schema.pg_stat_statements AS s
WHERE s.dbid = (
    SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND s.userid <> ALL (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname IN (session_user, $reader))
  AND coalesce(s.query, '')
      !~* '^\\s*(vacuum|analyze|create|alter|drop|reindex|cluster|refresh|copy|truncate)\\M'
"""
"""Statements of this database, the gate's own and maintenance left out."""

_INFO = Template("(SELECT i.$column FROM $schema.pg_stat_statements_info AS i)")
_COUNT = Template(
    "SELECT count(*), count(*) FILTER (WHERE s.calls >= $calls),"
    " count(*) FILTER (WHERE s.query = '<insufficient privilege>'),"
    " $reset, $gone, pg_catalog.clock_timestamp()" + _OF_OTHERS
)
_SLOW = Template(
    "SELECT coalesce(s.query, '(its text is lost)'), s.calls, s.$mean,"
    " pg_catalog.pg_get_userbyid(s.userid)::text"
    + _OF_OTHERS
    + "AND s.calls >= $calls AND s.$mean >= $limit ORDER BY s.$mean DESC LIMIT 100"  # _FETCHED
)

MEND = "EXPLAIN (ANALYZE, BUFFERS) the first, as the role that calls it"

_FETCHED = 100
_SHOWN = 10
_LONGEST = 100


class Statements(Part):
    """The mean of no statement with at least `calls` calls reaches `under`.

    `reset_within`: the statistics must have been reset no longer ago, for an average since the deploy.
    `except` names parts of statements' texts, each with the reason.
    """

    under: Duration = 0.2
    calls: int = Field(default=20, ge=1)
    reset_within: Duration | None = None
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How many statements were counted, and since when."""

    all: int
    judged: int
    hidden: int
    reset: datetime | None
    gone: int | None
    now: datetime

    @property
    def since(self) -> str:
        """The last reset, in words."""
        if self.reset is None:
            return "since a reset that is not told"
        return f"since the reset {told_duration((self.now - self.reset).total_seconds())} ago"


def steps(part: Statements, role: str | None) -> Steps:
    """Ask what columns there are, then for slow statements."""
    there = yield from ask([THERE], "pg_stat_statements")
    if isinstance(there, Inconclusive):
        return there
    if not there[0]:
        told = "pg_stat_statements is not installed: CREATE EXTENSION pg_stat_statements"
        return Inconclusive(f"{told}, and name it in shared_preload_libraries")
    ((schema, columns, has_info),) = there[0]
    found = yield from ask(_questions(part, role, schema, columns, told_reset=has_info), "slow statements")
    if isinstance(found, Inconclusive):
        grant = f"GRANT USAGE ON SCHEMA {schema} TO the database's login"
        return Inconclusive(f"{found.reason}; {grant}" if "42501" in found.reason else found.reason)
    (counts,), slow = found
    return _judge(part, _Seen(*counts), slow)


def _questions(
    part: Statements, role: str | None, schema: str, columns: list[str], *, told_reset: bool
) -> list[str]:
    names = {
        "schema": quoted(schema),
        "mean": "mean_exec_time" if "mean_exec_time" in columns else "mean_time",
        "calls": str(part.calls),
        "limit": str(part.under * 1000),
        "reader": "'" + (role or "").replace("'", "''") + "'",
        "reset": _of_info(schema, "stats_reset") if told_reset else "NULL",
        "gone": _of_info(schema, "dealloc") if told_reset else "NULL",
    }
    return [_COUNT.substitute(names), _SLOW.substitute(names)]


def _of_info(schema: str, column: str) -> str:
    return _INFO.substitute(schema=quoted(schema), column=column)


def _judge(part: Statements, seen: _Seen, slow: Table) -> Outcome:
    counted = [each for each in slow if not any(text in each[0] for text in part.exceptions)]
    faults = [
        f"{told_duration(mean / 1000)} on average of {many(calls, 'call')} as {role}: {_short(query)}"
        for query, calls, mean, role in counted[:_SHOWN]
    ]
    if faults:
        number = (
            many(len(counted), "statement takes", "statements take")
            if len(counted) < _FETCHED
            else f"{_FETCHED} statements or more take"
        )
        faults.insert(0, f"{number} {told_duration(part.under)} or longer, {seen.since}")
    called = some(seen.judged, seen.all, "statement", "was", "were")
    note = f"{called} called {many(part.calls, 'time')} or more, {seen.since}"
    if seen.gone:
        note += f"; {many(seen.gone, 'time')} the rarest were forgotten (pg_stat_statements.max)"
    return outcome(faults, list(_undecided(part, seen)), note, MEND)


def _undecided(part: Statements, seen: _Seen) -> Iterator[str]:
    if seen.hidden:
        hidden = many(seen.hidden, "statement of another role is", "statements of other roles are")
        yield f"{hidden} hidden: {STATISTICS}"
    elif not seen.judged:
        often = many(part.calls, "time")
        yield f"no statement but the gate's own was called {often}, {seen.since}: nothing to judge"
    if part.reset_within is not None:
        age = None if seen.reset is None else (seen.now - seen.reset).total_seconds()
        if age is None or age > part.reset_within:
            yield (
                f"the averages are those {seen.since}, of older releases too, and at most "
                f"{told_duration(part.reset_within)} are allowed: pg_stat_statements_reset() after the deploy"
            )


def _short(query: str) -> str:
    line = " ".join(query.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
