"""Routes from an OpenAPI document: a file is read here; a served one only a check can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from pydantic import StrictBool, TypeAdapter, model_validator

from pytest_deploycheck.config.fields import Absent, AbsolutePath, Part, Text, UnfitError
from pytest_deploycheck.config.places import Node, compose
from pytest_deploycheck.config.plain import values
from pytest_deploycheck.config.reading import Reading
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Described, Route
from pytest_deploycheck.openapi import NotOpenApiError, operations


class OpenApiPart(Part):
    """Where the deployment's OpenAPI document is: a file beside the contract, served, or both."""

    file: Text | Absent = None
    """From the contract's folder, JSON or YAML: its routes are checked."""
    path: AbsolutePath | Absent = None
    """Where the deployment serves it: `authentication` tries what else it names, `coverage` tells it."""
    require_coverage: StrictBool = False
    """Whether a route that no check asks for, and that is not excluded, counts against GO."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.file is None and self.path is None:
            raise UnfitError("file, path or both", message="has no file or path")
        return self


_ADAPTER: TypeAdapter[OpenApiPart] = TypeAdapter(OpenApiPart)


@dataclass(frozen=True, slots=True)
class Document:
    """What the contract says about the document, and the routes of one that is a file."""

    described: Described | None = None
    routes: tuple[Route, ...] = ()


def document(spot: Spot | None, reading: Reading) -> Document:
    """Return what is known of the document before anything is sent; nothing after a mistake."""
    part = reading.validated(_ADAPTER, spot) if spot else None
    if spot is None or part is None:
        return Document()
    described = Described(place=spot.place, path=part.path, complete=part.require_coverage)
    if part.file is None:
        return Document(described)
    return Document(described, tuple(_routes(spot.find(("file",)), part.file, reading)))


def _routes(spot: Spot, name: str, reading: Reading) -> Iterator[Route]:
    path = reading.folder / name
    if not path.is_file():
        message = f"'{spot.name}' is '{name}': there is no such file"
        reading.mistakes.add(spot.place, message, "a path from the contract's folder")
        return
    tree = compose(path, reading.mistakes)
    if tree is None:
        return
    try:
        found = operations(values(tree))
    except NotOpenApiError as error:
        reading.mistakes.add(Place(path), f"no OpenAPI document: {error}", "OpenAPI 3.0 or 3.1")
        return
    for each in found:
        yield each.route(_place(tree, each.path, each.method.lower()))


def _place(tree: Node, path: str, method: str) -> Place:
    operation = Spot(tree).find(("paths", path, method))
    return operation.key.place if operation.key else operation.place
