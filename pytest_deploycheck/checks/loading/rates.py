"""How many good answers came per second: when they came, not when they were due.

A deployment that can't keep up answers all that was due, later and later. By when it was due, it would look
as if it kept up.
"""

from bisect import bisect_left
from collections.abc import Iterator

from pytest_deploycheck.model.loaded import Loaded, Measured

NO_LAG = 0.5
"""Seconds behind the fastest answer within which one counts as come when it was due.

A run should not seem to begin slowly because its first answers take a moment, as all do.
"""


def rates(measured: Measured, width: int, seconds: int) -> list[float]:
    """Return the good answers per second in each whole `width` seconds of the run."""
    came = [0.0] * (seconds // width)
    for at, count in _prompt(measured):
        if at // width < len(came):
            came[at // width] += count
    for begins in _late(measured):
        block = int(begins // width)
        beyond = max(begins + 1 - (block + 1) * width, 0.0)
        for each, share in ((block, 1 - beyond), (block + 1, beyond)):
            if each < len(came):
                came[each] += share
    return [count / width for count in came]


def mean_rate(seen: Loaded) -> float:
    """Return the good answers per second of a whole run; what came after its planned end doesn't count."""
    measured = seen.measured()
    if seen.planned is None:
        return measured.ok / seen.seconds
    prompt = sum(count for at, count in _prompt(measured) if at < seen.seconds)
    late = sum(min(max(seen.seconds - at, 0.0), 1.0) for at in _late(measured))
    return (prompt + late) / seen.seconds


def _prompt(measured: Measured) -> Iterator[tuple[int, int]]:
    """Yield how many good answers came at once, of what was due in each second."""
    limit = _fastest(measured) + NO_LAG * 1e6
    for part in measured.parts:
        yield part.at, bisect_left(part.ok, limit)


def _late(measured: Measured) -> Iterator[float]:
    """Yield when the second begins in which each other came: when in its own one was due is not kept."""
    fastest = _fastest(measured)
    for part in measured.parts:
        for latency in part.ok[bisect_left(part.ok, fastest + NO_LAG * 1e6) :]:
            yield part.at + (latency - fastest) / 1e6


def _fastest(measured: Measured) -> int:
    return min((part.ok[0] for part in measured.parts if part.ok), default=0)
