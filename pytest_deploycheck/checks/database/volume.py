"""How many rows a relation has, as the planner estimates it, and how much of it a query should look at."""

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import Relation

_ROW = 100
"""Bytes that a row takes, indexes included, where nobody has counted: few, so that too little is rather
looked at than too much."""

_WHOLE = 100.0


def estimated(catalog: Catalog, relation: Relation) -> float:
    """Return the planner's estimate, or one from the size on disk; of a partitioned table its partitions'."""
    if relation.kind == "p":
        parts = (each for each in catalog.relations if each.partition_of == relation.name)
        return sum(estimated(catalog, part) for part in parts)
    return relation.rows if relation.rows >= 0 else relation.size / _ROW


def share(rows: float, most: int) -> float:
    """Return the percentage of `rows` that is about `most` of them."""
    return _WHOLE if rows <= most else _WHOLE * most / rows
