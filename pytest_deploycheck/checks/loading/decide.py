"""What the numbers of a load run alone say of a threshold."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pytest_deploycheck.checks.loading.rates import rates
from pytest_deploycheck.model.loaded import Loaded, Measured, Second, failed, slow_or_failed
from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS, Count
from pytest_deploycheck.statistics.decision import Decision
from pytest_deploycheck.statistics.judge import judge_mean, judge_rate, judge_share
from pytest_deploycheck.statistics.moments import Moments
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

BLOCK = 10
"""Seconds of a block, in a run of a minute or more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A threshold, and how sure one must be; `deadline` is what a request without an answer has waited."""

    threshold: Threshold
    confidence: float
    deadline: float
    rate: float | None = None
    """Arrivals per second that were planned, for an open run of one rate."""


def from_zero(measured: Measured) -> Measured:
    """The same as if it had begun with the run."""
    first = min(part.at for part in measured.parts)
    return Measured(tuple(replace(part, at=part.at - first) for part in measured.parts))


def decide(terms: Terms, seen: Loaded, measured: Measured) -> Decision:
    """Return what the numbers alone say."""
    threshold = terms.threshold
    width = _width(seen.seconds)
    match threshold.metric:
        case Metric.MEAN:
            blocks = [_moments(part, terms.deadline) for part in _merged(measured, width)]
            return judge_mean(blocks, threshold.limit, terms.confidence)
        case Metric.RATE:
            came = rates(measured, width, int(seen.seconds))
            return judge_rate(came, threshold.limit, terms.confidence, strict=threshold.operator == ">")
        case _:
            counts = [Count(bad, n) for bad, n in measured.blocks(width, bad_of(threshold))]
            bad, n = sum(int(c.bad) for c in counts), sum(int(c.n) for c in counts)
            return judge_share(bad, n, threshold.share or 0.0, terms.confidence, blocks=counts)


def bad_of(threshold: Threshold) -> Callable[[Second], int]:
    """Return what counts the bad requests of a second: failed, or too slow for a percentile."""
    if threshold.metric is not Metric.QUANTILE:
        return failed
    return slow_or_failed(threshold.limit, equal_is_slow=threshold.operator == "<")


def _width(seconds: float) -> int:
    """Ten seconds; in a shorter run so many that there are enough blocks to see bursts."""
    return BLOCK if seconds >= BLOCK * LEAST_BLOCKS else max(1, int(seconds // LEAST_BLOCKS))


def _merged(measured: Measured, width: int) -> list[list[Second]]:
    blocks: dict[int, list[Second]] = {}
    for part in measured.parts:
        blocks.setdefault(part.at // width, []).append(part)
    return list(blocks.values())


def _moments(parts: list[Second], deadline: float) -> Moments:
    latencies = (latency / 1e6 for part in parts for latency in part.ok)
    return Moments.of(latencies, unanswered=sum(map(failed, parts)), deadline=deadline)
