"""The types that the contract's own parts are made of."""

import ast
import inspect
import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from jsonpath_rfc9535 import JSONPathError
from jsonpath_rfc9535 import compile as compile_path
from pydantic import AfterValidator as Then
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from pytest_deploycheck.config.interpolate import names_a_variable
from pytest_deploycheck.model.duration import EXAMPLES, parse_duration


class UnfitError(ValueError):
    """A value that is not what its key takes; says what would be."""

    def __init__(self, expected: str, *, message: str = "") -> None:
        super().__init__(message)
        self.expected = expected


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Describe each key by the text below it, as `use_attribute_docstrings` does.

    That reads the source whenever a class is made, 3 ms each time; this only for the editor's schema.
    """
    (definition,) = ast.parse(inspect.getsource(model)).body
    lines = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, text in pairwise(lines):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(told))):
                key = model.model_fields[name].alias or name
                schema["properties"][key]["description"] = inspect.cleandoc(told)


class Part(BaseModel):
    """A part of the contract: no unknown key, no guessing of types. Its schema is made when one is read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True, json_schema_extra=_describe
    )

    @field_validator("*", mode="before")
    @classmethod
    def _says_something(cls, value: object, info: ValidationInfo) -> object:
        """A key without a value is a mistake, whatever is there without the key; `json: null` is JSON."""
        if value is None and info.field_name != "json_body":
            raise UnfitError("a value", message="is empty")
        return value


def seconds(value: object) -> float:
    """Return a duration such as `500ms`, `30s`, `1m30s` or `14d` in seconds."""
    total = parse_duration(value) if isinstance(value, str) else None
    if total is None:
        raise UnfitError(f"a duration with its unit: {', '.join(EXAMPLES)}")
    if not total:
        raise UnfitError("a duration longer than nothing")
    return total


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_day()
    except ValueError as error:
        raise UnfitError("a date as ISO 8601 has it: 2026-12-31") from error


def _no_day() -> date:
    raise ValueError


def _base_url(text: str) -> str:
    _web_address(text)
    if names_a_variable(text):
        return text.rstrip("/")
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None:
        raise UnfitError(
            "the address alone; credentials belong to identities", message="holds a user name or password"
        )
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise UnfitError("no query and no fragment: paths are added to it")
    return text.rstrip("/")


def _web_address(text: str) -> str:
    if names_a_variable(text):
        return text
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in text):
        raise UnfitError("an address that starts with http:// or https://")
    return text


def _path(text: str) -> str:
    if not text.startswith("/") and not names_a_variable(text):
        raise UnfitError("a path that starts with /")
    return text


def _json_path(text: str) -> str:
    try:
        compile_path(text)
    except JSONPathError as error:
        if not names_a_variable(text):
            raise UnfitError(f"a JSONPath such as $.access_token ({str(error).splitlines()[0]})") from error
    return text


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise UnfitError("a header's name: letters, digits and hyphens")
    return text


def _variable_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise UnfitError("a variable's name: letters, digits and _")
    return text


def _header_value(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise UnfitError("a header's value in one line")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something."""
Duration = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": "string", "examples": list(EXAMPLES), "pattern": "^([0-9.]+(ms|s|m|h|d))+$"}),
]
"""Seconds, written with a unit."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
BaseUrl = Annotated[str, Then(_base_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
"""An http or https address that paths are added to; without a slash at its end."""
WebAddress = Annotated[str, Then(_web_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
AbsolutePath = Annotated[str, Then(_path), WithJsonSchema({"type": "string", "pattern": "^/"})]
"""The path of a request, with its query."""
JsonPath = Annotated[str, Then(_json_path), WithJsonSchema({"type": "string", "pattern": "^\\$"})]
"""A JSONPath as RFC 9535 has it."""
HeaderName = Annotated[str, Then(_header_name)]
VariableName = Annotated[str, Then(_variable_name)]
HeaderValue = Annotated[str, Then(_header_value)]
Headers = dict[HeaderName, HeaderValue]
Absent: TypeAlias = SkipJsonSchema[None]
"""The default of a key that need not be there; where it is, it has a value."""
