"""Ids of another tenant's things, told apart from one's own."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from pytest_deploycheck.checks.isolation.trespass import Pair
from pytest_deploycheck.checks.surface.owned import Ids, Sources, find_ids
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Probe


@dataclass(frozen=True, slots=True)
class Apart:
    """What each finds for the parameters of a path; `foreign` is one of the other's each, none of it own."""

    own: Ids
    others: Ids
    foreign: dict[str, object]


Finding: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Apart | Inconclusive]


def find_foreign(pair: Pair, own: Sources, others: Sources) -> Finding:
    """Find the ids of both; `yield from` it.

    Inconclusive where one of them finds none, or nothing of the other's is not the asker's as well.
    """
    theirs = yield from find_ids(others, pair.other.name)
    if isinstance(theirs, Inconclusive):
        return theirs
    mine = yield from find_ids(own, pair.asker.name)
    if isinstance(mine, Inconclusive):
        return mine
    foreign = _foreign_ids(theirs, mine)
    if foreign is None:
        names = f"{pair.asker.name} and {pair.other.name}"
        return Inconclusive(f"{names} find the same ids: whose they are, nobody can tell")
    return Apart(mine, theirs, foreign)


def _foreign_ids(others: Ids, own: Ids) -> dict[str, object] | None:
    """One id of the other's for each parameter, none of them among one's own; None if there is none."""
    chosen: dict[str, object] = {}
    for name, values in others.items():
        found = next((value for value in values if value is not None and value not in own[name]), None)
        if found is None:
            return None
        chosen[name] = found
    return chosen
