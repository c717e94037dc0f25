"""What the database answers, or why there is no answer."""

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Evidence, Rows, Silence, Withheld
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Probe, Query, Snapshot

T = TypeVar("T")

Asking: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], T]
"""A part of a conversation that ends with a T."""

Reading: TypeAlias = Asking[tuple[tuple[Any, ...], ...] | Inconclusive]


def rows_of(query: Query) -> Reading:
    """Ask the database; where it does not answer, nothing can be said about it."""
    (seen,) = yield (query,)
    return seen.rows if isinstance(seen, Rows) else unanswered(seen, "rows")


def catalog_of() -> Asking[Catalog | Inconclusive]:
    """Ask for the catalog."""
    (seen,) = yield (Snapshot(),)
    return seen if isinstance(seen, Catalog) else unanswered(seen, "catalog")


def unanswered(seen: Evidence, wanted: str) -> Inconclusive:
    """Why evidence is not what was `wanted`."""
    match seen:
        case Silence(reason=reason):
            return Inconclusive(f"the database did not answer: {reason}")
        case Withheld(reason=reason):
            return Inconclusive(f"the database was not asked: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} holds no {wanted}")
