"""A mistake in the contract: where it is, what it is, and what was expected instead."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from pytest_deploycheck.model.place import Place

_NEAR = 0.65
_MOST = 15


@dataclass(frozen=True, slots=True)
class ContractError:
    """One mistake, printed with its place first, so that terminals and editors can open it."""

    place: Place
    message: str
    expected: str = ""

    def __str__(self) -> str:
        first = f"{show(self.place)}: {self.message}"
        return f"{first}\n    expected {self.expected}" if self.expected else first


class ContractErrors(Exception):  # noqa: N818 - it is several
    """All mistakes of a contract, in the order of their places, each once."""

    def __init__(self, errors: Iterable[ContractError]) -> None:
        self.errors = tuple(sorted(set(errors), key=_order))
        super().__init__(*self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


@dataclass(slots=True)
class Mistakes:
    """What was found wrong while a contract is read; reading goes on, so that all are told at once."""

    found: list[ContractError] = field(default_factory=list)

    def add(self, place: Place, message: str, expected: str = "") -> None:
        """Remember a mistake."""
        self.found.append(ContractError(place, message, expected))

    def all(self, conceal: Callable[[str], str] = str) -> ContractErrors:
        """Return all mistakes as one exception; `conceal` takes secrets out of what they say."""
        return ContractErrors(
            replace(error, message=conceal(error.message), expected=conceal(error.expected))
            for error in self.found
        )


def show(place: Place) -> str:
    """Return the place as it is printed: relative to the working directory where it lies below it."""
    if place.path.is_relative_to(cwd := Path.cwd()):
        return str(Place(place.path.relative_to(cwd), place.line, place.column))
    return str(place)


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or which there are."""
    names = sorted(known)
    if near := get_close_matches(name, names, n=1, cutoff=_NEAR):
        return f"'{near[0]}'?"
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"one of {', '.join(names[:_MOST])}{more}" if names else ""


def _order(error: ContractError) -> tuple[str, int, int, str]:
    return str(error.place.path), error.place.line, error.place.column, error.message
