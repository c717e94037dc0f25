"""What one measurement shows of a canary: its own limits, and the stable deployment beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

from pytest_deploycheck.checks.loading.decide import Terms
from pytest_deploycheck.checks.loading.judge import judge
from pytest_deploycheck.checks.loading.words import circumstances
from pytest_deploycheck.checks.rollout.sides import Sides, Versions, of, sides
from pytest_deploycheck.model.loaded import Ending, Loaded, Measured
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Outcome, Passed
from pytest_deploycheck.statistics.bursts import Count
from pytest_deploycheck.statistics.canary import Tolerance, compare_errors, compare_latency
from pytest_deploycheck.statistics.decision import Ruling, percent
from pytest_deploycheck.statistics.rollout import Result

QUANTILE = 0.95
NOT_TAKEN = frozenset({Ending.BROKEN, Ending.WORKER_LOST, Ending.SATURATED})
"""How runs end that measured nothing of the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a canary is held to: absolute limits, and a tolerance beside the stable deployment."""

    terms: tuple[Terms, ...]
    tolerance: Tolerance


@dataclass(frozen=True, slots=True)
class Shown:
    """What one measurement shows, why, and what that rests on, in lines. None: it did not take place."""

    result: Result
    why: str
    lines: str = ""


def shown(comparison: Comparison, versions: Versions, seen: Loaded) -> Shown:
    """Return what a measurement of both together shows."""
    if seen.ending in NOT_TAKEN or not seen.measured().n:
        return Shown(None, f"nothing was measured: {seen.ending.value}{f', {seen.why}' if seen.why else ''}")
    split = sides(versions, seen)
    if isinstance(split, str):
        ruling = Ruling.FAILED if seen.ending is Ending.BREAKER else Ruling.UNDECIDED
        return Shown(ruling, split, circumstances(seen))
    found = list(_lines(comparison, seen, split))
    ruling = _rule(comparison, seen, split, [each for each, _ in found])
    first = worst(each for each, _ in found)
    why = next(line for each, line in found if each is first)
    told = [f"{each.value}: {line}" for each, line in found]
    return Shown(
        ruling, f"at {percent(split.stage)}, {why}", "\n".join([*told, *_unknown(split), circumstances(seen)])
    )


def _rule(comparison: Comparison, seen: Loaded, split: Sides, rulings: list[Ruling]) -> Ruling:
    """Rule as if requests without a version were the canary's; it fails only if it does without them, too."""
    found = worst(rulings)
    if found is not Ruling.FAILED or not of(split.unknown).n:
        return found
    kinder = replace(split, stable=(*split.stable, *split.unknown), unknown=())
    without = worst(ruling for ruling, _ in _lines(comparison, seen, kinder))
    return Ruling.FAILED if without is Ruling.FAILED else Ruling.UNDECIDED


def worst(rulings: Iterable[Ruling]) -> Ruling:
    """Return what several rulings say together."""
    found = set(rulings)
    if Ruling.FAILED in found:
        return Ruling.FAILED
    return Ruling.PASSED if found == {Ruling.PASSED} else Ruling.UNDECIDED


def limits(comparison: Comparison, seen: Loaded) -> Iterator[tuple[Ruling, str]]:
    """Yield a ruling for each absolute limit, with the line that tells it."""
    for terms in comparison.terms:
        outcome = judge(terms, seen)
        yield _ruling(outcome), _first(outcome)


def _lines(comparison: Comparison, seen: Loaded, split: Sides) -> Iterator[tuple[Ruling, str]]:
    """Yield a ruling for each limit and each comparison, with the line that tells it."""
    mine = (*split.canary, *split.unknown)
    versions = {series.version for series in mine}
    parts = tuple(part for part in seen.parts if part.version in versions)
    yield from limits(comparison, replace(seen, series=mine, parts=parts))
    if split.stage < 1:
        canary, stable = of(mine), of(split.stable)
        errors = compare_errors(count(canary), count(stable), comparison.tolerance)
        yield errors.ruling, f"errors: {errors.told()}"
        slow = compare_latency(*_seconds(canary, stable), QUANTILE, comparison.tolerance)
        yield slow.ruling, f"p(95): {slow.told()}"


def _ruling(outcome: Outcome) -> Ruling:
    match outcome:
        case Passed():
            return Ruling.PASSED
        case Failed():
            return Ruling.FAILED
        case _:
            return Ruling.UNDECIDED


def _first(outcome: Outcome) -> str:
    told = outcome.note if isinstance(outcome, Passed) else outcome.reason
    return told.partition("\n")[0]


def count(measured: Measured) -> Count:
    """Return how many requests failed, of how many."""
    return Count(measured.failed.total(), measured.n)


def _seconds(canary: Measured, stable: Measured) -> tuple[list[list[float]], list[list[float]]]:
    """The latencies of both in each second of the run."""
    last = max(part.at for part in (*canary.parts, *stable.parts))
    both = [(canary.within(at, at + 1), stable.within(at, at + 1)) for at in range(last + 1)]
    return [_latencies(mine) for mine, _ in both], [_latencies(its) for _, its in both]


def _latencies(measured: Measured) -> list[float]:
    """The latencies of good answers; what failed is slower than anything."""
    return [*measured.latencies(), *[inf] * measured.failed.total()]


def _unknown(split: Sides) -> Iterator[str]:
    if n := of(split.unknown).n:
        requests = many(n, "request", shown=f"{n:,}")
        yield f"{requests} had no answer that names a version: counted as the canary's"
