"""The operators of a matcher: how each is written, what it accepts, how a message says it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_deploycheck.checks.language.amount import Limit, parse_limit
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.checks.language.template import filled, filled_text, names_in


@dataclass(frozen=True, slots=True)
class Demand:
    """One operator and what it compares with."""

    name: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Matcher:
    """Tests that must all hold."""

    tests: tuple[Demand, ...]

    def names(self) -> frozenset[str]:
        """The names in braces that the matcher uses."""
        used: set[str] = set()
        for test in self.tests:
            inner = test.argument
            used |= inner.names() if isinstance(inner, Matcher) else set(names_in(inner))
        return frozenset(used)


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to match. `single`: at most one value is meant, not a list of values."""

    values: tuple[Any, ...]
    single: bool = True


@dataclass(frozen=True, slots=True)
class Operator:
    """`fill` replaces names in braces; `schema` is what an editor offers."""

    parse: Callable[[Any], Any]
    holds: Callable[[Any, Any], bool]
    words: Callable[[Any], str]
    fill: Callable[[Any, Mapping[str, Any]], Any] = filled
    schema: Mapping[str, Any] = field(default_factory=dict)


TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _as_is(argument: Any) -> Any:  # noqa: ANN401 - JSON
    return argument


def _truth(argument: object) -> bool:
    if isinstance(argument, bool):
        return argument
    raise MistakeError(f"{argument!r} is neither true nor false", "true or false")


def _pattern(argument: object) -> str:
    if not isinstance(argument, str) or not argument:
        raise MistakeError(f"{argument!r} is not a regular expression", "a text such as ^[0-9a-f]{40}$")
    try:
        re.compile(argument)
    except re.error as error:
        raise MistakeError(
            f"{argument!r} is not a regular expression: {error}", "one as Python's re has it"
        ) from error
    return argument


def _type(argument: object) -> str:
    if argument in TYPES:
        return str(argument)
    raise MistakeError(f"{argument!r} is not a JSON type", f"one of {', '.join(TYPES)}")


def _choices(argument: object) -> list[Any]:
    if isinstance(argument, list) and argument:
        return argument
    raise MistakeError(f"{argument!r} leaves no choice", "a list of values")


def _is_type(value: Any, name: str) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _contains(value: Any, part: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    if isinstance(value, list):
        return any(same(item, part) for item in value)
    return isinstance(value, dict) and part in value


def _matches(value: Any, pattern: str) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) and re.search(pattern, value) is not None


def _fill_pattern(pattern: str, known: Mapping[str, Any]) -> str:
    return filled_text(pattern, known, re.escape)


def _keep(argument: Any, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - numbers hold no names
    return argument


def _length(value: Any, limit: Limit) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str | list | dict) and limit.holds(len(value))


def _compare(sign: str) -> Operator:
    def parse(argument: object) -> Limit:
        limit = parse_limit(argument)
        if limit.sign:
            raise MistakeError(f"{argument!r} has a sign already", f"a number after {sign}")
        return Limit(sign, limit.number)

    def holds(value: Any, limit: Limit) -> bool:  # noqa: ANN401 - JSON
        return _is_type(value, "number") and limit.holds(value)

    return Operator(parse, holds, lambda limit: f"a number {limit}", _keep, {"type": ["number", "string"]})


OPERATORS: dict[str, Operator] = {
    "equals": Operator(_as_is, same, shown),
    "not": Operator(_as_is, lambda value, other: not same(value, other), lambda other: f"not {shown(other)}"),
    "contains": Operator(_as_is, _contains, lambda part: f"something that contains {shown(part)}"),
    "matches": Operator(
        _pattern,
        _matches,
        lambda pattern: f"a text that matches /{pattern}/",
        _fill_pattern,
        {"type": "string"},
    ),
    "in": Operator(
        _choices,
        lambda value, choices: any(same(value, choice) for choice in choices),
        lambda choices: f"one of {shown(choices)}",
        schema={"type": "array", "minItems": 1},
    ),
    "type": Operator(_type, _is_type, lambda name: f"a value of type {name}", _keep, {"enum": list(TYPES)}),
    "length": Operator(
        parse_limit, _length, lambda limit: f"a length of {limit}", _keep, {"type": ["integer", "string"]}
    ),
    "under": _compare("<"),
    "over": _compare(">"),
    "<": _compare("<"),
    ">": _compare(">"),
    "<=": _compare("<="),
    ">=": _compare(">="),
    "exists": Operator(_truth, _contains, str, _keep, {"type": "boolean"}),
    "absent": Operator(_truth, _contains, str, _keep, {"type": "boolean"}),
    "every": Operator(_as_is, same, shown),
}
"""The operators by name. What `not`, `every`, `exists` and `absent` do stands in `matcher`."""
