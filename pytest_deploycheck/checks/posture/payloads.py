"""Inputs that a program must refuse or take as text, and never stumble over."""

import json
from dataclasses import dataclass, field
from typing import Any

from pytest_deploycheck.model.check import Severity, Weakness

MARKUP = "<script>deploycheck()</script><img src=x onerror=deploycheck()>"
LARGEST = 256 * 1024
"""Bytes of a body: more than an API needs, and no load."""

_OWASP = "API8:2023"
_RESOURCES = "API4:2023"
_DEPTH = 10_000
_LONG = 6_000
"""Characters in a query: below the 8000 that every server must take (RFC 9110, 4.1)."""

_STUMBLES = Weakness(Severity.MEDIUM, "CWE-20", _OWASP)
_MARKUP = Weakness(Severity.HIGH, "CWE-79", _OWASP)
_SQL = Weakness(Severity.HIGH, "CWE-89", _OWASP)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that goes where a value belongs."""

    title: str
    value: str = field(repr=False)
    weakness: Weakness = _STUMBLES
    hint: str = "validate the value before it is used"


@dataclass(frozen=True, slots=True)
class Body:
    """A whole body that no request can mean."""

    title: str
    content: bytes = field(repr=False)
    weakness: Weakness = _STUMBLES
    hint: str = "refuse what cannot be read with 400, before anything is done with it"


SQL_LIKE = "SQL-like text"

TEXTS = (
    Text(
        SQL_LIKE,
        "' OR '1'='1'; --",
        _SQL,
        "pass values as parameters, never as part of the statement",
    ),
    Text("markup", MARKUP, _MARKUP, "escape what is put into a page, and answer JSON as application/json"),
    Text("a null byte", "deploycheck\0", hint="PostgreSQL takes no null byte in a text: refuse it before"),
)
"""For a query and for a value in a body."""

LONG_TEXT = Text("a long text", "d" * _LONG, Weakness(Severity.LOW, "CWE-770", _RESOURCES))
"""For a query."""

VALUES: tuple[tuple[str, Any], ...] = (
    ("an object where a text belongs", {"deploycheck": []}),
    ("a number beyond all bounds", 10**400),
)
"""For a value in a body: of the wrong type."""

BODIES = (
    Body("malformed JSON", b'{"deploycheck": '),
    Body("JSON of the wrong type", b'["deploycheck"]'),
    Body(
        "an oversized body",
        b'{"deploycheck": "' + b"d" * (LARGEST - 32),
        Weakness(Severity.MEDIUM, "CWE-770", _RESOURCES),
        "bound the size of a body where it is received",
    ),
    Body(
        "JSON nested too deep",
        b"[" * _DEPTH + b"]" * _DEPTH,
        Weakness(Severity.MEDIUM, "CWE-674", _RESOURCES),
        "bound the depth, or catch the parser's error",
    ),
)
"""None of them can be valid: cut short, or a list where an object belongs."""


def with_input(document: Any, value: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return the JSON of `document` with `value` where {input} stands."""
    return json.dumps(_replaced(document, value), separators=(",", ":")).encode()


INPUT = "{input}"


def has_input(document: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether {input} stands somewhere in `document` as a value of its own."""
    match document:
        case dict():
            return any(has_input(part) for part in document.values())
        case list():
            return any(has_input(part) for part in document)
        case _:
            return bool(document == INPUT)


def _replaced(document: Any, value: Any) -> Any:  # noqa: ANN401 - JSON
    match document:
        case dict():
            return {key: _replaced(part, value) for key, part in document.items()}
        case list():
            return [_replaced(part, value) for part in document]
        case _:
            return value if document == INPUT else document
