"""How busy a process was when it was busiest."""

from collections import deque

WINDOW = 3.0
"""Seconds: long enough that a single burst of work does not count, shorter than any stage."""


class Effort:
    """Follows the processor time of a process: `used` seconds until `began`, on the monotonic clock."""

    def __init__(self, began: float, used: float) -> None:
        self._began = began, used
        self._looks = deque([self._began])
        self.peak = 0.0
        """The largest share of a core in any WINDOW, 0 before the first is over."""

    def look(self, now: float, used: float) -> None:
        """Note how much processor time has been used by now, in seconds."""
        self._looks.append((now, used))
        while now - self._looks[1][0] >= WINDOW:
            self._looks.popleft()
        begin, before = self._looks[0]
        if now - begin >= WINDOW:
            self.peak = max(self.peak, (used - before) / (now - begin))

    def mean(self, now: float, used: float) -> float:
        """The share of a core since it began."""
        began, before = self._began
        return (used - before) / max(now - began, 1e-6)
