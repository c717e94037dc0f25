"""Columns that the contract names and the database lacks: which, where it says so, and what was meant."""

from collections import Counter
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.kind import Loc
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.relation import Relation

Places = Callable[[Loc], Place]
"""The place of a part of the section."""


def unusable(section: PoliciesSection, catalog: Catalog, place: Places) -> str:
    """Why the section's `tenant` tells nothing: no relation has such a column. Otherwise nothing.

    Of extensions' relations nothing is expected.
    """
    name = section.tenant
    columns = Counter(
        column.name for relation in catalog.relations if not relation.extension for column in relation.columns
    )
    if name is None or not columns or name in columns:
        return ""
    near = nearest(name, columns)
    met = f", which {many(columns[near], 'relation has', 'relations have')}" if near else ""
    meant = f"; did you mean '{near}'{met}?" if near else ""
    return (
        f"{told(place(('tenant',)))}: no relation has a column '{name}', "
        f"so nothing tells whose rows are whose{meant}"
    )


def lacking(relation: Relation, name: str) -> str:
    """Return that a relation has no such column, and which it may have been."""
    near = nearest(name, (column.name for column in relation.columns))
    return f"it has no column '{name}'" + (f"; did you mean '{near}'?" if near else "")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the name that was probably meant, or nothing."""
    return next(iter(get_close_matches(name, sorted(set(known)), n=1)), "")


def told(place: Place) -> str:
    """Return where something stands in the contract; its folder is told with every check."""
    return f"{place.path.name}:{place.line}:{place.column}"
