"""The part of JSON Schema (2020-12) that says what stored JSON looks like.

No message quotes a value: stored JSON may hold anything. A keyword that is not known here is a mistake,
because one that is passed over would pass everything.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.many import many

Json: TypeAlias = Any
Keywords: TypeAlias = Mapping[str, Any]
Schema: TypeAlias = Keywords | bool
Fault: TypeAlias = tuple[str, str]
"""A JSONPath, and what is wrong there."""

TYPES: dict[str, Callable[[Json], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": lambda value: _is_number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

_ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "title", "description", "default", "examples"})


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind_of(value: Json) -> str:
    """What a value is, in a message."""
    return next(name for name, is_one in TYPES.items() if name != "integer" and is_one(value))


def faults(schema: Schema, value: Json, path: str = "$") -> Iterator[Fault]:
    """Yield what of `value` is not as `schema` has it."""
    if isinstance(schema, bool):
        if not schema:
            yield path, "nothing may be here"
        return
    if "type" in schema and not any(TYPES[name](value) for name in _listed(schema["type"])):
        yield path, f"expected {' or '.join(_listed(schema['type']))}, got {kind_of(value)}"
        return
    for keyword, argument in schema.items():
        if keyword in _RULES:
            yield from _RULES[keyword](argument, value, path, schema)


def _listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - one, or a list
    return value if isinstance(value, list) else [value]


# --- what each keyword says; a keyword for another type says nothing (JSON Schema Validation, 6)

Argument: TypeAlias = Any
"""What a keyword is given: of another type for each, which `verified` has made sure of."""

_Rule: TypeAlias = Callable[[Any, Json, str, Keywords], Iterator[Fault]]


def _when(type_: str, fits: Callable[[Any, Any], bool], words: str, unit: str = "") -> _Rule:
    def rule(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
        if TYPES[type_](value) and not fits(argument, value):
            yield path, words.format(many(argument, unit) if unit else argument)

    return rule


def _any(fits: Callable[[Any, Any], bool], words: str) -> _Rule:
    def rule(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
        if not fits(argument, value):
            yield path, words.format(argument)

    return rule


def same(one: Json, other: Json) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _properties(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name, schema in argument.items():
            if name in value:
                yield from faults(schema, value[name], f"{path}.{name}")


def _required(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name in argument:
            if name not in value:
                yield f"{path}.{name}", "is missing"


def _additional(argument: Argument, value: Json, path: str, schema: Keywords) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name in sorted(value.keys() - schema.get("properties", {}).keys()):
            if argument is False:
                yield f"{path}.{name}", "is not expected"
            else:
                yield from faults(argument, value[name], f"{path}.{name}")


def _items(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
    if isinstance(value, list):
        for each in value:
            yield from faults(argument, each, f"{path}[*]")


def _any_of(argument: Argument, value: Json, path: str, _: Keywords) -> Iterator[Fault]:
    if all(any(True for _ in faults(schema, value, path)) for schema in argument):
        yield path, f"is none of {many(len(argument), 'shape')}, got {kind_of(value)}"


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return fits


_FORMATS: dict[str, Callable[[str], bool]] = {
    "uuid": lambda text: bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text)),
    "date": _parses(date.fromisoformat),
    "date-time": lambda text: "T" in text.upper().replace(" ", "T") and _parses(datetime.fromisoformat)(text),
    "email": lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text)),
    "uri": lambda text: bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", text)),
}

_RULES: dict[str, _Rule] = {
    "enum": _any(
        lambda known, value: any(same(value, each) for each in known), "is none of the values allowed"
    ),
    "const": _any(same, "is not the value expected"),
    "anyOf": _any_of,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "minItems": _when("array", lambda least, value: len(value) >= least, "has fewer than {}", "item"),
    "maxItems": _when("array", lambda most, value: len(value) <= most, "has more than {}", "item"),
    "minLength": _when("string", lambda least, value: len(value) >= least, "is shorter than {}", "character"),
    "maxLength": _when("string", lambda most, value: len(value) <= most, "is longer than {}", "character"),
    "pattern": _when("string", lambda regex, value: bool(re.search(regex, value)), "does not match {}"),
    "format": _when("string", lambda name, value: _FORMATS[name](value), "is no {}"),
    "minimum": _when("number", lambda least, value: value >= least, "is less than {}"),
    "maximum": _when("number", lambda most, value: value <= most, "is more than {}"),
    "exclusiveMinimum": _when("number", lambda limit, value: value > limit, "is not more than {}"),
    "exclusiveMaximum": _when("number", lambda limit, value: value < limit, "is not less than {}"),
}

# --- whether a schema is one


def verified(schema: object) -> Schema:
    """Return `schema` if every part of it is known here.

    Raises:
        MistakeError: for the first part that is not.
    """
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise MistakeError(f"{schema!r} is no JSON Schema", "a mapping of keywords, or true or false")
    for keyword, argument in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        if keyword != "type" and keyword not in _RULES:
            known = ", ".join(sorted({"type", *_RULES}))
            raise MistakeError(f"the keyword '{keyword}' is not known here", f"one of {known}")
        if not _ARGUMENTS[keyword](argument):
            raise MistakeError(f"'{keyword}' can't be {argument!r}", "as JSON Schema 2020-12 has it")
    return schema


def _schemas(value: Any) -> bool:  # noqa: ANN401 - of YAML
    return isinstance(value, dict) and all(isinstance(verified(each), bool | dict) for each in value.values())


def _pattern(value: Any) -> bool:  # noqa: ANN401 - of YAML
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _count(value: Any) -> bool:  # noqa: ANN401 - of YAML
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _subschema(value: Any) -> bool:  # noqa: ANN401 - of YAML
    return isinstance(verified(value), bool | dict)


_ARGUMENTS: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: bool(_listed(value)) and all(str(name) in TYPES for name in _listed(value)),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "const": lambda value: True,
    "anyOf": lambda value: isinstance(value, list) and bool(value) and all(map(_subschema, value)),
    "properties": _schemas,
    "required": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "additionalProperties": _subschema,
    "items": _subschema,
    "pattern": _pattern,
    "format": lambda value: str(value) in _FORMATS,
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), _count),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
}
