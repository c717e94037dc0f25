"""A mean and how far it may lie from the true one, from sums: they merge over workers without the samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS
from pytest_deploycheck.statistics.student import t_quantile

TINY = 1e-9
"""A variance this small, as a share of the mean's square, is what rounding leaves of none."""


@dataclass(frozen=True, slots=True)
class Moments:
    """How many values, their sum, and the sums of their squares and cubes."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    cubes: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float], *, unanswered: int = 0, deadline: float = 0.0) -> "Moments":
        """Return the moments of latencies. Each of `unanswered` requests waited for its whole `deadline`.

        Failed, hung and dropped requests are unanswered: a refusal within a millisecond is no fast answer.
        """
        listed = list(values)
        return cls(
            len(listed) + unanswered,
            sum(listed) + unanswered * deadline,
            sum(value**2 for value in listed) + unanswered * deadline**2,
            sum(value**3 for value in listed) + unanswered * deadline**3,
        )

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.n + other.n,
            self.total + other.total,
            self.squares + other.squares,
            self.cubes + other.cubes,
        )

    @property
    def mean(self) -> float:
        """Return the mean; there must be a value."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Return the variance of what they are a sample of; there must be two values."""
        return max(0.0, self.squares - self.n * self.mean**2) / (self.n - 1)

    @property
    def skewness(self) -> float:
        """Return the third central moment, in standard deviations; 0 of values that are all alike."""
        if self.variance <= TINY * self.mean**2:
            return 0.0
        third = self.cubes / self.n - 3 * self.mean * self.squares / self.n + 2 * self.mean**3
        return third / (self.variance * sqrt(self.variance))


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of `n` values, its standard error with `freedom` degrees of freedom, and their skewness."""

    value: float
    n: int
    error: float = inf
    freedom: int = 0
    skewness: float = 0.0

    def bounds(self, confidence: float) -> tuple[float, float]:
        """Return what the true mean is above, and what it is below, each with `confidence`."""
        return self._around(confidence, 0.0, 0.0)

    def skewed_bounds(self, confidence: float) -> tuple[float, float]:
        """Return the bounds, wider on the side where few values lie far out: of a sample they may be missing.

        The first term of the Cornish-Fisher expansion (Johnson 1978, Hall 1992). It never narrows a bound.
        """
        return self._around(confidence, max(0.0, -self.skewness), max(0.0, self.skewness))

    def _around(self, confidence: float, left: float, right: float) -> tuple[float, float]:
        if self.error == 0:
            return self.value, self.value
        if not self.freedom:
            return -inf, inf
        t = t_quantile(confidence, self.freedom)
        far = (1 + 2 * t * t) / (6 * sqrt(self.n))
        return self.value - (t + left * far) * self.error, self.value + (t + right * far) * self.error


def mean_of(blocks: Sequence[Moments]) -> Mean:
    """Return the mean of all values. Blocks that differ more than their values explain widen its error."""
    held = [block for block in blocks if block.n]
    whole = sum(held, Moments())
    if whole.n < 2:
        return Mean(whole.total if whole.n else 0.0, whole.n)
    mean, skewness = whole.mean, whole.skewness
    if len(held) < LEAST_BLOCKS:
        return Mean(mean, whole.n, sqrt(whole.variance / whole.n), whole.n - 1, skewness)
    between = sum(block.n * (block.mean - mean) ** 2 for block in held) / (len(held) - 1)
    return Mean(mean, whole.n, sqrt(max(whole.variance, between) / whole.n), len(held) - 1, skewness)
