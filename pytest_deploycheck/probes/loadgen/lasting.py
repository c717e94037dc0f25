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
        self._open: set[int] = set()

    @property
    def open(self) -> int:
        """Connections that somebody still has to close."""
        return len(self._open)

    def begin(self, sample: Sample, until: float) -> int:
        """Keep a request until it would be over, on the monotonic clock; return its number."""
        number = next(self._numbers)
        self._waiting[number] = until, sample
        self._open.add(number)
        return number

    def fail(self, number: int, kind: str) -> None:
        """Note that a request has failed after all."""
        if number in self._waiting:
            until, sample = self._waiting[number]
            self._waiting[number] = until, replace(sample, kind=kind)

    def end(self, number: int) -> None:
        """Note that a connection is closed, so it is known how its request went."""
        self._open.discard(number)

    def count(self, now: float) -> None:
        """Count those that are over, and of which it is known how they went."""
        self._tell([n for n, (until, _) in self._waiting.items() if until <= now and n not in self._open])

    def count_all(self) -> None:
        """Count the others too: what is known of them until now."""
        self._tell(list(self._waiting))

    def _tell(self, numbers: list[int]) -> None:
        for number in numbers:
            _, sample = self._waiting.pop(number)
            self._add(sample.name, sample.version, sample.second, sample.kind, sample.seconds)
