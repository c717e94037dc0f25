"""Request lines: GET /api/orders/{order} [a note]."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from pytest_deploycheck.checks.language.part import MistakeError
from pytest_deploycheck.model.names import SAFE_METHODS

_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<target>(?:/|https?://|\$\{|\{)\S*)(?: \[(?P<note>[^\]]+)\])?")

EXPECTED = "METHOD /path [note], such as GET /api/orders [no token]"


@dataclass(frozen=True, slots=True)
class Line:
    """A method and a target; the target may still hold names in braces."""

    method: str
    target: str

    @property
    def safe(self) -> bool:
        """Whether the method asks for no change (RFC 9110, 9.2.1)."""
        return self.method in SAFE_METHODS

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


def read_line(text: str) -> Line | None:
    """Return the request line that `text` is, or None."""
    found = _LINE.fullmatch(text)
    return Line(found["method"], found["target"]) if found else None


def _target(text: str) -> str:
    if read_line(f"GET {text}"):
        return text
    raise MistakeError(f"{text!r} is not a path", "a path such as /health, or a URL")


PathOf = Annotated[str, AfterValidator(_target)]
"""A path below the environment's base URL, or a whole URL."""
