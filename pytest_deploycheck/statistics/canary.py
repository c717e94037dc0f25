"""Whether a canary is as good as the stable deployment beside it, both measured at the same time.

Two runs at different times differ by more than their own samples can know: nothing here is for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from math import exp, inf, log
from statistics import fmean

from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.binomial import at_least, at_most
from pytest_deploycheck.statistics.bursts import Count
from pytest_deploycheck.statistics.decision import Decision, Ruling, percent, seconds
from pytest_deploycheck.statistics.judge import CONFIDENCE, judge_share
from pytest_deploycheck.statistics.moments import Moments, mean_of
from pytest_deploycheck.statistics.quantile import bounds, estimate, percentile

LEAST_PAIRS = 5
"""Fewer interleaved pairs say nothing about how much pairs differ."""

STRETCHES = 6
"""Parts of a run that are compared in pairs; more would be too short to tell a percentile."""

LEAST_OF_A_STRETCH = 40
"""Requests of which a 95th percentile can be told."""

_UNMEASURED = "nothing was measured of one of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How much worse a canary may be, and how sure one wants to be.

    No difference at all is the common case, and lies on the edge of "more errors": so `sure`, the confidence
    of that failure, is higher than `confidence`.
    """

    confidence: float = CONFIDENCE
    sure: float = 0.99
    errors: float = 2.0
    """Passed: the share of errors is shown to be below this many times the stable one's."""
    visible: float = 1.25
    """Failed: it is shown to be above the stable one's, and seen above this many times."""
    negligible: float = 0.0
    """The limit on errors that holds anyway: where too few fail to compare, staying below it is enough."""
    latency: float = 0.2
    """Passed: a percentile is shown to be less than this share slower. Failed: more than half of it."""
    least: float = 0.010
    """Seconds that it may be slower in any case: a share of a few milliseconds is noise."""

    def slower(self, latency: float, part: float = 1.0) -> float:
        """Return the latency that is slower than `latency` by `part` of what is tolerated."""
        return latency + part * max(self.latency * latency, self.least)


def compare_errors(canary: Count, stable: Count, tolerance: Tolerance) -> Decision:
    """Compare two counts of bad requests.

    If the canary is no worse, each bad request is the canary's with the probability of any request: the
    conditional test of two rates.
    """
    bad = canary.bad + stable.bad
    seen = f"{canary.bad:,} of {canary.n:,} beside {stable.bad:,} of {stable.n:,}"
    if not canary.n or not stable.n:
        return Decision(Ruling.UNDECIDED, seen, advice=_UNMEASURED)
    more = at_least(canary.bad, bad, _part(canary, stable, 1.0)) <= 1 - tolerance.sure
    if more and canary.bad / canary.n > tolerance.visible * stable.bad / stable.n:
        return Decision(Ruling.FAILED, seen, f"more, {tolerance.sure * 100:.4g} % sure")
    if at_most(canary.bad, bad, _part(canary, stable, tolerance.errors)) <= 1 - tolerance.confidence:
        return Decision(Ruling.PASSED, seen, f"less than {tolerance.errors:g} times as many")
    if tolerance.negligible:
        alone = judge_share(int(canary.bad), int(canary.n), tolerance.negligible, tolerance.confidence)
        if alone.ruling is Ruling.PASSED:
            return Decision(
                Ruling.PASSED, seen, f"no more are seen, and below {percent(tolerance.negligible)}"
            )
    return Decision(Ruling.UNDECIDED, seen, advice="it takes more requests, or a greater difference")


def compare_latency(
    canary: Sequence[Sequence[float]],
    stable: Sequence[Sequence[float]],
    quantile: float,
    tolerance: Tolerance,
) -> Decision:
    """Compare a percentile of two groups of requests that were sent at the same time.

    Both come in the same blocks of time (seconds, say), which may be empty. A request without an answer is
    `math.inf`. With enough of them the blocks are pairs: what slows the whole deployment is in both. With
    fewer, the bounds of the stable percentile are the limits that the canary is judged against.
    """
    ours, theirs = _stretches(canary), _stretches(stable)
    all_ours, all_theirs = sorted(chain.from_iterable(ours)), sorted(chain.from_iterable(theirs))
    if not all_ours or not all_theirs:
        seen = f"{many(len(all_ours), 'request', shown=f'{len(all_ours):,}')} beside {len(all_theirs):,}"
        return Decision(Ruling.UNDECIDED, seen, advice=_UNMEASURED)
    mine, its = (_shown(percentile(each, quantile)) for each in (all_ours, all_theirs))
    seen = f"{mine} of {len(all_ours):,} beside {its}"
    pairs = [(_of(a, quantile), _of(b, quantile)) for a, b in zip(ours, theirs, strict=True)]
    if len(pairs) == STRETCHES and all(0 < value < inf for pair in pairs for value in pair):
        paired = compare_pairs(pairs, tolerance)
        return replace(paired, seen=f"{seen}, {paired.seen}")
    return _against_bounds(ours, all_theirs, quantile, tolerance, seen)


