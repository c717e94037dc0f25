"""Sends until the first 429, and counts what was served before it."""

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import ceil
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, Statuses
from pytest_deploycheck.checks.limits.fields import Told, told
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe

_TOGETHER = 10
"""Requests of one round, far from where the limit is expected."""
_NEAR = 2
"""So near to it they are sent one by one."""
_LEAST_MARGIN = 5
_MARGIN = 4
"""A quarter of the limit is sent beyond it before it counts as none: a bucket is refilled meanwhile."""
_PATIENCE = 2
"""So many margins at most, where requests take so long that a bucket could have been refilled by one."""


def most(limit: int) -> int:
    """The most requests that one count sends."""
    return limit + _PATIENCE * _margin(limit)


def _margin(limit: int) -> int:
    return max(_LEAST_MARGIN, ceil(limit / _MARGIN))


@dataclass(slots=True)
class Count:
    """What one count saw. `elapsed` is in seconds; `trouble` ended it early."""

    statuses: Statuses
    sent: int = 0
    served: int = 0
    elapsed: float = 0.0
    refusal: Reply | None = None
    refused: int = 0
    """Which request was refused first, counted from 0."""
    trouble: Failed | Inconclusive | None = None
    last: Reply | None = None
    """What was served last."""
    told: list[Told] = field(default_factory=list)

    def note(self, seen: Evidence) -> None:
        """Take note of what a request brought."""
        self.sent += 1
        self.elapsed += seen.elapsed if isinstance(seen, Reply | Silence) else 0.0
        if isinstance(seen, Reply) and seen.status == TOO_MANY_REQUESTS:
            if self.refusal is None:
                self.refusal, self.refused = seen, self.sent - 1
        elif isinstance(seen, Reply) and seen.status in self.statuses:
            self.served += 1
            self.last = seen
            self.told.append(told(seen))
        else:
            self.trouble = self.trouble or self._trouble(seen)

    def _trouble(self, seen: Evidence) -> Failed | Inconclusive:
        match seen:
            case Reply(status=status) if self.served:
                return Failed(f"request {self.sent} got {status}, expected {self.statuses}, or 429")
            case Reply(status=status):
                return Inconclusive(
                    f"the first request got {status}, expected {self.statuses}: there is nothing to limit"
                )
            case _:
                return Inconclusive(f"request {self.sent}: {unanswered(seen)}")

    @property
    def left_at_first(self) -> int | None:
        """How many requests were left when the count began, the first included, where the replies say it."""
        first = self.told[0].remaining if self.told else None
        return None if first is None else first + 1

    @property
    def counters(self) -> int:
        """How often the same number of requests remained: more than once if several replicas count."""
        seen = Counter(each.remaining for each in self.told if each.remaining)
        return max(seen.values(), default=1)

    @property
    def one_window(self) -> bool:
        """Whether the replies prove that no new window began meanwhile."""
        reset = self.told[0].reset if self.told else None
        return reset is not None and self.elapsed + 1 < reset


Counting: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Count]


def count(
    request: Callable[[int], HttpRequest], statuses: Statuses, limit: int, allowed: Callable[[float], int]
) -> Counting:
    """Send requests until one is refused, alone at first and near the limit, else some together.

    `request` makes the one with a number, counted from 0; `allowed` tells how many may be served in so many
    seconds.
    """
    counted = Count(statuses)
    while not (counted.refusal or counted.trouble or _enough(counted, limit, allowed)):
        margin = limit + _margin(limit)
        stop = margin if counted.sent < margin else most(limit)
        size = min(_size(counted, limit), stop - counted.sent)
        first = counted.sent
        for seen in (yield tuple(request(first + number) for number in range(size))):
            counted.note(seen)
    return counted


def _enough(counted: Count, limit: int, allowed: Callable[[float], int]) -> bool:
    """Whether no limiter that keeps the limit would have served as many, or more would be too many."""
    beyond = counted.sent >= limit + _margin(limit)
    return (beyond and counted.sent > allowed(counted.elapsed)) or counted.sent >= most(limit)


def _size(counted: Count, limit: int) -> int:
    if not counted.told:
        return 1
    remaining = counted.told[-1].remaining
    left = limit - counted.served if remaining is None else remaining
    return max(1, min(_TOGETHER, left - _NEAR))
