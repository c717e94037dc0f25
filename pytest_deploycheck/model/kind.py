"""What a kind of check is told when its part of the contract becomes checks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pytest_deploycheck.model.check import RateLimit
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.identity import Identity, SigningKey
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Described, Route
from pytest_deploycheck.model.secret import Secret

Loc: TypeAlias = tuple[str | int, ...]
"""Keys and indices from a kind's own value down to one of its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The contract around a kind's part.

    `marker` is the section the part stands in; `routes` are those that are not excluded. `place` gives
    the place of a part. `secrets` are the variables known to hold secrets, by name. `excluded` are the
    other routes; `described` is the deployment's OpenAPI document. `asked` tells the request lines that the
    contract's checks ask for, `limits` the rate limits that they are about; both are complete once all checks
    were made, so call them in a conversation. `name` is what the part is called, where several of one kind
    stand in a section.
    `waived` are the ids and patterns that waivers name: of a single finding a kind may make a check.
    """

    marker: str
    folder: Path
    environment: Environment
    identities: Mapping[str, Identity]
    place: Callable[[Loc], Place]
    routes: tuple[Route, ...] = ()
    signing: SigningKey | None = None
    secrets: tuple[tuple[str, Secret], ...] = ()
    excluded: tuple[Route, ...] = ()
    described: Described | None = None
    asked: Callable[[], frozenset[str]] = frozenset
    limits: Callable[[], tuple[RateLimit, ...]] = tuple
    name: str = ""
    waived: frozenset[str] = frozenset()


class Misuses(Exception):  # noqa: N818 - several of the one below
    """Several parts of one kind's value are misused; all are told at once."""

    def __init__(self, found: Sequence["Misuse"]) -> None:
        super().__init__("; ".join(str(misuse) for misuse in found))
        self.found = tuple(found)


class Misuse(Exception):  # noqa: N818 - reads as what it is: `raise Misuse("...")`
    """A kind's part is valid YAML of the right types, and still cannot become a check.

    The loader turns it into a contract error with its place.
    """

    def __init__(self, message: str, *, at: Loc = (), expected: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.expected = expected
