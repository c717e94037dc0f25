"""Where pydantic meets the tree: a part becomes a value, or mistakes with their places."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import Node, Scalar, Sequence
from pytest_deploycheck.config.plain import values
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.wording import SCALARS, sayings
from pytest_deploycheck.model.kind import Misuse

T = TypeVar("T")


def validated(adapter: TypeAdapter[T], spot: Spot, mistakes: Mistakes, broken: set[Node]) -> T | None:
    """Return what a part says, or None after a mistake.

    A value that came from a variable is a text; where only a number or a boolean fits, it is read as one.
    `broken` are nodes whose own mistake has been told already.
    """
    try:
        try:
            return adapter.validate_python(values(spot.node))
        except ValidationError as error:
            typed = _from_variables(error, spot)
            if not typed:
                raise
            return adapter.validate_python(values(spot.node, typed))
    except ValidationError as error:
        for saying in sayings(error, adapter, spot):
            if saying.at.node not in broken:
                node = saying.at.node
                mistakes.add(
                    saying.place, as_written(saying.message, node), as_written(saying.expected, node)
                )
    except Misuse as misuse:
        tell_misuse(misuse, spot, mistakes)
    return None


def tell_misuse(misuse: Misuse, spot: Spot, mistakes: Mistakes) -> None:
    """Turn what a kind says about its part into a mistake with a place."""
    at = spot.find(misuse.at)
    mistakes.add(at.place, as_written(misuse.message, at.node), as_written(misuse.expected, at.node))


def as_written(text: str, node: Node) -> str:
    """Return a message with what stands in the file, where it holds what a variable was filled with."""
    if isinstance(node, Scalar):
        for form in (node.text, repr(node.text)[1:-1]) if node.variables and node.text else ():
            text = text.replace(form, node.written)
        return text
    for inner in node.items if isinstance(node, Sequence) else (entry.value for entry in node):
        text = as_written(text, inner)
    return text


def _from_variables(error: ValidationError, spot: Spot) -> frozenset[Node]:
    """Return the nodes that were filled in and have to be numbers or booleans."""
    wrong = (
        spot.find(detail["loc"]).node
        for detail in error.errors(include_url=False, include_input=False)
        if detail["type"] in SCALARS
    )
    return frozenset(node for node in wrong if isinstance(node, Scalar) and node.variables)
