"""The runbook that a contract replaces, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pytest_deploycheck.model.place import Place


@dataclass(frozen=True, slots=True)
class SignOff:
    """Somebody's word for what no probe can see."""

    by: str
    on: date
    evidence: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the runbook: decided by checks, by a sign-off, by both together, or open.

    `checks` are ids of checks, or pytest node ids below the contract's folder. With neither `checks` nor
    `attest` the item is open, for the reason given.
    """

    id: str
    place: Place
    what: str
    where: str = ""
    checks: tuple[str, ...] = ()
    attest: bool = False
    signed: SignOff | None = None
    open: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runbook:
    """All items of a runbook, by id."""

    items: Mapping[str, Item]
