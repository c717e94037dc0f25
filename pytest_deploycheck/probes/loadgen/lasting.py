"""Requests that go on after their answer: each is counted when it would be over.

Failures come early, and answers whose connection is then held come late: counted as they come, the first
seconds of a run would show failures alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count


@dataclass(frozen=True, slots=True)
class Sample:
    """What is counted of a request; `second` is when it was due, `kind` how it failed, or nothing."""

    name: str
    version: str
    second: int
    kind: str
    seconds: float


class Lasting:
    """The requests of one process that are answered, or have failed, and are not over."""

    def __init__(self, add: Callable[[str, str, int, str, float], None]) -> None:
        self._add = add
        self._waiting: dict[int, tuple[float, Sample]] = {}
        self._numbers = count()
        self.open = 0
        """Connections that somebody still has to close."""

    def begin(self, sample: Sample, until: float) -> int:
        """Keep a request until it would be over, on the monotonic clock; return its number."""
        number = next(self._numbers)
        self._waiting[number] = until, sample
        self.open += 1
        return number

    def fail(self, number: int, kind: str) -> None:
        """Note that a request has failed after all."""
        if number in self._waiting:
            until, sample = self._waiting[number]
            self._waiting[number] = until, replace(sample, kind=kind)

    def end(self) -> None:
        """Note that a connection is closed."""
        self.open -= 1

    def count(self, now: float) -> None:
        """Count those that are over."""
        over = [number for number, (until, _) in self._waiting.items() if until <= now]
        for number in over:
            _, sample = self._waiting.pop(number)
            self._add(sample.name, sample.version, sample.second, sample.kind, sample.seconds)
