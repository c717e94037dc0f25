"""When to send no more, as hardly anything comes back: a target that falls over, a sender without sockets."""

from pytest_deploycheck.model.loaded import EXHAUSTED
from pytest_deploycheck.probes.loadgen.recent import Recent

PART = 5
"""By how much fewer failures in a row are enough if they last."""
LASTING = 2.9
"""Seconds that they must last: three, but the fourth request at one a second may come a little early."""
BRIEF = 1.0
"""Seconds that anything must last, however fast it comes: what is over sooner, the thresholds judge."""
WINDOW = 5
"""How many times as many requests are looked at together, or those of a second: half of them is enough."""


class Failing:
    """Looks at failures: `most` in a row, fewer if they last longer, half of five times as many.

    None of it is enough before it has lasted a second.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._few = -(-most // PART)
        self._recent = Recent(WINDOW * most, BRIEF)
        self._row = 0
        self._row_since = 0.0
        self._half_since: float | None = None
        self._told = False

    def look(self, now: float, kind: str) -> str:
        """Return why it is enough, once. `kind`: how the last request failed, or nothing."""
        self._recent.add(now, kind)
        self._row = self._row + 1 if kind else 0
        if self._row == 1:
            self._row_since = now
        self._note_half(now)
        why = self._why(now, kind) if kind and not self._told else ""
        self._told = self._told or bool(why)
        return why

    def retract(self) -> None:
        """Take a good one back: it failed later, and is told as a failure next."""
        self._recent.retract()

    def _note_half(self, now: float) -> None:
        """Since when half of them failed; by chance it may be a little less meanwhile, down to a third."""
        failed, every = self._recent.failed, len(self._recent)
        if failed * 3 < every:
            self._half_since = None
        elif self._half_since is None and self._recent.is_full and failed * 2 >= every:
            self._half_since = now

    def _why(self, now: float, kind: str) -> str:
        lasted = now - self._row_since
        if self._row >= self._most and lasted >= BRIEF:
            return f"{self._row} failures in a row: {kind}"
        if self._row >= self._few and lasted >= LASTING:
            return f"{self._row} failures in a row, for {lasted:.0f} s: {kind}"
        return self._share() if self._half_since is not None and now - self._half_since >= BRIEF else ""

    def _share(self) -> str:
        failed, every = self._recent.failed, len(self._recent)
        if failed * 2 < every:
            return ""
        return f"{failed} of the last {every} requests failed: {self._recent.commonest}"


class Exhausted:
    """Counts requests for which the sender had no socket: `most` are a limit, fewer may be a hiccup."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._met = 0

    def look(self, kind: str) -> str:
        """Return what ran out and what helps, once it is enough."""
        self._met += 1
        return f"{self._met} not sent, {kind}: {EXHAUSTED[kind]}" if self._met == self._most else ""
