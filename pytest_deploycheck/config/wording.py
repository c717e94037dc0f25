"""What pydantic found, in the words of the contract's author."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from pydantic_core import ErrorDetails

from pytest_deploycheck.config.errors import nearest
from pytest_deploycheck.config.fields import UnfitError
from pytest_deploycheck.config.places import Scalar, Sequence
from pytest_deploycheck.config.plain import is_empty, is_nothing, meaning
from pytest_deploycheck.config.schema_keys import known_keys
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.place import Place

_WHOLE, _NUMBER, _BOOLEAN = "a whole number", "a number", "true or false"
SCALARS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number", "decimal_type"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _BOOLEAN),
}
"""pydantic's error types for what only a number or a boolean can be."""
_SHAPES = {
    **SCALARS,
    "string_type": "a text",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), "a list"),
    **dict.fromkeys(
        ("dict_type", "model_type", "mapping_type", "model_attributes_type", "dataclass_type"),
        "keys and values",
    ),
}
_CHOICES = frozenset({"literal_error", "enum"})
_LONGEST = 80
_YAML_WORDS = {"True": "true", "False": "false"}
_TOO_SHORT = frozenset({"too_short", "string_too_short"})
_RAISED = frozenset({"value_error", "assertion_error"})
_ONE_OF_SEVERAL = frozenset({*_SHAPES, *_CHOICES, *_RAISED, "string_pattern_mismatch", "none_required"})
"""Error types of which a value gets one for each branch of a union."""
_CONSEQUENT = _ONE_OF_SEVERAL | _TOO_SHORT
"""Error types of a whole that follow from what is wrong below: a list without its wrong items is empty."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What is wrong with a part."""

    at: Spot
    place: Place
    message: str
    expected: str


@dataclass(frozen=True, slots=True)
class _Finding:
    detail: ErrorDetails
    at: Spot

    @property
    def type(self) -> str:
        return self.detail["type"]

    @property
    def group(self) -> tuple[str, ...]:
        own = "" if self.type in _ONE_OF_SEVERAL else f"{self.type} {self.detail['loc']}"
        return (*map(repr, self.at.trail), own)


def sayings(error: ValidationError, adapter: TypeAdapter[Any], spot: Spot) -> Iterator[Saying]:
    """Return what is wrong, once for each part: the branches of a union are told together."""
    details = error.errors(include_url=False)
    findings = sorted((_Finding(detail, _at(detail, spot)) for detail in details), key=lambda one: one.group)
    trails = {finding.at.trail for finding in findings}
    for _, same in groupby(findings, key=lambda one: one.group):
        group = list(same)
        if not (group[0].type in _CONSEQUENT and _has_deeper(group[0].at.trail, trails)):
            yield _saying(group, adapter)


def _at(detail: ErrorDetails, spot: Spot) -> Spot:
    return spot.find(detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"])


def _has_deeper(trail: tuple[str | int, ...], trails: set[tuple[str | int, ...]]) -> bool:
    """Whether something below is wrong too: then another branch of the union was meant."""
    return any(len(other) > len(trail) and other[: len(trail)] == trail for other in trails)


def _saying(group: list[_Finding], adapter: TypeAdapter[Any]) -> Saying:
    first, at = group[0], group[0].at
    by_key = first.type == "extra_forbidden" or "[key]" in first.detail["loc"]
    place = at.key.place if by_key and at.key else at.place
    if isinstance(at.node, Scalar) and at.node.pending and first.type in SCALARS:
        needs = f"'{at.name}' needs {at.node.pending[0]}, which only the started deployment gives"
        return Saying(at, place, needs, "a value that is known before")
    told = [finding for finding in group if finding.type != "none_required"] or group
    said = [_words(finding, adapter) for finding in told]
    if "[key]" in first.detail["loc"]:
        said[0] = (f"the key '{at.name}' can't stand here", said[0][1])
    expected = dict.fromkeys(text for _, text in said if text)
    return Saying(at, place, said[0][0], " or ".join(expected))


def _words(finding: _Finding, adapter: TypeAdapter[Any]) -> tuple[str, str]:
    detail, at = finding.detail, finding.at
    context = detail.get("ctx", {})
    if finding.type == "extra_forbidden":
        return f"unknown key '{at.name}'", nearest(str(detail["loc"][-1]), _known(adapter, detail))
    if finding.type == "missing":
        return f"missing key '{detail['loc'][-1]}'" + (f" in '{at.name}'" if at.name else ""), ""
    if finding.type in _SHAPES:
        return quoted(at), _shape(finding.type, at)
    if finding.type in _CHOICES:
        return quoted(at), _YAML_WORDS.get(context["expected"], context["expected"])
    if finding.type in _TOO_SHORT and is_empty(at.node):
        return f"'{at.name}' is empty", _filled(at)
    if finding.type in _RAISED:
        return _raised(context["error"], at)
    if said := context.get("message"):
        return str(said), str(context.get("expected", ""))
    return quoted(at), str(context.get("expected") or detail["msg"].removeprefix("Input should be "))


def quoted(at: Spot) -> str:
    """Say what stands there, as it is written; what may be a credential is not quoted."""
    if not isinstance(at.node, Scalar):
        return f"'{at.name}' is a {'list' if isinstance(at.node, Sequence) else 'mapping'}"
    if is_nothing(at.node):
        return f"'{at.name}' is empty"
    if at.confidential and not at.node.variables:
        return f"'{at.name}' is not right"
    return f"'{at.name}' is '{_in_one_line(at.node.written)}'"


def _in_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _raised(error: Exception, at: Spot) -> tuple[str, str]:
    """What a validator has to say; if that is nothing, the value is quoted."""
    message, expected = str(error), str(getattr(error, "expected", ""))
    if isinstance(error, UnfitError):
        return f"'{at.name}' {message}" if message else quoted(at), expected
    return f"'{at.name}': {message}", expected


def _shape(error_type: str, at: Spot) -> str:
    """Say which shape is expected, and whether quotes are what makes the difference."""
    shape = _SHAPES[error_type]
    if not isinstance(at.node, Scalar) or at.node.variables:
        return shape
    if error_type in SCALARS and not at.node.plain:
        return f"{shape}, without quotes"
    if error_type == "string_type" and at.node.plain and not isinstance(meaning(at.node.text), str | None):
        return f"{shape}, in quotes" if at.confidential else f'{shape}, in quotes: "{at.node.written}"'
    return shape


def _filled(at: Spot) -> str:
    if isinstance(at.node, Scalar):
        return "a text"
    return "at least one: an empty list checks nothing"


def _known(adapter: TypeAdapter[Any], detail: ErrorDetails) -> frozenset[str]:
    try:
        return known_keys(adapter.json_schema(), detail["loc"][:-1])
    except (PydanticSchemaGenerationError, PydanticUserError):
        return frozenset()
