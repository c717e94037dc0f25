"""What a load run saw, request by request."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

DROPPED = "dropped"
"""The kind of failure of an arrival that was not sent, because too many requests were under way."""
DEADLINE = "deadline"
"""The kind of failure of a request that hung until its deadline."""
LIMITED = "status 429"
"""The kind of failure of a request that a rate limit refused (RFC 6585, 4): the limiter was met."""
NO_FILES = "sender out of file descriptors"
"""The kind of failure of a request for which no file was left (errno(3), EMFILE and ENFILE)."""
NO_PORTS = "sender out of local ports"
"""The kind of failure of a request for which no local port was left (errno(3), EADDRNOTAVAIL)."""
NO_BUFFERS = "sender out of socket buffers"
"""The kind of failure of a request for which the system had no memory (errno(3), ENOBUFS)."""

EXHAUSTED: Mapping[str, str] = {
    NO_FILES: "raise its ulimit -n (or fs.file-max), or take fewer users or more workers",
    NO_PORTS: "keep connections open, or take fewer users or more workers",
    NO_BUFFERS: "take fewer users or more workers",
}
"""The kinds of failure that are the fault of the machine which sends, and what helps."""

NEVER = 0xFFFFFFFF
"""The latency of what was never answered; longer than any limit."""


class Ending(Enum):
    """Why a load run ended."""

    COMPLETE = "complete"
    """All that was planned was sent."""
    BREAKER = "breaker"
    """The target failed too often in a row."""
    STOP_RULE = "stop rule"
    """A stop rule was shown to be broken."""
    INTERRUPTED = "interrupted"
    """Somebody stopped the run."""
    CAPPED = "capped"
    """It sent as much as it may."""
    WORKER_LOST = "worker lost"
    """A process that sent requests is gone."""
    SATURATED = "saturated"
    """The generator could not send what was due, and more and more of it would have been itself."""
    BROKEN = "broken"
    """The generator itself did not work: it ended, did not start, or took too long."""


Latencies: TypeAlias = "array[int]"
"""Microseconds, ascending, as unsigned integers of 32 bit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What was due in one second of the run. Second 0 is the first after the warm-up, which has those below.

    `ok` are the latencies of good answers, `failed` those of all others by their kind.
    """

    at: int
    ok: Latencies = field(default_factory=lambda: array("I"))
    failed: Mapping[str, Latencies] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many requests were due."""
        return len(self.ok) + sum(map(len, self.failed.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The requests of one name that one version answered, by seconds. `version`: "" if no header told."""

    name: str
    version: str = ""
    seconds: tuple[Second, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How healthy the generator was: whether it was able to do what it was to do, in time.

    `p99` is how late it did what was due, in seconds. `cpu` is the share of a core that its busiest process
    used, `peak` the most in any few seconds. `throttled` requests waited for the cap on the rate.
    """

    p99: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    throttled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load run saw.

    `planned` and `seconds` are its length in seconds without the warm-up, planned and real; planned is None
    for a number of requests. `arrivals` came in that time, sent or dropped; 0 for users. `cut` requests were
    under way when it was ended early; nobody knows how they would have ended. `hops` were sent to follow
    redirects, each part of a request that is counted once. `mistakes` are exceptions of the scenario itself,
    with their counts. `parts` are of requests that `series` has as a whole.
    """

    series: tuple[Series, ...]
    ending: Ending
    why: str = ""
    planned: float | None = None
    seconds: float = 0.0
    arrivals: int = 0
    cut: int = 0
    hops: int = 0
    lateness: Lateness = field(default_factory=Lateness)
    workers: int = 1
    mistakes: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Series, ...] = ()

    def measured(self, endpoint: str | None = None, version: str | None = None) -> "Measured":
        """What was measured after the warm-up: of one endpoint or version, or of all."""
        chosen = (
            series
            for series in (self.series if endpoint is None else (*self.series, *self.parts))
            if endpoint in (None, series.name) and version in (None, series.version)
        )
        return Measured(tuple(s for series in chosen for s in series.seconds if s.at >= 0))

    @property
    def sent(self) -> int:
        """How many requests were sent; the warm-up, what was cut off, and what redirects led to included."""
        every = Measured(tuple(s for series in self.series for s in series.seconds))
        return every.n - every.failed[DROPPED] + self.cut + self.hops

    @property
    def warmup(self) -> "Measured":
        """What was seen during the warm-up, which no verdict counts."""
        return Measured(tuple(s for series in self.series for s in series.seconds if s.at < 0))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the requests that were sent, and of their parts."""
        return tuple(sorted({series.name for series in (*self.series, *self.parts) if series.name}))

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that answered."""
        return tuple(sorted({series.version for series in self.series if series.version}))


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one or more series, and what follows from them. Limits and latencies are in seconds."""

    parts: tuple[Second, ...]

    @property
    def n(self) -> int:
        """How many requests were due."""
        return sum(part.n for part in self.parts)

    @property
    def ok(self) -> int:
        """How many had a good answer."""
        return sum(len(part.ok) for part in self.parts)

    @property
    def failed(self) -> Counter[str]:
        """How many had not, by kind."""
        found: Counter[str] = Counter()
        for part in self.parts:
            found.update({kind: len(latencies) for kind, latencies in part.failed.items()})
        return found

    def latencies(self, *, failed: bool = False) -> list[float]:
        """The latencies of good answers, ascending; with those that failed, if asked for."""
        found = array("I")
        for part in self.parts:
            found.extend(part.ok)
            for latencies in part.failed.values() if failed else ():
                found.extend(latencies)
        return [latency / 1e6 for latency in sorted(found)]

    def without(self, kind: str) -> "Measured":
        """The same as if the failures of one kind had never been sent."""
        return Measured(
            tuple(
                Second(at=p.at, ok=p.ok, failed={k: v for k, v in p.failed.items() if k != kind})
                for p in self.parts
            )
        )

    def within(self, first: float, last: float) -> "Measured":
        """What was due from second `first` until before second `last`."""
        return Measured(tuple(part for part in self.parts if first <= part.at < last))

    def blocks(self, width: int, bad: Callable[[Second], int]) -> Iterator[tuple[int, int]]:
        """How many were bad, of how many, in each `width` seconds that held any."""
        counted: dict[int, list[int]] = {}
        for part in self.parts:
            block = counted.setdefault(part.at // width, [0, 0])
            block[0] += bad(part)
            block[1] += part.n
        return ((bad, n) for _, (bad, n) in sorted(counted.items()))


def slow_or_failed(limit: float, *, equal_is_slow: bool = True) -> Callable[[Second], int]:
    """Return what counts the requests of a second that failed, or took longer than `limit` seconds."""
    micros = round(limit * 1e6)
    cut = bisect_left if equal_is_slow else bisect_right

    def count(second: Second) -> int:
        return second.n - cut(second.ok, micros)

    return count


def failed(second: Second) -> int:
    """How many requests of a second failed."""
    return second.n - len(second.ok)


def ordered(latencies: Iterable[int]) -> Latencies:
    """Return latencies in microseconds as a second holds them."""
    return array("I", sorted(min(latency, NEVER) for latency in latencies))
