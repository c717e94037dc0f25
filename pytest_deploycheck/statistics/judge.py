"""Judges what a load run counted: shares by the exact binomial tail, means and rates by Student's t."""

from collections.abc import Sequence

from pytest_deploycheck.statistics.binomial import (
    MOST,
    at_least,
    at_most,
    deciding,
    lower_bound,
    needed,
    upper_bound,
)
from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS, Count, overdispersion
from pytest_deploycheck.statistics.decision import Decision, Ruling, about, percent, seconds
from pytest_deploycheck.statistics.moments import Mean, Moments, mean_of
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

CONFIDENCE = 0.95
"""That a ruling is right even if the truth lies exactly on the limit; away from it, it is more."""

LEAST_FOR_A_MEAN = 30
"""Fewer latencies are too skewed for Student's t."""

_VISIBLY = 1.05
"""Bursts that are worth a word."""

_NONE = Decision(Ruling.UNDECIDED, "no requests", advice="nothing was measured")
_ON_THE_LIMIT = "so near the limit that no number of requests decides it"


def least(threshold: Threshold, confidence: float = CONFIDENCE) -> int:
    """Return how many requests `threshold` takes at least to pass; 1 where their number does not count."""
    if threshold.metric is Metric.MEAN:
        return LEAST_FOR_A_MEAN
    return needed(threshold.share, confidence) if threshold.share else 1


def judge_share(
    bad: int, n: int, limit: float, confidence: float = CONFIDENCE, *, blocks: Sequence[Count] = ()
) -> Decision:
    """Judge whether less than the share `limit` of all requests is bad, from `bad` of `n`.

    `blocks` are the counts of equal stretches of the run (10 s): bad requests that come in bursts count for
    less. A limit of 0 is about the requests that were sent, not about all that will be: one bad one fails.

    Raises:
        ValueError: if more are bad than there are, or the limit is no share below 1.
    """
    if not 0 <= bad <= n or not 0 <= limit < 1:
        raise ValueError(f"{bad} bad of {n} against a limit of {limit}: not a count and a share")
    if n == 0:
        return _NONE
    factor = overdispersion(blocks)
    counted = Count(bad / factor, n / factor)
    ruling = _ruling(counted, limit, 1 - confidence) if limit else _none_allowed(bad)
    advice = _advice(counted, limit, confidence, factor) if ruling is Ruling.UNDECIDED else ""
    return Decision(ruling, f"{bad:,} of {n:,}", _bounds(counted, confidence, factor), advice)


def judge_mean(blocks: Sequence[Moments], limit: float, confidence: float = CONFIDENCE) -> Decision:
    """Judge whether the mean latency is below `limit` seconds.

    Requests without an answer belong to `blocks` with their whole deadline (`Moments.of(unanswered=...)`).
    Latencies are skewed: the few that are long make the mean, and a run may have seen fewer than there are.
    """
    mean = mean_of(blocks)
    if not mean.n:
        return _NONE
    seen = f"mean {seconds(mean.value)} of {mean.n:,}"
    if mean.n < LEAST_FOR_A_MEAN:
        return Decision(Ruling.UNDECIDED, seen, advice=f"a mean takes at least {LEAST_FOR_A_MEAN} requests")
    low, high = mean.skewed_bounds(confidence)
    bounds = f"{_sides(confidence)} {seconds(max(low, 0.0))} and {seconds(high)}"
    if high < limit or low > limit:
        return Decision(Ruling.PASSED if high < limit else Ruling.FAILED, seen, bounds)
    return Decision(Ruling.UNDECIDED, seen, bounds, _more(mean, (low, high), limit, "requests"))


def judge_rate(
    rates: Sequence[float], limit: float, confidence: float = CONFIDENCE, *, strict: bool = False
) -> Decision:
    """Judge whether at least `limit` requests per second are answered well; `strict`: more than that.

    `rates` are those of equal stretches of the run (10 s). Whether a low rate is the deployment's fault or
    that of the machine which sends, the caller has to know.
    """
    if not rates:
        return _NONE
    mean = mean_of([Moments.of([rate]) for rate in rates])
    seen = f"{mean.value:.4g}/s over {mean.n} blocks"
    if mean.n < LEAST_BLOCKS:
        return Decision(Ruling.UNDECIDED, seen, advice=f"a rate takes at least {LEAST_BLOCKS} blocks")
    low, high = mean.bounds(confidence)
    bounds = f"{_sides(confidence)} {max(low, 0.0):.4g}/s and {high:.4g}/s"
    if low > limit or (low == limit and not strict):
        return Decision(Ruling.PASSED, seen, bounds)
    if high < limit:
        return Decision(Ruling.FAILED, seen, bounds)
    return Decision(Ruling.UNDECIDED, seen, bounds, _more(mean, (low, high), limit, "blocks"))


def _ruling(counted: Count, limit: float, doubt: float) -> Ruling:
    if at_most(*counted, limit) <= doubt:
        return Ruling.PASSED
    return Ruling.FAILED if at_least(*counted, limit) <= doubt else Ruling.UNDECIDED


def _none_allowed(bad: int) -> Ruling:
    return Ruling.FAILED if bad else Ruling.PASSED


def _bounds(counted: Count, confidence: float, factor: float) -> str:
    low, high = lower_bound(*counted, confidence), upper_bound(*counted, confidence)
    bounds = f"{percent(counted.bad / counted.n)}, {_sides(confidence)} {percent(low)} and {percent(high)}"
    return f"{bounds}, bursty: as {counted.n:,.0f} independent ones" if factor > _VISIBLY else bounds


def _advice(counted: Count, limit: float, confidence: float, factor: float) -> str:
    enough = deciding(*counted, limit, confidence)
    if enough is None or enough * factor > MOST:
        return _ON_THE_LIMIT
    return f"about {about(enough * factor)} requests at this share would decide it"


def _more(mean: Mean, bounds: tuple[float, float], limit: float, unit: str) -> str:
    """How many it takes until the bound beside the limit is as near to the mean as the limit."""
    low, high = bounds
    distance = abs(mean.value - limit)
    margin = high - mean.value if mean.value < limit else mean.value - low
    enough = mean.n * (margin / distance) ** 2 if distance > 0 else MOST + 1
    return f"about {about(enough)} {unit} would decide it" if enough <= MOST else _ON_THE_LIMIT


def _sides(confidence: float) -> str:
    return f"one-sided {confidence * 100:.4g} % bounds"
