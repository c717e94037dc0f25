"""Expected statuses: 200, [200, 204] or 2xx."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.part import MistakeError

REFUSALS = frozenset({401, 403})
"""Statuses that say no to whoever asks (RFC 9110, 15.5.2 and 15.5.4)."""

TOO_MANY_REQUESTS = 429

_EXPECTED = "200, [200, 204] or 2xx"
_CODE = re.compile(r"[1-5]\d\d")
_CLASS = re.compile(r"[1-5]xx")


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses that are right, and how they were written."""

    codes: frozenset[int]
    text: str

    def __contains__(self, status: int) -> bool:
        return status in self.codes

    @property
    def refusal(self) -> bool:
        """Whether a refusal is among what is expected."""
        return bool(self.codes & REFUSALS)

    def __str__(self) -> str:
        return self.text


SUCCESS = Statuses(frozenset(range(200, 300)), "2xx")


def parse_statuses(value: object) -> Statuses:
    """Return the statuses that a value of the contract names."""
    if isinstance(value, Statuses):
        return value
    parts = value if isinstance(value, list) else [value]
    if not parts:
        raise MistakeError("an empty list of statuses expects nothing", _EXPECTED)
    codes = frozenset[int]().union(*(_codes(part) for part in parts))
    return Statuses(codes, " or ".join(str(part) for part in parts))


def _codes(value: object) -> frozenset[int]:
    text = str(value).lower()
    if isinstance(value, int | str) and _CODE.fullmatch(text):
        return frozenset({int(text)})
    if isinstance(value, str) and _CLASS.fullmatch(text):
        first = int(text[0]) * 100
        return frozenset(range(first, first + 100))
    raise MistakeError(f"{value!r} is not a status", _EXPECTED)


StatusOf = Annotated[
    Statuses,
    PlainValidator(parse_statuses),
    WithJsonSchema({"anyOf": [{"type": ["integer", "string"]}, {"type": "array", "minItems": 1}]}),
]
