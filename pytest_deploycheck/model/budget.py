"""What a check declares that it will spend, and what a run may spend."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spend:
    """Counts of what is sent to the target. `load` are requests of load runs, not counted in `requests`."""

    requests: int = 0
    writes: int = 0
    queries: int = 0
    load: int = 0

    def __add__(self, other: Self) -> "Spend":
        return Spend(
            self.requests + other.requests,
            self.writes + other.writes,
            self.queries + other.queries,
            self.load + other.load,
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may spend on one environment. `duration` is wall time in seconds.

    `load` requests may be sent by load runs, in all, and `load_rate` of them a second; None: no cap.
    """

    requests: int = 2000
    writes: int = 100
    duration: float = 1800.0
    load: int = 100_000
    load_rate: float | None = None
