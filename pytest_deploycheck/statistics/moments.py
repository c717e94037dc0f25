"""A mean and how far it may lie from the true one, from sums: they merge over workers without the samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS
from pytest_deploycheck.statistics.student import t_quantile


@dataclass(frozen=True, slots=True)
class Moments:
    """How many values, their sum, and the sum of their squares."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float], *, unanswered: int = 0, deadline: float = 0.0) -> "Moments":
        """Return the moments of latencies. Each of `unanswered` requests waited for its whole `deadline`.

        Failed, hung and dropped requests are unanswered: a refusal within a millisecond is no fast answer.
        """
        listed = list(values)
        return cls(
            len(listed) + unanswered,
            sum(listed) + unanswered * deadline,
            sum(value * value for value in listed) + unanswered * deadline * deadline,
        )

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of `n` values with its standard error, known by `freedom` degrees of freedom."""

    value: float
    n: int
    error: float = inf
    freedom: int = 0

    def bounds(self, confidence: float) -> tuple[float, float]:
        """Return what the true mean is above, and what it is below, each with `confidence`."""
        if self.error == 0:
            return self.value, self.value
        if not self.freedom:
            return -inf, inf
        margin = t_quantile(confidence, self.freedom) * self.error
        return self.value - margin, self.value + margin


def mean_of(blocks: Sequence[Moments]) -> Mean:
    """Return the mean of all values. Blocks that differ more than their values explain widen its error."""
    held = [block for block in blocks if block.n]
    whole = sum(held, Moments())
    if whole.n < 2:
        return Mean(whole.total if whole.n else 0.0, whole.n)
    mean = whole.total / whole.n
    variance = max(0.0, whole.squares - whole.n * mean * mean) / (whole.n - 1)
    if len(held) < LEAST_BLOCKS:
        return Mean(mean, whole.n, sqrt(variance / whole.n), whole.n - 1)
    between = sum(block.n * (block.total / block.n - mean) ** 2 for block in held) / (len(held) - 1)
    return Mean(mean, whole.n, sqrt(max(variance, between) / whole.n), len(held) - 1)
