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


class Watch:
    """The counts of a run as they come in, ruled on at every look, with bursts taken into account.

    Until there are six blocks nobody knows how bursty the run is, and nothing is ruled: what is plainly dead
    is for a circuit breaker to see.
    """

    def __init__(self, limit: float, confidence: float, *, block: int = 5) -> None:
        """Watch for a share beyond `limit`; `block` is how many looks (seconds) make a block."""
        self._limit = limit
        self._confidence = confidence
        self._length = block
        self._looks = 0
        self._block = Count(0, 0)
        self._blocks = 0
        self._squares = 0.0
        self.total = Count(0, 0)

    def look(self, bad: int, n: int) -> Ruling:
        """Add what came in since the last look, and rule."""
        self.total = Count(self.total.bad + bad, self.total.n + n)
        self._block = Count(self._block.bad + bad, self._block.n + n)
        self._looks += 1
        if self._looks % self._length == 0:
            self._close()
        if self._limit and self._blocks < LEAST_BLOCKS:
            return Ruling.UNDECIDED
        factor = self.overdispersion
        return rule(self.total.bad / factor, self.total.n / factor, self._limit, self._confidence)

    @property
    def overdispersion(self) -> float:
        """As `bursts.overdispersion`, from sums: a soak test has thousands of blocks."""
        bad, n = self._closed
        if bad <= 0 or bad >= n:
            return 1.0
        spread = self._squares - bad * bad / n
        return max(1.0, spread / (bad / n * (1 - bad / n)) / (self._blocks - 1))

    def _close(self) -> None:
        if self._block.n:
            self._squares += self._block.bad**2 / self._block.n
            self._blocks += 1
        self._block = Count(0, 0)

    @property
    def _closed(self) -> Count:
        return Count(self.total.bad - self._block.bad, self.total.n - self._block.n)
