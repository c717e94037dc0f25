"""When to send no more: a sender that cannot keep up, or has no sockets; a target that only fails."""

from collections.abc import Sequence

from pytest_deploycheck.model.loaded import EXHAUSTED

LATE = 0.25
"""Seconds that half of what is due must be late by; the scheduler of a busy machine costs some tens of ms."""
LONG = 3.0
"""Seconds for which it must be so. After a freeze, what is due goes at once, and then it is in time again."""

PART = 4
"""By how much fewer failures in a row are enough if they last."""
LASTING = 3.9
"""Seconds that they must last: four, but the fifth request at one a second may come a little early."""


class Slipping:
    """Looks at how late a process did what was due."""

    def __init__(self) -> None:
        self._since: float | None = None

    def look(self, now: float, late: Sequence[int]) -> str:
        """Return why it cannot keep up, if so. `late`: microseconds, what was noted since the last look."""
        typical = sorted(late)[len(late) // 2] / 1e6 if late else 0.0
        if typical <= LATE:
            self._since = None
            return ""
        self._since = now if self._since is None else self._since
        if now - self._since < LONG:
            return ""
        return f"for {now - self._since:.0f} s half of what was due went out late, by {typical:.1f} s at last"


class Failing:
    """Looks at failures in a row: `most` are enough, and a quarter of them, rounded up, once they last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._few = -(-most // PART)
        self._row = 0
        self._since = 0.0
        self._told = False

    def look(self, now: float, kind: str) -> str:
        """Return why it is enough, once. `kind`: how the last request failed, or nothing."""
        self._row = self._row + 1 if kind else 0
        if self._row == 1:
            self._since = now
        why = self._why(now - self._since) if self._row and not self._told else ""
        self._told = self._told or bool(why)
        return f"{why}: {kind}" if why else ""

    def _why(self, lasted: float) -> str:
        if self._row >= self._most:
            return f"{self._row} failures in a row"
        if self._row >= self._few and lasted >= LASTING:
            return f"{self._row} failures in a row, for {lasted:.0f} s"
        return ""


class Exhausted:
    """Counts requests for which the sender had no socket: `most` are a limit, fewer may be a hiccup."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._met = 0

    def look(self, kind: str) -> str:
        """Return what ran out and what helps, once it is enough."""
        self._met += 1
        return f"{self._met} not sent, {kind}: {EXHAUSTED[kind]}" if self._met == self._most else ""
