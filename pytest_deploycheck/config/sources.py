"""Which variables a part was filled with, by the key that each stands under: never their values."""

from collections.abc import Iterator

from pytest_deploycheck.config.confidential import tells_a_secret
from pytest_deploycheck.config.places import Node, Scalar, Sequence
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.identity import Source


def sources(*parts: Spot | None) -> tuple[Source, ...]:
    """Return keys and the names of their variables, in the order of the file.

    A key with a telling name is there without a variable, too.
    """
    return tuple(source for part in parts if part for source in _found(part.node, part.name))


def _found(node: Node, key: str) -> Iterator[Source]:
    if isinstance(node, Scalar):
        yield from (Source(key, name) for name in node.variables)
        if not node.variables and tells_a_secret(key):
            yield Source(key)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _found(item, key)
    else:
        for entry in node:
            yield from _found(entry.value, entry.key.text)
