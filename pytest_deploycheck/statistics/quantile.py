"""Percentiles: exact from samples, within 0.4 % from a histogram, and the bounds of the true one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, frexp, inf, ldexp

from pytest_deploycheck.statistics.binomial import at_least, at_most

_BITS = 7
_BUCKETS = 1 << _BITS
"""Buckets for each doubling."""


def percentile(ordered: Sequence[float], quantile: float) -> float:
    """Return the smallest of `ordered` samples that at least the share `quantile` does not exceed.

    Raises:
        ValueError: without samples. No samples have no percentile, least of all 0.
    """
    if not ordered:
        raise ValueError("no samples have no percentile")
    return ordered[rank(len(ordered), quantile) - 1]


def estimate(ordered: Sequence[float], quantile: float) -> float:
    """Return the quantile between samples, which is as good an estimate from few samples as from many.

    Of 40 samples the nearest rank is too low, of 400 it is not: two numbers of samples could not be compared.

    Raises:
        ValueError: without samples.
    """
    place = quantile * (len(ordered) + 1)
    below = int(place)
    if not ordered or below < 1 or below >= len(ordered):
        return percentile(ordered, quantile)
    low, high = ordered[below - 1], ordered[below]
    return low if low == high else low + (place - below) * (high - low)


def rank(n: int, quantile: float) -> int:
    """Return which of `n` ordered samples, counted from 1, is the quantile: the nearest rank."""
    return min(max(ceil(quantile * n - 1e-9), 1), n)


def bounds(ordered: Sequence[float], quantile: float, confidence: float) -> tuple[float, float]:
    """Return what the true quantile is above, and what it is below, each with at least `confidence`.

    Order statistics: they hold for every distribution. 0 and infinity where there are too few samples.
    """
    n, doubt = len(ordered), 1 - confidence
    above = _last(n, lambda r: at_most(r - 1, n, quantile) <= doubt)
    below = _last(n, lambda r: at_least(n + 1 - r, n, quantile) <= doubt)
    return (ordered[above - 1] if above else 0.0), (ordered[n - below] if below else inf)


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """Return the last number of 1 to `n` for which `holds`, if all before it do as well; 0: none."""
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@dataclass(slots=True)
class Histogram:
    """Counts of positive values in buckets of equal relative width, for more samples than one wants to keep.

    A percentile is within 0.4 % of the exact one, and merging two loses nothing.
    """

    counts: dict[int, int] = field(default_factory=dict)

    def add(self, value: float) -> None:
        """Count a value."""
        key = bucket(value)
        self.counts[key] = self.counts.get(key, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Count all that `other` has counted."""
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count

    @property
    def n(self) -> int:
        """How many values were counted."""
        return sum(self.counts.values())

    def percentile(self, quantile: float, *, unanswered: int = 0) -> float:
        """Return the middle of the bucket that holds the quantile, infinity if it is one of `unanswered`.

        Raises:
            ValueError: without samples.
        """
        n = self.n + unanswered
        if not n:
            raise ValueError("no samples have no percentile")
        left = rank(n, quantile)
        for key in sorted(self.counts):
            left -= self.counts[key]
            if left <= 0:
                return middle(key)
        return inf

    @classmethod
    def of(cls, values: Iterable[float]) -> "Histogram":
        """Return a histogram of `values`."""
        histogram = cls()
        for value in values:
            histogram.add(value)
        return histogram


def bucket(value: float) -> int:
    """Return the key of the bucket that holds `value`."""
    mantissa, exponent = frexp(value)
    return exponent * _BUCKETS + int((mantissa * 2 - 1) * _BUCKETS) if value > 0 else _ZERO


def middle(key: int) -> float:
    """Return the middle of a bucket."""
    if key == _ZERO:
        return 0.0
    exponent, step = divmod(key, _BUCKETS)
    return ldexp(0.5 + (step + 0.5) / (2 * _BUCKETS), exponent)


_ZERO = -2000 * _BUCKETS
"""The bucket of 0, below that of the smallest float."""
