"""Tables of a catalog: ordinary and partitioned ones, and partitions, which have names of their own."""

from collections.abc import Collection

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import Relation

_TABLES = frozenset({"r", "p"})
"""Ordinary and partitioned tables (pg_class.relkind)."""


def tables_in(catalog: Catalog, schemas: Collection[str]) -> list[Relation]:
    """Return the tables of some schemas, sorted by name."""
    found = (each for each in catalog.relations if each.kind in _TABLES and each.name.schema in schemas)
    return sorted(found, key=lambda each: each.name)


def has_schema(catalog: Catalog, name: str) -> bool:
    """Whether there is a schema of that name."""
    return any(schema.name == name for schema in catalog.schemas)
