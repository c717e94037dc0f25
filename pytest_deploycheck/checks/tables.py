"""The tables of a schema: those named are there, or those and no others."""

from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reading import rows_of
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Query

SQL = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_namespace AS n
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
WHERE n.nspname = %s
ORDER BY c.relname
"""
"""Ordinary and partitioned tables (pg_class.relkind r and p); one row without a table if there are none."""


class Section(BaseModel):
    """One of `contains` and `exactly`."""

    model_config = PART

    schema_: Text = Field(alias="schema")
    contains: tuple[Text, ...] = Field(default=(), min_length=1)
    exactly: tuple[Text, ...] = Field(default=(), min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one schema's tables.

    Raises:
        Misuse: unless one of `contains` and `exactly` is given.
    """
    if bool(section.contains) == bool(section.exactly):
        raise Misuse("which tables?", expected="one of contains and exactly")
    yield Check(
        marker=context.marker,
        title=section.name or f"tables in {section.schema_}",
        place=context.place(()),
        steps=partial(_compare, section),
        spend=Spend(queries=1),
        runbook=section.runbook,
        hint=section.hint,
    )


def _compare(section: Section) -> Steps:
    schema = section.schema_
    rows = yield from rows_of(Query(sql=SQL, parameters=(schema,), purpose=f"tables in {schema}"))
    if isinstance(rows, Inconclusive):
        return rows
    if not rows:
        return Failed(f"schema {schema} does not exist")
    there = {row[1] for row in rows if row[1] is not None}
    wanted = set(section.contains or section.exactly)
    missing = sorted(wanted - there)
    extra = sorted(there - wanted) if section.exactly else []
    faults = [f"missing {', '.join(missing)}"] if missing else []
    faults += [f"not expected {', '.join(extra)}"] if extra else []
    if faults:
        return Failed(f"{len(there)} tables in {schema}: {'; '.join(faults)}")
    return Passed(f"{len(wanted)} tables")
