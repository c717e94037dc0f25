"""One query and its rows, or why there are none."""

from collections.abc import Generator
from typing import Any, TypeAlias

from pytest_deploycheck.model.evidence import Evidence, Rows, Silence, Withheld
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Probe, Query

Reading: TypeAlias = Generator[
    tuple[Probe, ...], tuple[Evidence, ...], tuple[tuple[Any, ...], ...] | Inconclusive
]


def rows_of(query: Query) -> Reading:
    """Ask the database; where it does not answer, nothing can be said about it."""
    (seen,) = yield (query,)
    match seen:
        case Rows(rows=rows):
            return rows
        case Silence(reason=reason):
            return Inconclusive(f"the database did not answer: {reason}")
        case Withheld(reason=reason):
            return Inconclusive(f"the database was not asked: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} holds no rows")
