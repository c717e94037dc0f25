"""Values of settings as PostgreSQL has them: numbers with units, words, on and off; and demands on them."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.amount import Limit
from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.duration import parse_duration

_TIME = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_MEMORY = {"B": 1.0, "kB": 1024.0, "MB": 1024.0**2, "GB": 1024.0**3, "TB": 1024.0**4}

_VALUE = re.compile(r"\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*")
_UNIT = re.compile(r"(\d*)([A-Za-z]+)")
_SIGNED = re.compile(r"\s*(<=|>=|==|<|>)\s*(.*\S)\s*")

_TRUE = frozenset({"on", "true", "tru", "tr", "t", "yes", "ye", "y", "1"})
_FALSE = frozenset({"off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"})
"""What parse_bool of PostgreSQL takes."""

_OFF_AT_ZERO = "_timeout"
"""How settings end for which 0 means that there is no limit at all."""


def measured(text: str, unit: str) -> float | None:
    """Return a value in seconds, bytes or as a plain number, or None if it is none for that unit.

    `unit` is the server's own (ms, 8kB, ''): a number without one is in it.
    """
    found = _VALUE.fullmatch(text)
    family = _family(unit)
    if found is None:
        return parse_duration(text) if family is _TIME else None
    number, suffix = float(found[1]), found[2]
    if not suffix:
        return number * _size(unit)
    if suffix in family:
        return number * family[suffix]
    return parse_duration(text) if family is _TIME else None


def effective(name: str, text: str, unit: str) -> float | None:
    """Return what a setting's value means: no limit at all is more than any."""
    number = measured(text, unit)
    unlimited = number is not None and (number < 0 or (number == 0 and name.endswith(_OFF_AT_ZERO)))
    return math.inf if unlimited else number


@dataclass(frozen=True, slots=True)
class Demand:
    """What a setting must be: one of `choices`, or on one side of the only one if there is a `sign`."""

    sign: str
    choices: tuple[str, ...]

    def holds(self, name: str, value: str, unit: str) -> bool | None:
        """Whether `value` is what is asked for; None if the two can't be compared."""
        if self.sign:
            return self._compared(effective(name, value, unit), measured(self.choices[0], unit))
        return any(_same(value, choice, unit) for choice in self.choices)

    def _compared(self, value: float | None, limit: float | None) -> bool | None:
        return None if value is None or limit is None else Limit(self.sign, limit).holds(value)

    @property
    def example(self) -> str:
        """A value that would do, for a statement that mends."""
        return self.choices[0]

    def __str__(self) -> str:
        return self.sign + " or ".join(self.choices)


def _same(value: str, wanted: str, unit: str) -> bool:
    one, other = measured(value, unit), measured(wanted, unit)
    if one is not None and other is not None:
        return math.isclose(one, other, rel_tol=1e-9)
    return value == wanted or (_truth(value) is not None and _truth(value) == _truth(wanted))


def _truth(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _family(unit: str) -> dict[str, float]:
    found = _UNIT.fullmatch(unit)
    return next((family for family in (_TIME, _MEMORY) if found and found[2] in family), {})


def _size(unit: str) -> float:
    found = _UNIT.fullmatch(unit)
    return float(found[1] or 1) * _family(unit)[found[2]] if found and _family(unit) else 1.0


def parse_demand(value: object) -> Demand:
    """Return the demand that a value such as 30s, ">=100", on or [replica, logical] is."""
    if isinstance(value, list) and value:
        return Demand("", tuple(_word(each) for each in value))
    if isinstance(value, str) and (found := _SIGNED.fullmatch(value)):
        if not _VALUE.fullmatch(found[2]) and parse_duration(found[2]) is None:
            raise MistakeError(f"{value!r} compares with no number", "such as >=100, <=30s or >=128MB")
        return Demand(found[1].replace("==", ""), (found[2],))
    return Demand("", (_word(value),))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        return str(value)
    raise MistakeError(f"{value!r} is no value of a setting", "a number, a text, or a list of them")


def _schema() -> dict[str, Any]:
    one = {"type": ["string", "number", "boolean"]}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


Asked = Annotated[Demand, PlainValidator(parse_demand), WithJsonSchema(_schema())]
