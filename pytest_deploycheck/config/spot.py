"""A part of the tree, with the way that leads to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_deploycheck.config.confidential import tells_a_secret
from pytest_deploycheck.config.places import Mapping, Node, Scalar, Sequence
from pytest_deploycheck.config.plain import is_nothing
from pytest_deploycheck.model.place import Place

_HARMLESS = frozenset({("login", "token"), ("token", "path")})
"""Keys with a telling name that say where a credential is, not what it is."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, with the key it stands under and the way to it from the part's own key."""

    node: Node
    key: Scalar | None = None
    trail: tuple[str | int, ...] = ()

    @property
    def place(self) -> Place:
        """The place of a single value itself, of anything larger its key's."""
        if self.key is None or (isinstance(self.node, Scalar) and not is_nothing(self.node)):
            return self.node.place
        return self.key.place

    @property
    def name(self) -> str:
        """What messages call it: `status`, or `checks[2]` for the second item of a list (from 1)."""
        texts = [index for index, step in enumerate(self.trail) if isinstance(step, str)]
        last = texts[-1] if texts else 0
        return "".join(step if isinstance(step, str) else f"[{step + 1}]" for step in self.trail[last:])

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a mapping, in the order of the file."""
        return tuple(self.node.entries) if isinstance(self.node, Mapping) else ()

    def below(self, step: str | int) -> "Spot | None":
        """Return the part that a key or an index leads to, if there is one."""
        if isinstance(self.node, Mapping) and (entry := self.node.entries.get(str(step))):
            return Spot(entry.value, entry.key, (*self.trail, entry.key.written))
        if isinstance(self.node, Sequence) and isinstance(step, int) and 0 <= step < len(self.node.items):
            return Spot(self.node.items[step], None, (*self.trail, step))
        return None

    def only(self) -> "Spot | None":
        """Return the value of a mapping with a single key."""
        if isinstance(self.node, Mapping) and len(self.node.entries) == 1:
            return self.below(next(iter(self.node.entries)))
        return None

    def find(self, loc: Iterable[str | int]) -> "Spot":
        """Return the part that a pydantic loc leads to.

        A loc may leave out the key of a mapping that has only one, and holds steps that are no part of
        the file (the branch of a union, a validator): those are passed over.
        """
        spot = self
        for step in loc:
            inner = spot.only()
            spot = spot.below(step) or (inner and inner.below(step)) or spot
        return spot

    @property
    def confidential(self) -> bool:
        """Whether what stands here may be a credential, so that no message quotes it."""
        if self.trail[-2:] in _HARMLESS or self.trail[:1] == ("secrets",):
            return False
        return any(isinstance(step, str) and tells_a_secret(step) for step in self.trail[-2:])
