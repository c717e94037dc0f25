"""The operations of an OpenAPI document (3.0 and 3.1): which there are, and which are public."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Route

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The fields of a Path Item Object that are operations (OpenAPI 3.1.1, 4.8.9.1)."""

_VERSIONS = ("3.0", "3.1")
_PATH = re.compile(r"/(?!/)[^\s?#\x00-\x1f\x7f\ud800-\udfff]*")
_DOTS = frozenset({".", ".."})
_EXTENSION = "x-"
"""Begins the fields that are nobody's but the author's (OpenAPI 3.1.1, 4.9)."""


class NotOpenApiError(ValueError):
    """A document that is no OpenAPI of a version that is understood, or says what can't be followed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `public`: the document says that it needs no credential.

    `body` is the example of its JSON body, if there is one. `stated`: the document says who may use it.
    """

    method: str
    path: str
    public: bool = False
    body: Any = None
    stated: bool = True

    @property
    def title(self) -> str:
        """The operation as a request line."""
        return f"{self.method} {self.path}"

    def route(self, place: Place) -> Route:
        """The operation as a route that a document describes; `place` is where its author finds it."""
        return Route(
            method=self.method,
            path=self.path,
            place=place,
            public=self.public,
            body=self.body,
            described=True,
        )


def operations(document: object) -> tuple[Operation, ...]:
    """Return the operations of a document, in its order.

    An operation is public if its security, or else that of the whole document, is an empty list or has an
    empty requirement. Where neither says anything it counts as protected: silence must not hide a route.

    Raises:
        NotOpenApiError: saying what the document is instead, or which of its paths cannot be read: what is
            left out without a word would be taken for looked at.
    """
    whole = _document(document)
    return tuple(each for path, item in _paths(whole) for each in _operations(path, item, whole))


def served_below(document: object) -> tuple[str, ...]:
    """Return what the paths are below, as the document says: the path of each server's URL.

    A host alone is "". Nothing where it does not say, or says it with variables, or relatively.

    Raises:
        NotOpenApiError: as `operations`.
    """
    servers = _document(document).get("servers")
    urls = [str(each.get("url", "")) for each in servers if isinstance(each, Mapping)] if servers else []
    if not all(url.startswith(("/", "http://", "https://")) and "{" not in url for url in urls):
        return ()
    return tuple(urlsplit(url).path.rstrip("/") for url in urls)


def _document(document: object) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise NotOpenApiError("it is no object")
    version = document.get("openapi") or document.get("swagger")
    if not str(version).startswith(_VERSIONS):
        raise NotOpenApiError(f"its version is {version}" if version else "it has no key 'openapi'")
    if not isinstance(document.get("paths"), Mapping) or not document["paths"]:
        raise NotOpenApiError("it has no paths")
    return document


def _paths(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The path items, each with what it refers to."""
    for path, item in document["paths"].items():
        if str(path).startswith(_EXTENSION):
            continue
        if not _PATH.fullmatch(str(path)) or not _DOTS.isdisjoint(str(path).split("/")):
            raise NotOpenApiError(f"its path {path!r} is no path")
        if not isinstance(item, Mapping):
            raise NotOpenApiError(f"its path {path} is no object")
        found = _resolved(item, document)
        if "$ref" in item and (not found or "$ref" in found):
            raise NotOpenApiError(f"its path {path} is elsewhere ({item['$ref']}), and not in the document")
        beside = {name: value for name, value in item.items() if name != "$ref"}
        yield str(path), {**found, **beside}


def _operations(path: str, item: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Operation]:
    for method in METHODS:
        if method not in item:
            continue
        operation = item[method]
        if not isinstance(operation, Mapping):
            raise NotOpenApiError(f"its operation {method} {path} is no object")
        security = operation.get("security", document.get("security"))
        yield Operation(
            method=method.upper(),
            path=path,
            public=_open(security),
            body=_example(operation, document),
            stated=isinstance(security, list),
        )


def _open(security: object) -> bool:
    """Whether no credential is needed: an empty list, or one of several ways that asks for nothing."""
    return isinstance(security, list) and (not security or {} in security)


def _example(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    body = _resolved(operation.get("requestBody"), document)
    content = _resolved(_resolved(body.get("content"), document).get("application/json"), document)
    if "example" in content:
        return content["example"]
    for example in _resolved(content.get("examples"), document).values():
        return _resolved(example, document).get("value")
    return _resolved(content.get("schema"), document).get("example")


def _resolved(part: object, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object; what a reference within the document means instead of the reference itself."""
    found: object = part
    if isinstance(part, Mapping) and isinstance(reference := part.get("$ref"), str):
        found = document
        for name in reference.removeprefix("#/").split("/"):
            unescaped = name.replace("~1", "/").replace("~0", "~")  # RFC 6901, 3
            found = found.get(unescaped) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
