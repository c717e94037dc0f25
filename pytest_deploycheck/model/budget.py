"""What a check declares that it will spend, and what a run may spend."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spend:
    """Counts of what is sent to the target."""

    requests: int = 0
    writes: int = 0
    queries: int = 0

    def __add__(self, other: Self) -> "Spend":
        return Spend(self.requests + other.requests, self.writes + other.writes, self.queries + other.queries)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may spend on one environment. `duration` is wall time in seconds."""

    requests: int = 2000
    writes: int = 100
    duration: float = 1800.0
