"""Row-level security is on for every table; whether its policies are right is another matter."""

from collections.abc import Iterable, Iterator
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.database.tables import tables_in
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.relation import Relation


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
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    tables = tables_in(catalog, section.schemas)
    empty = [schema for schema in section.schemas if schema not in {table.name.schema for table in tables}]
    open_tables = tuple(_open(tables, section))
    if open_tables:
        return Failed(
            f"row-level security is off for {len(open_tables)} of {many(len(tables), 'table')}: "
            f"{', '.join(open_tables)}",
            hint="ALTER TABLE ... ENABLE ROW LEVEL SECURITY",
        )
    if empty:
        return Inconclusive(f"no table in schema {', '.join(empty)}: nothing to look at")
    excepted = f", except {', '.join(section.exceptions)}" if section.exceptions else ""
    return Passed(f"{many(len(tables), 'table')}{excepted}")


def _open(tables: Iterable[Relation], section: Section) -> Iterator[str]:
    """Partitions too: each can be asked by its own name, and is then not guarded by its table."""
    for table in tables:
        if not table.row_security and not {table.name.name, str(table.name)} & section.exceptions.keys():
            yield str(table.name)
