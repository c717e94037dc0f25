"""Matchers: a plain value must be equalled, a mapping names operators that must all hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.operators import OPERATORS, Demand, Found, Matcher
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.checks.language.shown import shown

__all__ = ["Found", "Matcher", "MatcherOf", "broken", "parse_matcher"]

_ABSENCE = frozenset({"absent", "exists"})
"""Operators that decide by themselves what it means that nothing is there."""


def parse_matcher(value: object) -> Matcher:
    """Return the matcher that a value of the contract describes."""
    if isinstance(value, Matcher):
        return value
    if isinstance(value, str | int | float | bool | list | None):
        return Matcher((Demand("equals", value),))
    if not isinstance(value, Mapping):
        raise MistakeError(
            f"{value!r} is not a JSON value", "text in quotes, a number, true, false, null or a list"
        )
    if not value:
        raise MistakeError("an empty matcher expects nothing", f"one of {', '.join(OPERATORS)}")
    return Matcher(tuple(_parse_test(str(name), argument) for name, argument in value.items()))


def _parse_test(name: str, argument: object) -> Demand:
    if name not in OPERATORS:
        near = get_close_matches(name, OPERATORS, n=1)
        expected = f"'{near[0]}'?" if near else f"one of {', '.join(OPERATORS)}; or equals: {{...}}"
        raise MistakeError(f"unknown operator '{name}'", expected)
    if name in _NESTED:
        return Demand(name, parse_matcher(argument))
    return Demand(name, OPERATORS[name].parse(argument))


_NESTED = frozenset({"not", "every"})


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one operator wanted, and what it got instead."""

    wanted: str
    got: str


def broken(matcher: Matcher, found: Found, known: Mapping[str, Any]) -> str | None:
    """Return what was expected and what came instead, or None if `found` is as it should be.

    `known` are the values of the names in braces that the matcher uses.
    """
    for test in matcher.tests:
        if fault := _fault(test, found, known):
            return f"expected {fault.wanted}, got {fault.got}"
    return None


def _fault(test: Demand, found: Found, known: Mapping[str, Any]) -> _Judged | None:
    if test.name in _ABSENCE:
        wants = bool(test.argument) == (test.name == "exists")
        if wants == bool(found.values):
            return None
        return _Judged("something" if wants else "nothing", _got(found))
    if test.name == "every":
        return _every(test.argument, found, known)
    value = found.values[0] if found.single and found.values else list(found.values)
    if not found.values and (found.single or not _judges_emptiness(test)):
        return _Judged(wanted(test, known), "nothing there")
    return None if _holds(test, value, known) else _Judged(wanted(test, known), shown(value))


def _judges_emptiness(test: Demand) -> bool:
    """Whether a test is about the list of what was found, so that an empty one can be right."""
    return test.name == "length" or (test.name == "equals" and test.argument == [])


def _every(inner: Matcher, found: Found, known: Mapping[str, Any]) -> _Judged | None:
    """Judge each value found; none at all proves nothing."""
    words = f"every value {wanted_by(inner, known)}"
    values = found.values
    if found.single and len(values) == 1 and isinstance(values[0], list):
        values = tuple(values[0])
    if not values:
        return _Judged(words, "none, and an empty list proves nothing")
    wrong = [value for value in values if not _all_hold(inner, value, known)]
    return (
        _Judged(words, f"{len(wrong)} of {len(values)} otherwise, first {shown(wrong[0])}") if wrong else None
    )


def _all_hold(matcher: Matcher, value: Any, known: Mapping[str, Any]) -> bool:  # noqa: ANN401 - JSON
    found = Found((value,))
    return all(_fault(test, found, known) is None for test in matcher.tests)


def _holds(test: Demand, value: Any, known: Mapping[str, Any]) -> bool:  # noqa: ANN401 - JSON
    if test.name == "not":
        return not _all_hold(test.argument, value, known)
    operator = OPERATORS[test.name]
    return operator.holds(value, operator.fill(test.argument, known))


def wanted(test: Demand, known: Mapping[str, Any]) -> str:
    """What a test asks for, in words."""
    if test.name in _NESTED:
        return f"{test.name} {wanted_by(test.argument, known)}"
    operator = OPERATORS[test.name]
    return operator.words(operator.fill(test.argument, known))


def wanted_by(matcher: Matcher, known: Mapping[str, Any]) -> str:
    """What a matcher asks for, in words."""
    return " and ".join(wanted(test, known) for test in matcher.tests)


def _got(found: Found) -> str:
    if not found.values:
        return "nothing there"
    return shown(found.values[0] if found.single else list(found.values))


MatcherOf = Annotated[
    Matcher,
    PlainValidator(parse_matcher),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null", "array"]},
                {
                    "type": "object",
                    "properties": {name: operator.schema for name, operator in OPERATORS.items()},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
]
"""A matcher as a field of a pydantic model."""
