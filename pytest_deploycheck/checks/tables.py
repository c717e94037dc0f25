"""The tables of a schema: those named are there, or those and no others."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.database.tables import has_schema, tables_in
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.relation import Name


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
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    if not has_schema(catalog, schema):
        return Failed(f"schema {schema} does not exist")
    there = {table.name.name for table in tables_in(catalog, {schema})}
    wanted = set(section.contains or section.exactly)
    missing = sorted(wanted - there)
    extra = sorted(_unexpected(catalog, schema, wanted)) if section.exactly else []
    faults = [f"missing {', '.join(missing)}"] if missing else []
    faults += [f"not expected {', '.join(extra)}"] if extra else []
    if faults:
        return Failed(f"{many(len(there), 'table')} in {schema}: {'; '.join(faults)}")
    return Passed(many(len(wanted), "table"))


def _unexpected(catalog: Catalog, schema: str, wanted: Collection[str]) -> Iterator[str]:
    """Tables that nobody named. A partition belongs to its table, an extension's table to the extension."""
    named = {Name(schema, name) for name in wanted}
    parents = {relation.name: relation.partition_of for relation in catalog.relations}
    for table in tables_in(catalog, {schema}):
        root: Name | None = table.name
        while root is not None and root not in named:
            root = parents.get(root)
        if root is None and not table.extension:
            yield table.name.name
