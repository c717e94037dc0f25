"""A hundred exchanges that say the same, told as three."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from pytest_deploycheck.model.run import Exchange

_MANY = 4
"""So many in a row are folded."""


def fold(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the exchanges; of many in a row with one purpose and status only the first and the last."""
    for (_, status), alike in groupby(exchanges, key=_sameness):
        several = list(alike)
        if len(several) < _MANY:
            yield from several
            continue
        yield several[0]
        asked = several[1].asked.partition("\n")[0]
        yield Exchange("...", asked, f"{len(several) - 2} times more: {status}")
        yield several[-1]


def digest(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the exchanges; of many with one purpose and status, wherever they stand, only the first.

    How many there were is told behind it.
    """
    groups: dict[tuple[str, str], list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(_sameness(exchange), []).append(exchange)
    for (purpose, status), alike in groups.items():
        if len(alike) < _MANY:
            yield from alike
        else:
            yield alike[0]
            yield Exchange("...", purpose, f"{len(alike) - 1} times more: {status}")


def _sameness(exchange: Exchange) -> tuple[str, str]:
    return exchange.purpose, exchange.got.partition(" ")[0]
