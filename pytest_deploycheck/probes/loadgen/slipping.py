"""A sender that cannot keep up, and will not: what it goes on to measure would be itself."""

from collections.abc import Sequence

LATE = 0.25
"""Seconds that half of what is due must be late by; the scheduler of a busy machine costs some tens of ms."""
LONG = 3.0
"""Seconds for which it must be so. After a freeze, what is due goes at once, and then it is in time again."""


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
