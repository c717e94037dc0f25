"""What blocks in turn show, as ABBA: drift of the whole deployment is in both blocks of a pair."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, inf

from pytest_deploycheck.checks.loading.words import circumstances
from pytest_deploycheck.checks.rollout.judge import (
    NOT_TAKEN,
    QUANTILE,
    Comparison,
    Shown,
    count,
    limits,
    worst,
)
from pytest_deploycheck.model.loaded import Ending, Lateness, Loaded, Measured, Series
from pytest_deploycheck.statistics.canary import compare_errors, compare_pairs
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.quantile import estimate


def in_turn(comparison: Comparison, canary: Sequence[Loaded], stable: Sequence[Loaded]) -> Shown:
    """Return what the blocks of a measurement show; the last one may have ended early."""
    whole = [*canary, *stable]
    if any(each.ending in NOT_TAKEN for each in whole) or not all(each.measured().n for each in whole):
        ended = next((each for each in whole if each.ending is not Ending.COMPLETE), whole[-1])
        return Shown(
            None, f"nothing was measured: {ended.ending.value}{f', {ended.why}' if ended.why else ''}"
        )
    if any(each.ending is not Ending.COMPLETE for each in stable):
        return Shown(Ruling.UNDECIDED, f"the stable version was not measured: {stable[-1].why}")
    mine = joined(canary)
    found = [*limits(comparison, mine), *_beside(comparison, canary, stable)]
    ruling = worst(each for each, _ in found)
    why = next(line for each, line in found if each is ruling)
    told = [f"{each.value}: {line}" for each, line in found]
    return Shown(ruling, f"in turn, {why}", "\n".join([*told, circumstances(mine)]))


def joined(blocks: Sequence[Loaded]) -> Loaded:
    """Return blocks as one run, one behind the other."""
    series: list[Series] = []
    parts: list[Series] = []
    begins = 0
    for block in blocks:
        series += (_moved(each, begins) for each in block.series)
        parts += (_moved(each, begins) for each in block.parts)
        begins += ceil(block.seconds)
    return Loaded(
        series=tuple(series),
        parts=tuple(parts),
        ending=blocks[-1].ending,
        why=blocks[-1].why,
        planned=sum(block.planned or 0.0 for block in blocks) or None,
        seconds=sum(block.seconds for block in blocks),
        arrivals=sum(block.arrivals for block in blocks),
        cut=sum(block.cut for block in blocks),
        hops=sum(block.hops for block in blocks),
        lateness=Lateness(
            p99=max(block.lateness.p99 for block in blocks), cpu=max(block.lateness.cpu for block in blocks)
        ),
        mistakes={text: n for block in blocks for text, n in block.mistakes.items()},
    )


def _moved(series: Series, seconds: int) -> Series:
    measured = (second for second in series.seconds if second.at >= 0)
    return replace(series, seconds=tuple(replace(second, at=second.at + seconds) for second in measured))


def _beside(
    comparison: Comparison, canary: Sequence[Loaded], stable: Sequence[Loaded]
) -> Iterator[tuple[Ruling, str]]:
    if not stable:
        return
    errors = compare_errors(
        count(joined(canary).measured()), count(joined(stable).measured()), comparison.tolerance
    )
    yield errors.ruling, f"errors: {errors.told()}"
    pairs = [(_slow(a.measured()), _slow(b.measured())) for a, b in zip(canary, stable, strict=False)]
    slow = compare_pairs(pairs, comparison.tolerance)
    yield slow.ruling, f"p(95): {slow.told()}"


def _slow(measured: Measured) -> float:
    """The percentile of a block, infinite if it has no answer."""
    return estimate([*measured.latencies(), *[inf] * measured.failed.total()], QUANTILE)
