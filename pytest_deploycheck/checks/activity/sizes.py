"""How large the database and its tables are, indexes and all that belongs to them included."""

from collections.abc import Iterator

from pydantic import Field

from pytest_deploycheck.checks.activity.item import Part, outcome
from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.checks.language.amount import Size, told_size
from pytest_deploycheck.checks.language.part import Text
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.relation import Relation

QUERIES = 1

_SHOWN = 5
_STORED = frozenset("rpm")


class Sizes(Part):
    """Budgets of the `database` and of `tables` (schema.table); without any, the sizes are only shown."""

    database: Size | None = None
    tables: dict[Text, Size] = Field(default={}, min_length=1)


def steps(part: Sizes, _: str | None) -> Steps:
    """Ask the catalog, which knows the sizes."""
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    if catalog.server.size <= 0:
        return Inconclusive("the size of the database is not told: GRANT CONNECT ON DATABASE to the login")
    return outcome(list(_faults(part, catalog)), [], _shown(catalog), "what grew, and should it be kept?")


def _faults(part: Sizes, catalog: Catalog) -> Iterator[str]:
    size = catalog.server.size
    if part.database is not None and size >= part.database:
        yield f"the database has {told_size(size)}, expected under {told_size(part.database)}"
    for name, budget in part.tables.items():
        relation = catalog.relation(name)
        if relation is None:
            yield f"{name} is not there"
        elif (taken := _size(catalog, relation)) >= budget:
            yield f"{name} has {told_size(taken)}, expected under {told_size(budget)}"


def _size(catalog: Catalog, relation: Relation) -> int:
    parts = (each for each in catalog.relations if each.partition_of == relation.name)
    return relation.size + sum(_size(catalog, part) for part in parts)


def _shown(catalog: Catalog) -> str:
    whole = [each for each in catalog.relations if each.kind in _STORED and each.partition_of is None]
    sizes = sorted(((_size(catalog, each), str(each.name)) for each in whole), reverse=True)
    largest = ", ".join(f"{name} {told_size(size)}" for size, name in sizes[:_SHOWN])
    return f"database {told_size(catalog.server.size)}; {largest}"
