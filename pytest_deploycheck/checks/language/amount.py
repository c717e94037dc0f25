"""Durations, percentages and limits as people write them: 30s, 80%, <3s, >=1."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model import duration

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_LIMIT = re.compile(r"(<=|>=|<|>|==|)\s*(-?\d+(?:\.\d+)?)")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "": operator.eq,
    "==": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A comparison with a number, as it was written."""

    sign: str
    number: float

    def holds(self, value: float) -> bool:
        """Whether `value` is within the limit."""
        return _SIGNS[self.sign](value, self.number)

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}".strip()


@dataclass(frozen=True, slots=True)
class Within:
    """A duration that must not be reached. `seconds` is the limit, `text` as it was written."""

    seconds: float
    text: str


def parse_duration(value: object) -> float:
    """Return seconds."""
    seconds = duration.parse_duration(value) if isinstance(value, str) else None
    if seconds is None:
        known = ", ".join(duration.EXAMPLES)
        raise MistakeError(f"{value!r} is not a duration", f"a number with its unit: {known}")
    return seconds


def parse_positive_duration(value: object) -> float:
    """Return seconds, more than none."""
    if seconds := parse_duration(value):
        return seconds
    raise MistakeError(f"{value!r} leaves no time", "more than 0s")


def parse_within(value: object) -> Within:
    """Return the limit that a text such as <3s holds."""
    if isinstance(value, str) and value.strip().startswith("<"):
        text = value.strip()[1:].strip()
        return Within(parse_positive_duration(text), text)
    raise MistakeError(f"{value!r} is not a limit for a duration", "such as <3s or <500ms")


def parse_percent(value: object) -> float:
    """Return a share between 0 and 1."""
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value.strip())):
        share = float(found[1]) / 100
        if 0 < share <= 1:
            return share
    raise MistakeError(f"{value!r} is not a percentage", "such as 80%, above 0% and at most 100%")


def parse_limit(value: object) -> Limit:
    """Return the limit that a number, or a text such as >=1, holds."""
    found = None if isinstance(value, bool) else _LIMIT.fullmatch(str(value).strip())
    if found:
        return Limit(found[1].replace("==", ""), float(found[2]))
    raise MistakeError(f"{value!r} is not a limit", "a number, or one after <, <=, > or >=")


_UNITS: dict[str, int] = {unit: 1024**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB"))}
_SIZE = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})")


def parse_size(value: object) -> int:
    """Return bytes; units are powers of 1024, as PostgreSQL has them."""
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found and (size := float(found[1]) * _UNITS[found[2]]) >= 1:
        return round(size)
    raise MistakeError(f"{value!r} is not a size", f"a number above 0 with its unit: {', '.join(_UNITS)}")


def told_size(size: float) -> str:
    """Return bytes as people read them."""
    unit = next((unit for unit, of in reversed(_UNITS.items()) if abs(size) >= of), "B")
    return f"{size / _UNITS[unit]:.4g} {unit}"


def told_duration(seconds: float) -> str:
    """Return seconds as people read them."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if abs(seconds) >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"


_TEXT = WithJsonSchema({"type": "string"})

Duration = Annotated[float, PlainValidator(parse_positive_duration), _TEXT]
DurationLimit = Annotated[Within, PlainValidator(parse_within), _TEXT]
Size = Annotated[int, PlainValidator(parse_size), _TEXT]
Percent = Annotated[float, PlainValidator(parse_percent), _TEXT]
