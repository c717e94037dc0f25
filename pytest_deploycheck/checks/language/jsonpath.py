"""JSONPath as RFC 9535 has it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import jsonpath_rfc9535
from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.part import MistakeError


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A query into a JSON document. A singular one finds at most one value (RFC 9535, 2.3.5.1)."""

    text: str
    query: jsonpath_rfc9535.JSONPathQuery = field(repr=False, compare=False)

    @property
    def singular(self) -> bool:
        """Whether it can find at most one value."""
        return self.query.singular_query()

    def find(self, document: Any) -> tuple[Any, ...]:  # noqa: ANN401 - JSON
        """Return the values found, in the document's order."""
        return tuple(self.query.find(document).values())

    def __str__(self) -> str:
        return self.text


def parse_path(value: object) -> JsonPath:
    """Return the query that a text of the contract holds."""
    if isinstance(value, JsonPath):
        return value
    if not isinstance(value, str) or not value.startswith("$"):
        raise MistakeError(f"{value!r} is not a JSONPath", "a path that starts with $, such as $.items[0].id")
    try:
        return JsonPath(value, _compiled(value))
    except jsonpath_rfc9535.JSONPathError as error:
        raise MistakeError(f"{value!r} is not a JSONPath: {error}", "a path such as $.items[0].id") from error


@cache
def _compiled(path: str) -> jsonpath_rfc9535.JSONPathQuery:
    """Compile a path once: a contract asks for the same few in most of its checks."""
    return jsonpath_rfc9535.compile(path)


def parse_singular(value: object) -> JsonPath:
    """Return the query, if it can find at most one value."""
    path = parse_path(value)
    if not path.singular:
        raise MistakeError(
            f"{path.text!r} may find several values", "a path to one value, such as $.items[0].id"
        )
    return path


_SCHEMA = WithJsonSchema({"type": "string", "pattern": "^\\$"})

Path = Annotated[JsonPath, PlainValidator(parse_path), _SCHEMA]
SingularPath = Annotated[JsonPath, PlainValidator(parse_singular), _SCHEMA]