def _against_bounds(
    canary: Sequence[Sequence[float]],
    stable: Sequence[float],
    quantile: float,
    tolerance: Tolerance,
    seen: str,
) -> Decision:
    low, high = bounds(stable, quantile, tolerance.confidence)
    if low in {0.0, inf}:
        why = (
            "too few stable requests to compare with"
            if low == 0.0
            else "the stable deployment does not answer"
        )
        return Decision(Ruling.UNDECIDED, seen, advice=why)
    enough, too_much = tolerance.slower(low), tolerance.slower(high, 0.5)
    below = _slower(canary, enough, quantile, tolerance.confidence)
    if below.ruling is Ruling.PASSED:
        return Decision(Ruling.PASSED, seen, advice=below.told(f"slower than {seconds(enough)}"))
    above = _slower(canary, too_much, quantile, tolerance.confidence)
    if high < inf and above.ruling is Ruling.FAILED:
        return Decision(Ruling.FAILED, seen, advice=above.told(f"slower than {seconds(too_much)}"))
    return Decision(Ruling.UNDECIDED, seen, advice=below.told(f"slower than {seconds(enough)}"))


def compare_pairs(pairs: Sequence[tuple[float, float]], tolerance: Tolerance) -> Decision:
    """Compare latencies (canary, stable) of blocks that were sent in turn, as ABBA: canary first, then last.

    A drift of the whole deployment is in both blocks of a pair; what is left is judged by Student's t.
    """
    if len(pairs) < LEAST_PAIRS or any(not 0 < value < inf for pair in pairs for value in pair):
        why = f"it takes at least {LEAST_PAIRS} pairs, each with answers of both"
        return Decision(Ruling.UNDECIDED, f"{len(pairs)} pairs", advice=why)
    mean = mean_of([Moments.of([log(canary / stable)]) for canary, stable in pairs])
    low, _ = mean.bounds(tolerance.sure)
    high = mean.bounds(tolerance.confidence)[1]
    seen = f"{_change(mean.value)} over {len(pairs)} pairs"
    bounded = f"one-sided bounds {_change(low)} and {_change(high)}"
    usual = exp(fmean(log(stable) for _, stable in pairs))
    if high < log(tolerance.slower(usual) / usual):
        return Decision(Ruling.PASSED, seen, bounded)
    if low > log(tolerance.slower(usual, 0.5) / usual):
        return Decision(Ruling.FAILED, seen, bounded)
    return Decision(Ruling.UNDECIDED, seen, bounded, "more pairs would decide it")


def abba(blocks: int) -> str:
    """Return the order in which to send `blocks` blocks of each: ABBAABBA. No steady drift favours one."""
    return "".join("AB" if pair % 2 == 0 else "BA" for pair in range(blocks))


def _stretches(blocks: Sequence[Sequence[float]]) -> list[list[float]]:
    """Join blocks of time to `STRETCHES` of them, if there are as many."""
    few = min(STRETCHES, len(blocks))
    ends = [round(len(blocks) * part / few) for part in range(few + 1)] if few else [0]
    return [list(chain.from_iterable(blocks[first:last])) for first, last in pairwise(ends)]


def _of(latencies: Sequence[float], quantile: float) -> float:
    """The quantile of a stretch, infinite if there are too few requests, or too many without an answer."""
    return estimate(sorted(latencies), quantile) if len(latencies) >= LEAST_OF_A_STRETCH else inf


def _part(canary: Count, stable: Count, ratio: float) -> float:
    """The canary's part of all bad requests, if its share of bad ones is `ratio` times the stable one's."""
    return canary.n * ratio / (canary.n * ratio + stable.n)


def _slower(blocks: Sequence[Sequence[float]], limit: float, quantile: float, confidence: float) -> Decision:
    counts = [Count(sum(each > limit for each in block), len(block)) for block in blocks]
    bad, n = sum(int(count.bad) for count in counts), sum(int(count.n) for count in counts)
    return judge_share(bad, n, round(1 - quantile, 12), confidence, blocks=counts)


def _shown(value: float) -> str:
    return seconds(value) if value < inf else "no answer"


def _change(ratio: float) -> str:
    return f"{(exp(ratio) - 1) * 100:+.1f} %"
