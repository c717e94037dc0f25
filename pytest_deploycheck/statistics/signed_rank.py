"""Whether one of two things measured in pairs takes longer: Wilcoxon's signed rank, by its exact tail.

It asks for no distribution: only that without a difference either sign of a pair's difference is as likely,
which holds whatever the noise is if chance decides which of the two comes first.
"""

from collections.abc import Sequence
from functools import cache
from math import inf
from statistics import median

_STEPS = 60
"""Halvings of an interval, which makes any double exact."""


def tail(total: int, n: int) -> float:
    """Return P(W >= total): W is the sum of the ranks 1 to n, each there with probability 1/2."""
    return sum(_shares(n)[max(total, 0) :])


@cache
def _shares(n: int) -> tuple[float, ...]:
    """Return the probability of each sum of ranks, from 0 to n(n+1)/2."""
    shares = [1.0]
    for rank in range(1, n + 1):
        grown = [share / 2 for share in shares] + [0.0] * rank
        for total, share in enumerate(shares):
            grown[total + rank] += share / 2
        shares = grown
    return tuple(shares)


def exceeding(differences: Sequence[float], shift: float) -> float:
    """Return how likely such differences are if they are typically no larger than `shift`: a one-sided p.

    Of equal sizes those that speak for a larger difference get the lower ranks, so that ties never help.
    """
    moved = sorted((difference - shift for difference in differences), key=lambda d: (abs(d), d <= 0))
    ranked = [(rank, d) for rank, d in enumerate(moved, 1)]
    return tail(sum(rank for rank, d in ranked if d > 0), len(ranked))


def typical(differences: Sequence[float]) -> float:
    """Return the typical difference: the median of the means of all pairs (Hodges and Lehmann).

    Raises:
        StatisticsError: without differences.
    """
    means = ((one + other) / 2 for index, one in enumerate(differences) for other in differences[: index + 1])
    return median(means)


def at_least(differences: Sequence[float], doubt: float) -> float:
    """Return what the typical difference exceeds, but with probability `doubt`.

    -infinity where there are too few to say.
    """
    if not differences or 0.5 ** len(differences) > doubt:
        return -inf
    low, high = min(differences) - 1, max(differences)  # all speak for more than the one, none for the other
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if exceeding(differences, middle) <= doubt else (low, middle)
    return low


def at_most(differences: Sequence[float], doubt: float) -> float:
    """Return what the typical difference stays below, but with probability `doubt`.

    Infinity where there are too few to say.
    """
    return -at_least([-difference for difference in differences], doubt)
