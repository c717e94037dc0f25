"""How likely a count of bad requests is, which shares it is compatible with, and how many requests decide.

Counts may be fractions: a count corrected for bursts is one.
"""

from collections.abc import Callable
from math import ceil, log, log1p

from pytest_deploycheck.statistics.beta import beta

MOST = 10_000_000
"""Requests that a load test could send; what needs more is not decided by sending."""


def at_most(bad: float, n: float, share: float) -> float:
    """Return P(X <= bad) if each of `n` requests is bad with probability `share`."""
    if bad >= n:
        return 1.0
    return beta(1 - share, n - bad, bad + 1) if bad >= 0 else 0.0


def at_least(bad: float, n: float, share: float) -> float:
    """Return P(X >= bad) if each of `n` requests is bad with probability `share`."""
    if bad <= 0:
        return 1.0
    return beta(share, bad, n - bad + 1) if bad <= n else 0.0


def lower_bound(bad: float, n: float, confidence: float) -> float:
    """Return the share that the true one exceeds with at least `confidence` (Clopper-Pearson, one-sided)."""
    return _crossing(lambda share: at_least(bad, n, share), 1 - confidence) if bad > 0 else 0.0


def upper_bound(bad: float, n: float, confidence: float) -> float:
    """Return the share that the true one stays below with at least `confidence`."""
    return _crossing(lambda share: 1 - at_most(bad, n, share), confidence) if bad < n else 1.0


def needed(limit: float, confidence: float, bad: int = 0) -> int:
    """Return how many requests, `bad` of them bad, show that the true share is below `limit`.

    With none bad: 59 for a p95, 299 for 1 %, 2,995 for 0.1 %, at 95 %.
    """
    if bad == 0:
        return ceil(log(1 - confidence) / log1p(-limit) - 1e-9)
    found = _first(lambda n: at_most(bad, n, limit) <= 1 - confidence, start=bad + 1)
    if found is None:
        raise ArithmeticError(f"no number of requests shows less than {limit:g} with {bad} bad")
    return found


def deciding(bad: float, n: float, limit: float, confidence: float) -> int | None:
    """Return how many requests would decide if the share stayed as seen; None: no number within reach."""
    seen = bad / n
    if seen == limit:
        return None
    tail = at_most if seen < limit else at_least
    return _first(lambda more: tail(seen * more, more, limit) <= 1 - confidence, start=ceil(n))


def _crossing(rising: Callable[[float], float], target: float) -> float:
    """Return the share at which `rising` reaches `target`."""
    low, high = 0.0, 1.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
        if high < 1e-15:
            return 0.0
    return (low + high) / 2


def _first(holds: Callable[[int], bool], *, start: int) -> int | None:
    """Return the first number from `start` for which `holds`, and all after it; None above `MOST`."""
    low, high = start - 1, max(start, 1)
    while not holds(high):
        low, high = high, high * 2
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
