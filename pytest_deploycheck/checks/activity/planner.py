"""Whether the planner knows the tables: that they were analysed, and did not change much since."""

from pydantic import Field

from pytest_deploycheck.checks.activity.item import Part, Table, ask, outcome
from pytest_deploycheck.checks.language.amount import Duration, Percent, told_duration
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

QUERIES = 1

SQL = """
SELECT s.schemaname || '.' || s.relname,
       greatest(s.n_live_tup, c.reltuples::bigint, 0),
       s.n_mod_since_analyze,
       extract(epoch FROM pg_catalog.clock_timestamp()
                          - greatest(s.last_analyze, s.last_autoanalyze))::float8,
       EXISTS (SELECT FROM pg_catalog.pg_stats AS p
               WHERE p.schemaname = s.schemaname AND p.tablename = s.relname),
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
ORDER BY 1
"""
"""Rows as counted or estimated, changes and seconds since the last ANALYZE, whether there are statistics, and
whether this role could see them: pg_stats hides those of tables whose rows it may not see."""

_DAY = 86400.0


class Statistics(Part):
    """Every table with at least `rows` rows has statistics.

    They are no older than `under`, unless less than a share of `changed` of the rows has changed since.
    """

    under: Duration = 7 * _DAY
    changed: Percent = 0.2
    rows: int = Field(default=1000, ge=0)


def steps(part: Statistics, role: str | None) -> Steps:
    """Ask as the role that sees every row, because it also sees all statistics."""
    found = yield from ask([SQL], "age of statistics", role)
    return found if isinstance(found, Inconclusive) else _judge(part, found[0])


def _judge(part: Statistics, tables: Table) -> Outcome:
    large = [row for row in tables if row[1] >= part.rows]
    faults, undecided = [], []
    for name, rows, changes, age, there, visible in large:
        much = changes > part.changed * rows
        if not there and not visible:
            undecided.append(f"{name}: its statistics are hidden; `database_reader` must see every row")
        elif not there:
            faults.append(f"{name}: never analysed, with about {many(rows, 'row')}")
        elif much and age is None:
            undecided.append(f"{name}: nobody knows when it was analysed; ANALYZE would decide it")
        elif much and age >= part.under:
            ago = told_duration(age)
            faults.append(
                f"{name}: analysed {ago} ago, {many(changes, 'change')} since of about {many(rows, 'row')}"
            )
    note = f"{many(len(large), 'table')} of {many(part.rows, 'row')} or more, of {len(tables)}"
    if not tables:
        undecided.append("there is no table")
    return outcome(faults, undecided, note, "ANALYZE the table; is autovacuum on, and does it come round?")
