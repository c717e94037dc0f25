"""Whether large tables are read from end to end, where an index should lead to the rows."""

from pydantic import Field

from pytest_deploycheck.checks.activity.item import Part, Table, ask, outcome
from pytest_deploycheck.checks.language.amount import Percent
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

QUERIES = 1

SQL = """
SELECT s.schemaname || '.' || s.relname,
       greatest(s.n_live_tup, c.reltuples::bigint, 0),
       coalesce(s.seq_scan, 0), coalesce(s.idx_scan, 0)
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
ORDER BY 1
"""
"""Since the last reset of the database's statistics."""


class SequentialScans(Part):
    """Of at least `scans` scans of a table with `rows` rows or more, fewer than `under` were sequential.

    `except` names tables (schema.table), each with the reason.
    """

    rows: int = Field(default=10_000, ge=1)
    under: Percent = 0.5
    scans: int = Field(default=1000, ge=1)
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)


def steps(part: SequentialScans, _: str | None) -> Steps:
    """Ask how tables were scanned."""
    found = yield from ask([SQL], "sequential scans")
    return found if isinstance(found, Inconclusive) else _judge(part, found[0])


def _judge(part: SequentialScans, tables: Table) -> Outcome:
    if not tables:
        return Inconclusive("there is no table")
    large = [row for row in tables if row[1] >= part.rows and row[0] not in part.exceptions]
    judged = [row for row in large if row[2] + row[3] >= part.scans]
    faults = [
        f"{name}: {sequential / (sequential + by_index):.0%} of {many(sequential + by_index, 'scan')} read "
        f"all of about {many(rows, 'row')}, expected under {part.under:.0%}"
        for name, rows, sequential, by_index in judged
        if sequential >= part.under * (sequential + by_index)
    ]
    undecided = []
    if large and not judged:
        told = f"{many(len(large), 'large table')}, none with {many(part.scans, 'scan')}"
        undecided.append(f"{told} since the statistics were reset: too few to judge")
    tables_told = f"{many(len(large), 'table')} with {many(part.rows, 'row')} or more"
    note = f"{len(judged)} of {tables_told} were scanned often"
    return outcome(faults, undecided, note, "an index for what the WHERE of those queries compares")
