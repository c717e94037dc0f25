"""How pytest's reporters show a check: all its evidence once, one line of it where they want a line."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from pytest_deploycheck.tally import kind


class Writer(Protocol):
    """What pytest's terminal offers."""

    def line(self, text: str) -> None:
        """Write a line."""


@dataclass(frozen=True, slots=True)
class Crash:
    """Where, and the one line that short summaries and JUnit quote; named as pytest reads it."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All the lines of a check that did not pass.

    A plain text would be quoted whole: under CI, pytest doesn't shorten what its short summary quotes.
    """

    told: str
    reprcrash: Crash

    def __str__(self) -> str:
        return self.told

    def toterminal(self, writer: Writer) -> None:
        """Write all of it."""
        writer.line(self.told)


def tell(report: pytest.TestReport) -> None:
    """Make the text that a check's report carries its evidence.

    Here, in the process that reports, since a report that comes from a worker brings text only.
    """
    if kind(report) and isinstance(report.longrepr, str):
        told = report.longrepr
        path, line, _ = report.location
        crash = Crash(path=path, lineno=(line or 0) + 1, message=told.partition("\n")[0])
        setattr(report, "longrepr", Evidence(told, crash))  # noqa: B010 - pytest asks for no more than this
