"""Bad requests come in bursts: how many independent requests are as much evidence as those that were sent."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

LEAST_BLOCKS = 6
"""Fewer blocks tell nothing about bursts."""


class Count(NamedTuple):
    """How many of `n` requests were bad, in one block of a run (10 s, say) or in all of it."""

    bad: float
    n: float


def total(blocks: Iterable[Count]) -> Count:
    """Return the sum of all blocks."""
    counted = list(blocks)
    return Count(sum(block.bad for block in counted), sum(block.n for block in counted))


def overdispersion(blocks: Sequence[Count]) -> float:
    """Return by how much more the blocks vary than independent requests would; at least 1.

    Pearson's statistic of the blocks over its degrees of freedom (McCullagh and Nelder, 4.5.2). 1 without
    `LEAST_BLOCKS` that hold requests, and where all are bad or none: then nothing varies.
    """
    held = [block for block in blocks if block.n > 0]
    bad, n = total(held)
    if len(held) < LEAST_BLOCKS or bad <= 0 or bad >= n:
        return 1.0
    share = bad / n
    spread = sum((block.bad - block.n * share) ** 2 / block.n for block in held)
    return max(1.0, spread / (share * (1 - share)) / (len(held) - 1))


def thinned(bad: float, n: float, blocks: Sequence[Count]) -> Count:
    """Return the count of independent requests that is as much evidence as `bad` of `n` with these bursts."""
    factor = overdispersion(blocks)
    return Count(bad / factor, n / factor)
