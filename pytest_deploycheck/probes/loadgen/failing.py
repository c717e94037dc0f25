"""When to send no more, as hardly anything comes back: a target that falls over, a sender without sockets."""

from collections import Counter, deque

from pytest_deploycheck.model.loaded import EXHAUSTED

PART = 5
"""By how much fewer failures in a row are enough if they last."""
LASTING = 2.9
"""Seconds that they must last: three, but the fourth request at one a second may come a little early."""


WINDOW = 5
"""How many times as many requests are looked at together: half of them failing is enough too."""


class Failing:
    """Looks at failures: `most` in a row are enough, fewer if they last, and half of five times as many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._few = -(-most // PART)
        self._last: deque[str] = deque(maxlen=WINDOW * most)
        self._row = 0
        self._since = 0.0
        self._told = False

    def look(self, now: float, kind: str) -> str:
        """Return why it is enough, once. `kind`: how the last request failed, or nothing."""
        self._last.append(kind)
        self._row = self._row + 1 if kind else 0
        if self._row == 1:
            self._since = now
        why = self._why(now - self._since, kind) if self._row and not self._told else ""
        self._told = self._told or bool(why)
        return why

    def _why(self, lasted: float, kind: str) -> str:
        if self._row >= self._most:
            return f"{self._row} failures in a row: {kind}"
        if self._row >= self._few and lasted >= LASTING:
            return f"{self._row} failures in a row, for {lasted:.0f} s: {kind}"
        return self._share() if len(self._last) == self._last.maxlen else ""

    def _share(self) -> str:
        kinds = Counter(kind for kind in self._last if kind)
        if kinds.total() * 2 < len(self._last):
            return ""
        ((commonest, _),) = kinds.most_common(1)
        return f"{kinds.total()} of the last {self._last.maxlen} requests failed: {commonest}"


class Exhausted:
    """Counts requests for which the sender had no socket: `most` are a limit, fewer may be a hiccup."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._met = 0

    def look(self, kind: str) -> str:
        """Return what ran out and what helps, once it is enough."""
        self._met += 1
        return f"{self._met} not sent, {kind}: {EXHAUSTED[kind]}" if self._met == self._most else ""
