"""When to send no more, as hardly anything comes back: a target that only fails, a sender without sockets."""

from pytest_deploycheck.model.loaded import EXHAUSTED

PART = 5
"""By how much fewer failures in a row are enough if they last."""
LASTING = 2.9
"""Seconds that they must last: three, but the fourth request at one a second may come a little early."""


class Failing:
    """Looks at failures in a row: `most` are enough, and a fifth of them, rounded up, once they last."""

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
