"""When to send no more, as hardly anything comes back: a target that falls over, a sender without sockets."""

from collections import Counter, deque

from pytest_deploycheck.model.loaded import EXHAUSTED

PART = 5
"""By how much fewer failures in a row are enough if they last."""
LASTING = 2.9
"""Seconds that they must last: three, but the fourth request at one a second may come a little early."""
BRIEF = 1.0
"""Seconds that nothing is enough for, however fast it comes: what is over by then, the thresholds judge."""
WINDOW = 5
"""How many times as many requests are looked at together, or those of a second: half of them is enough."""


class Failing:
    """Looks at failures: `most` in a row are enough, fewer if they last, and half of five times as many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._few = -(-most // PART)
        self._last: deque[tuple[float, str]] = deque()
        self._kinds: Counter[str] = Counter()
        self._row = 0
        self._since = 0.0
        self._told = False

    def look(self, now: float, kind: str) -> str:
        """Return why it is enough, once. `kind`: how the last request failed, or nothing."""
        self._last.append((now, kind))
        self._kinds[kind] += 1
        self._forget(now)
        self._row = self._row + 1 if kind else 0
        if self._row == 1:
            self._since = now
        why = self._why(now, kind) if self._row and not self._told else ""
        self._told = self._told or bool(why)
        return why

    def retract(self) -> None:
        """Forget one that was good: it comes again, as a failure, and is one request all the same.

        The newest, as the oldest are about to be forgotten anyway.
        """
        for number in reversed(range(len(self._last))):
            if not self._last[number][1]:
                del self._last[number]
                self._kinds[""] -= 1
                return

    def _forget(self, now: float) -> None:
        """Keep the last ones, and at least those of the last second."""
        while len(self._last) > WINDOW * self._most and now - self._last[1][0] >= BRIEF:
            _, kind = self._last.popleft()
            self._kinds[kind] -= 1

    def _why(self, now: float, kind: str) -> str:
        lasted = now - self._since
        if self._row >= self._most and lasted >= BRIEF:
            return f"{self._row} failures in a row: {kind}"
        if self._row >= self._few and lasted >= LASTING:
            return f"{self._row} failures in a row, for {lasted:.0f} s: {kind}"
        return self._share(now)

    def _share(self, now: float) -> str:
        every = len(self._last)
        failed = every - self._kinds[""]
        if every < WINDOW * self._most or now - self._last[0][0] < BRIEF or failed * 2 < every:
            return ""
        commonest = max((kind for kind in self._kinds if kind), key=self._kinds.__getitem__)
        return f"{failed} of the last {every} requests failed: {commonest}"


class Exhausted:
    """Counts requests for which the sender had no socket: `most` are a limit, fewer may be a hiccup."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._met = 0

    def look(self, kind: str) -> str:
        """Return what ran out and what helps, once it is enough."""
        self._met += 1
        return f"{self._met} not sent, {kind}: {EXHAUSTED[kind]}" if self._met == self._most else ""
