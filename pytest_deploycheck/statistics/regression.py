"""Whether a run is worse than earlier ones, which differ among themselves by more than their samples know."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import fmean, stdev

from pytest_deploycheck.statistics.decision import Decision, Ruling, seconds
from pytest_deploycheck.statistics.student import t_quantile

LEAST_SHOWN = 3
"""With fewer earlier runs nothing is judged."""

LEAST_JUDGED = 5
"""With fewer, nothing passes, and fails only what is `PLAIN`."""

PLAIN = 0.5
"""Half as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """By how much a latency may be above the earlier ones', however little they vary: by either of both."""

    share: float = 0.2
    seconds: float = 0.010
    confidence: float = 0.99

    def limit(self, usual: float) -> float:
        """Return the latency in seconds up to which nothing is worse."""
        return max(usual * (1 + self.share), usual + self.seconds)


def against_earlier(value: float, earlier: Sequence[float], margin: Margin) -> Decision:
    """Judge a latency in seconds against those of earlier runs.

    Passed: within the margin. Failed: beyond it, and beyond the prediction interval of the earlier ones (of
    their logarithms, by Student's t). Between, it is undecided: the earlier ones vary as much.
    """
    if not 0 < value < inf or any(not 0 < each < inf for each in earlier):
        raise ValueError("a latency is above 0, and finite")
    runs = f"{len(earlier)} earlier run{'' if len(earlier) == 1 else 's'}"
    if len(earlier) < LEAST_SHOWN:
        return Decision(Ruling.UNDECIDED, f"{seconds(value)}, {runs}", advice=f"judged from {LEAST_SHOWN} on")
    logs = [log(each) for each in earlier]
    usual = exp(fmean(logs))
    seen = f"{seconds(value)}, {(value / usual - 1) * 100:+.3g} % to the usual {seconds(usual)} of {runs}"
    if len(earlier) < LEAST_JUDGED:
        return _advisory(value, usual, seen, margin)
    spread = t_quantile(margin.confidence, len(logs) - 1) * stdev(logs) * sqrt(1 + 1 / len(logs))
    expected = usual * exp(spread)
    told = f"{margin.confidence * 100:.4g} % of runs are below {seconds(expected)}"
    if value <= margin.limit(usual):
        return Decision(Ruling.PASSED, seen, told)
    if value > expected:
        return Decision(Ruling.FAILED, seen, told)
    return Decision(Ruling.UNDECIDED, seen, told, "the earlier runs vary as much")


def _advisory(value: float, usual: float, seen: str, margin: Margin) -> Decision:
    if value > max(usual * (1 + PLAIN), margin.limit(usual)):
        return Decision(Ruling.FAILED, seen)
    return Decision(Ruling.UNDECIDED, seen, advice=f"passed from {LEAST_JUDGED} earlier runs on")
