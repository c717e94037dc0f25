"""What a load run has seen so far, from the lines of its generators."""

import base64
from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pytest_deploycheck.model.loaded import NEVER, Ending, Lateness, Loaded, Second, Series, ordered

Line = dict[str, Any]

_ENDINGS = {ending.value: ending for ending in Ending}


@dataclass(slots=True)
class Count:
    """Requests after the warm-up, and how many of them were bad, while they come in."""

    micros: int
    endpoint: str | None
    parts: frozenset[str] = frozenset()
    bad: int = 0
    n: int = 0

    def add(self, name: str, kind: str, latencies: "array[int]") -> None:
        """Count latencies of one name and one kind of failure, "" for none."""
        if self.endpoint == name or (self.endpoint is None and name not in self.parts):
            self.n += len(latencies)
            slow = sum(1 for latency in latencies if latency > self.micros) if not kind else len(latencies)
            self.bad += slow


class Tally:
    """Adds lines up; `seen` may be asked at any time, so a run that breaks off loses nothing.

    `parts` are names that are parts of other requests.
    """

    def __init__(self, parts: frozenset[str] = frozenset()) -> None:
        self._parts = parts
        self._samples: defaultdict[tuple[str, str], defaultdict[int, defaultdict[str, array[int]]]]
        self._samples = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: array("I"))))
        self._late = array("I")
        self._counts: list[Count] = []
        self.began = False
        self.end: Line | None = None
        self.made: list[tuple[str, int, str]] = []
        """Mark, status and body of the reply to each creation that was answered."""
        self.came = 0
        """Workers that have come, of those that are expected."""
        self.hops = 0
        """Requests that were sent to follow redirects."""
        self.at = 0.0
        """Seconds since the end of the warm-up, as the generators told last; below 0 during it."""

    def add(self, line: Line) -> None:
        """Add a line."""
        self.began = self.began or "began" in line
        self.end = line.get("end", self.end)
        self.came = line.get("came", self.came)
        self.hops += line.get("hops", 0)
        self.made += [(mark, status, body) for mark, status, body in line.get("made", ())]
        self.at = max(self.at, line.get("at", self.at)) if self.at else line.get("at", 0.0)
        for name, version, second, kind, packed in line.get("samples", ()):
            latencies = _unpacked(packed)
            self._samples[name, version][second][kind].extend(latencies)
            for count in self._counts if second >= 0 else ():
                count.add(name, kind, latencies)
        self._late.extend(_unpacked(line.get("late", "")))

    @property
    def marks(self) -> frozenset[str] | None:
        """The marks of all creations that were sent; None if not every generator came to tell."""
        sent = self.end.get("sent") if self.end else None
        return None if sent is None else frozenset(sent)

    def count(self, limit: float | None = None, endpoint: str | None = None) -> "Count":
        """Return what counts the bad requests from now on: slower than `limit` seconds, or failed."""
        self._counts.append(Count(NEVER if limit is None else round(limit * 1e6), endpoint, self._parts))
        return self._counts[-1]

    def recent(self, seconds: int) -> list[float]:
        """The latencies of good answers that were due in the last seconds, ascending."""
        found = [
            latency / 1e6
            for (name, _), by_second in self._samples.items()
            for at, kinds in (by_second.items() if name not in self._parts else ())
            if at >= max(self.at - seconds, 0)
            for latency in kinds.get("", ())
        ]
        return sorted(found)

    def seen(self, ending: Ending, why: str, planned: float | None) -> Loaded:
        """What was seen; `ending` and `why` count where the generators told no end themselves."""
        end = self.end or {}
        series = [
            Series(name=name, version=version, seconds=tuple(_second(at, s[at]) for at in sorted(s)))
            for (name, version), s in sorted(self._samples.items())
        ]
        return Loaded(
            series=tuple(each for each in series if each.name not in self._parts),
            parts=tuple(each for each in series if each.name in self._parts),
            ending=_ENDINGS[end["reason"]] if end else ending,
            why=end.get("why") or why,
            planned=planned,
            seconds=end.get("seconds", max(self.at, 0.0)),
            arrivals=end.get("arrivals", 0),
            cut=end.get("cut", 0),
            hops=self.hops,
            lateness=Lateness(
                p99=_p99(self._late),
                cpu=end.get("cpu", 0.0),
                peak=end.get("peak", 0.0),
                throttled=end.get("throttled", 0),
            ),
            workers=end.get("workers", 0),
            mistakes=end.get("mistakes", {}),
        )


def _second(at: int, kinds: "dict[str, array[int]]") -> Second:
    failed = {kind: ordered(found) for kind, found in kinds.items() if kind}
    return Second(at=at, ok=ordered(kinds.get("", ())), failed=failed)


def _unpacked(text: str) -> "array[int]":
    values = array("I")
    values.frombytes(base64.b64decode(text))
    return values


def _p99(late: "array[int]") -> float:
    if not late:
        return 0.0
    return sorted(late)[min(len(late) - 1, int(len(late) * 0.99))] / 1e6
