"""Row-level security is on for every table; whether its policies are right is another matter."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reading import rows_of
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Query

SQL = """
SELECT n.nspname, c.relname, c.relrowsecurity
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p')
ORDER BY n.nspname, c.relname
"""
"""Ordinary tables, partitioned ones and their partitions: each can be asked by its own name."""


class Section(BaseModel):
    """`except` names tables, or schema.table, that need none, each with the reason."""

    model_config = PART

    schemas: tuple[Text, ...] = Field(min_length=1)
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return one check for all schemas."""
    yield Check(
        marker=context.marker,
        title=section.name or "row_level_security",
        place=context.place(()),
        steps=partial(_look, section),
        spend=Spend(queries=1),
        runbook=section.runbook,
        hint=section.hint,
    )


def _look(section: Section) -> Steps:
    query = Query(sql=SQL, parameters=(list(section.schemas),), purpose="row-level security")
    rows = yield from rows_of(query)
    if isinstance(rows, Inconclusive):
        return rows
    empty = [schema for schema in section.schemas if schema not in {row[0] for row in rows}]
    open_tables = tuple(_open(rows, section))
    if open_tables:
        return Failed(
            f"row-level security is off for {len(open_tables)} of {len(rows)} tables: "
            f"{', '.join(open_tables)}",
            hint="ALTER TABLE ... ENABLE ROW LEVEL SECURITY",
        )
    if empty:
        return Inconclusive(f"no table in schema {', '.join(empty)}: nothing to look at")
    excepted = f", except {', '.join(section.exceptions)}" if section.exceptions else ""
    return Passed(f"{len(rows)} tables{excepted}")


def _open(rows: tuple[tuple[Any, ...], ...], section: Section) -> Iterator[str]:
    for schema, table, on in rows:
        if not on and not {table, f"{schema}.{table}"} & section.exceptions.keys():
            yield f"{schema}.{table}"
