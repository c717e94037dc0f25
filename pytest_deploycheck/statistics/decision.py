"""What samples show: passed, failed, or not decided, with the words to say so."""

from dataclasses import dataclass
from enum import Enum
from math import ceil, floor, log10


class Ruling(Enum):
    """The three answers."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling and what it rests on.

    `seen` is what was counted ("8 of 240"), `bounds` where the truth may lie, `advice` what would decide.
    """

    ruling: Ruling
    seen: str
    bounds: str = ""
    advice: str = ""

    def told(self, what: str = "") -> str:
        """Return it in one line: 8 of 240 `what` (bounds); advice."""
        counted = f"{self.seen} {what}".strip()
        bounded = f"{counted} ({self.bounds})" if self.bounds else counted
        return f"{bounded}; {self.advice}" if self.advice else bounded


def percent(share: float) -> str:
    """Return a share as people write it: 3.3 %, 0.10 %, 12 %."""
    hundredfold = share * 100
    digits = 0 if hundredfold >= 9.95 or not hundredfold else 1 - floor(log10(hundredfold))
    return f"{hundredfold:.{max(0, min(digits, 4))}f} %"


def seconds(value: float) -> str:
    """Return a latency with three digits, in ms below a second: 87.2 ms, 1.04 s."""
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"


def about(count: float) -> str:
    """Return a number of requests rounded up to two digits, with commas: 490, 1,500."""
    unit = 10 ** max(0, floor(log10(max(count, 1))) - 1)
    return f"{ceil(count / unit) * unit:,}"
