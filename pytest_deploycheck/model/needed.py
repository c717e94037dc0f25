"""A file of the user's own that a check reads: what is wrong with it is known before anything is sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_deploycheck.model.place import Place


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a file, and where."""

    place: Place
    message: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Needed:
    """A file that must be there, and read as what it should be.

    `place` is where the contract names it, `what` what messages call it, `source` what writes it. `wrong`
    tells everything that is wrong with its text.
    """

    path: Path
    place: Place
    what: str
    source: str
    wrong: Callable[[str], Iterable[Wrong]]
