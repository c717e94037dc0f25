"""When arrivals are due: evenly, faster and faster during the warm-up, then at the rate of each stage."""

from collections.abc import Iterable, Iterator
from itertools import count
from math import sqrt


def due_times(
    stages: Iterable[tuple[float, float]], warmup: float, *, index: int = 0, of: int = 1
) -> Iterator[float]:
    """Yield seconds from the start, warm-up included, of every `of`-th arrival from the `index`-th on."""
    numbers = count(index, of)
    number = next(numbers)
    past, came = 0.0, 0.0
    for first, last, seconds in _ramps(tuple(stages), warmup):
        arrivals = (first + last) / 2 * seconds
        while number < came + arrivals - 1e-9:
            yield past + _moment(number - came, first, last, seconds)
            number = next(numbers)
        past, came = past + seconds, came + arrivals


def _ramps(stages: tuple[tuple[float, float], ...], warmup: float) -> Iterator[tuple[float, float, float]]:
    """Yield the rate at the beginning and at the end of each part, and its length."""
    if warmup and stages:
        yield 0.0, stages[0][0], warmup
    yield from ((rate, rate, seconds) for rate, seconds in stages)


def _moment(arrivals: float, first: float, last: float, seconds: float) -> float:
    """When so many have arrived, the rate going evenly from `first` to `last`: the root of a parabola."""
    if first == last:
        return arrivals / first
    slope = (last - first) / seconds
    return (sqrt(first * first + 2 * slope * arrivals) - first) / slope
