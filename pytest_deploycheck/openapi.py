"""The operations of an OpenAPI document (3.0 and 3.1): which there are, and which are public."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The fields of a Path Item Object that are operations (OpenAPI 3.1.1, 4.8.9.1)."""

_VERSIONS = ("3.0", "3.1")
_PATH = re.compile(r"/(?!/)\S*")
"""It is appended to the base URL, and begins with a slash (OpenAPI 3.1.1, 4.8.8.1): never another host."""


class NotOpenApiError(ValueError):
    """A document that is no OpenAPI of a version that is understood."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `public`: the document says that it needs no credential.

    `body` is the example of its JSON body, if there is one.
    """

    method: str
    path: str
    public: bool = False
    body: Any = None

    @property
    def title(self) -> str:
        """The operation as a request line."""
        return f"{self.method} {self.path}"


def operations(document: object) -> tuple[Operation, ...]:
    """Return the operations of a document, in its order.

    An operation is public if its security, or else that of the whole document, is an empty list or has an
    empty requirement. Where neither says anything it counts as protected: silence must not hide a route.

    Raises:
        NotOpenApiError: saying what the document is instead.
    """
    if not isinstance(document, Mapping):
        raise NotOpenApiError("it is no object")
    version = document.get("openapi") or document.get("swagger")
    if not str(version).startswith(_VERSIONS):
        raise NotOpenApiError(f"its version is {version}" if version else "it has no key 'openapi'")
    paths = document.get("paths")
    if not isinstance(paths, Mapping) or not paths:
        raise NotOpenApiError("it has no paths")
    for path in paths:
        if not _PATH.fullmatch(str(path)):
            raise NotOpenApiError(f"its path {path!r} is no path")
    return tuple(_operations(document, paths))


def _operations(document: Mapping[str, Any], paths: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in paths.items():
        item = _resolved(item, document)
        for method in METHODS:
            if isinstance(operation := item.get(method), Mapping):
                security = operation.get("security", document.get("security"))
                yield Operation(method.upper(), str(path), _open(security), _example(operation, document))


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
