"""One reading of a contract: what was filled in, what is secret, what was found wrong."""

from collections.abc import Mapping as Variables
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from pytest_deploycheck.config.confidential import Confidential
from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.interpolate import Interpolation
from pytest_deploycheck.config.places import Mapping, Node, Scalar, Sequence
from pytest_deploycheck.config.plain import is_empty
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.validate import validated
from pytest_deploycheck.config.wording import quoted
from pytest_deploycheck.model.place import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What every part of the contract needs while it is read. `path` is the contract's file."""

    path: Path
    mistakes: Mistakes
    interpolation: Interpolation
    confidential: Confidential

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    @property
    def used(self) -> Variables[tuple[str, str], Place]:
        """The variables that were filled in so far, with their values."""
        return self.interpolation.used

    def fill(self, spot: Spot) -> Spot:
        """Return a part with its variables filled in."""
        return Spot(self.interpolation.fill(spot.node, spot.name), spot.key, spot.trail)

    def validated(self, adapter: TypeAdapter[T], spot: Spot) -> T | None:
        """Return what a part says, or None after a mistake."""
        return validated(adapter, spot, self.mistakes, self.interpolation.broken)

    def credential(self, spot: Spot | None, *, literal: bool = True) -> None:
        """Keep what fills a credential out of every output.

        With `literal`, a text that stands in the file itself is a secret too; else only below a telling key.
        """
        if spot:
            self.confidential.credential(spot.node, spot.name, self.used, literal=literal)


def entries(spot: Spot, mistakes: Mistakes) -> tuple[Spot, ...]:
    """Return the parts of a mapping by name; anything else, and an empty one, is a mistake."""
    if isinstance(spot.node, Mapping) and spot.node.entries:
        return tuple(inner for name in spot.node.entries if (inner := spot.below(name)))
    message = f"'{spot.name}' is empty" if is_empty(spot.node) else quoted(spot)
    mistakes.add(spot.place, message, "keys and values")
    return ()


def unfilled(node: Node) -> set[Node]:
    """Return the nodes that name a variable: unless it is filled in, they can't be judged."""
    if isinstance(node, Scalar):
        return {node} if "${" in node.text else set()
    parts = node.items if isinstance(node, Sequence) else tuple(entry.value for entry in node)
    return {found for part in parts for found in unfilled(part)}
