"""What a lint is, and what it finds."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.probe import Statement


class Level(IntEnum):
    """How much a finding matters."""

    INFO = 1
    """Worth knowing; often right."""
    WARNING = 2
    """Opens a hole, loses data or fails with the next change that is made in good faith."""
    ERROR = 3
    """Is open, or broken, now."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One object, what is wrong with it, and the SQL that mends it.

    `object` is the whole name without quotes: `schema.table`, `schema.table.column`, `schema.table.policy`,
    `schema.function(arguments)`, a role's name; others begin with their kind: `bucket avatars`.
    """

    object: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Blind:
    """What could not be looked at, and what would let the lint look."""

    object: str
    reason: str


Found: TypeAlias = Iterator[Finding | Blind]

Asking: TypeAlias = Generator[Statement, Rows | Refused, tuple[Finding | Blind, ...]]
"""Yields statements, is sent what each returned, returns what they show."""


def anywhere(_: Case) -> str:
    """Of a lint that any database is looked at for."""
    return ""


def nothing(_: Case) -> Found:
    """What the catalog alone shows, where the tables have to be asked."""
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One way for a catalog to be wrong.

    `finds` says what, in a few words; `why` what it leads to; `mend` how it is mended in general. `look` is
    pure: the same catalog and the same declarations give the same findings, in no order. Where the catalog
    doesn't know enough, `ask` reads the tables, with at most `statements` statements, as a role that sees
    every row. `lacking` tells what it looks at only and the database has none of, or nothing.
    """

    id: str
    level: Level
    finds: str
    why: str
    mend: str
    look: Callable[[Case], Found] = nothing
    lacking: Callable[[Case], str] = anywhere
    ask: Callable[[Case], Asking] | None = None
    statements: int = 0
