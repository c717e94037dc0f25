"""An always-valid test: whoever looks every second is as seldom wrong as who looks once at the end.

A mixture of likelihood ratios is a martingale if the limit holds, so that it exceeds 1 / doubt at any time
with at most the probability `doubt` (Ville's inequality). As in Lindon, Sanden and Shirikian, KDD 2022,
arXiv:2205.14762.
"""

from math import exp, log, log1p

from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS, Count
from pytest_deploycheck.statistics.decision import Ruling

RATIOS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""By how much the true share may differ from the limit; a mean over all, since nobody knows."""


def evidence_above(bad: float, n: float, limit: float) -> float:
    """Return the evidence that the true share is above `limit`: 20 is as much as a confidence of 95 %."""
    return _evidence(bad, n, limit, [share for ratio in RATIOS if (share := limit * ratio) < 1])


def evidence_below(bad: float, n: float, limit: float) -> float:
    """Return the evidence that the true share is below `limit`."""
    return _evidence(bad, n, limit, [limit / ratio for ratio in RATIOS])


def rule(bad: float, n: float, limit: float, confidence: float) -> Ruling:
    """Rule on a count that is looked at again and again while it grows.

    A limit of 0 is broken by one bad request, and never shown to hold before the end.
    """
    if limit == 0:
        return Ruling.FAILED if bad else Ruling.UNDECIDED
    enough = 1 / (1 - confidence)
    if evidence_above(bad, n, limit) >= enough:
        return Ruling.FAILED
    return Ruling.PASSED if evidence_below(bad, n, limit) >= enough else Ruling.UNDECIDED


def _evidence(bad: float, n: float, limit: float, others: list[float]) -> float:
    if not others or n <= 0:
        return 0.0
    good = n - bad
    logs = (bad * log(other / limit) + good * (log1p(-other) - log1p(-limit)) for other in others)
    return sum(exp(min(each, 700.0)) for each in logs) / len(others)


class _Blocks:
    """How much blocks of `length` looks vary; the first is shorter, so that others end where its does not."""

    def __init__(self, length: int, first: int) -> None:
        self._length = length
        self._until = first
        self._open = Count(0, 0)
        self._closed = Count(0, 0)
        self._squares = 0.0
        self.number = 0

    def look(self, bad: int, n: int) -> None:
        self._open = Count(self._open.bad + bad, self._open.n + n)
        self._until -= 1
        if self._until == 0:
            self._until = self._length
            self._close()

    def _close(self) -> None:
        bad, n = self._open
        if n:
            self._squares += bad**2 / n
            self._closed = Count(self._closed.bad + bad, self._closed.n + n)
            self.number += 1
        self._open = Count(0, 0)

    @property
    def overdispersion(self) -> float:
        """As `bursts.overdispersion`, from sums: a soak test has thousands of blocks."""
        bad, n = self._closed
        if self.number < LEAST_BLOCKS or bad <= 0 or bad >= n:
            return 1.0
        spread = self._squares - bad * bad / n
        return max(1.0, spread / (bad / n * (1 - bad / n)) / (self.number - 1))


class Watch:
    """The counts of a run as they come in, ruled on at every look, with bursts taken into account.

    Until there are six blocks nobody knows how bursty the run is, and nothing is ruled: what is plainly dead
    is for a circuit breaker to see. A burst that a block's end cuts in two looks like none, so a second row
    of blocks ends half a block later, and the burstier of both counts.
    """

    def __init__(self, limit: float, confidence: float, *, block: int = 5) -> None:
        """Watch for a share beyond `limit`; `block` is how many looks (seconds) make a block."""
        self._limit = limit
        self._confidence = confidence
        self._rows = (_Blocks(block, first=block), _Blocks(block, first=block // 2 or block))
        self.total = Count(0, 0)

    def look(self, bad: int, n: int) -> Ruling:
        """Add what came in since the last look, and rule."""
        self.total = Count(self.total.bad + bad, self.total.n + n)
        for row in self._rows:
            row.look(bad, n)
        if self._limit and any(row.number < LEAST_BLOCKS for row in self._rows):
            return Ruling.UNDECIDED
        factor = self.overdispersion
        return rule(self.total.bad / factor, self.total.n / factor, self._limit, self._confidence)

    @property
    def overdispersion(self) -> float:
        """By how much more the blocks vary than independent requests would; at least 1."""
        return max(row.overdispersion for row in self._rows)
