"""What a check concluded, and why."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Passed:
    """The deployment shows what the contract asks.

    `lacking` is what the check would have looked at and the deployment has none of: it passed, and proves
    nothing more than that.
    """

    note: str = ""
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The deployment shows something else."""

    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The check could not be decided; it neither passed nor failed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waived:
    """The check did not pass, and somebody answers for it until a date."""

    reason: str
    owner: str
    justification: str
    until: date


Outcome: TypeAlias = Passed | Failed | Inconclusive | Waived
