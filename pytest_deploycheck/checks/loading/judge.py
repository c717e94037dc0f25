"""What a load run shows of one threshold: fail closed, and never blame the target for what the sender did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

from pytest_deploycheck.checks.loading.words import circumstances, shown
from pytest_deploycheck.model.loaded import (
    EXHAUSTED,
    LIMITED,
    Ending,
    Loaded,
    Measured,
    Second,
    failed,
    slow_or_failed,
)
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.statistics.bursts import LEAST_BLOCKS, Count
from pytest_deploycheck.statistics.decision import Decision, Ruling
from pytest_deploycheck.statistics.judge import judge_mean, judge_rate, judge_share
from pytest_deploycheck.statistics.moments import Moments
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

BLOCK = 10
"""Seconds of a block, in a run of a minute or more."""

ENOUGH = 0.8
"""The share of the planned time that must be measured, and of the planned rate that must be sent."""

LAST = 0.75
"""Where the last part of a long run begins."""

BUSY = 0.9
"""The share of a core above which the process that sends may be what is slow."""
LATE = 0.010
"""Seconds that it may be late in any case."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A threshold, and how sure one must be; `deadline` is what a request without an answer has waited."""

    threshold: Threshold
    confidence: float
    deadline: float
    rate: float | None = None
    """Arrivals per second that were planned, for an open run of one rate."""


def judge_soak(terms: Terms, seen: Loaded) -> Outcome:
    """Return what a long run shows: also of its last quarter, where what gets slower with time is slowest."""
    outcome = judge(terms, seen)
    late = seen.measured(terms.threshold.endpoint).within(seen.seconds * LAST, seen.seconds)
    if not isinstance(outcome, Passed) or not late.n:
        return outcome
    decision = decide(terms, replace(seen, seconds=seen.seconds * (1 - LAST)), from_zero(late))
    told = f"in the last quarter: {shown(terms.threshold, decision, late)}"
    doubt = saturated(terms, seen, late, decision)
    if doubt and decision.ruling is Ruling.FAILED:
        return Inconclusive(f"{doubt}; {told}\n{circumstances(seen)}")
    if decision.ruling is Ruling.FAILED:
        return Failed(f"worse with time, {told}\n{outcome.note}\n{circumstances(seen)}")
    return Passed(f"{outcome.note}; {told}")


def from_zero(measured: Measured) -> Measured:
    """The same as if it had begun with the run."""
    first = min(part.at for part in measured.parts)
    return Measured(tuple(replace(part, at=part.at - first) for part in measured.parts))


def judge(terms: Terms, seen: Loaded) -> Outcome:
    """Return what a run shows of a threshold."""
    measured = seen.measured(terms.threshold.endpoint)
    if seen.ending is Ending.BREAKER and not seen.why.endswith(LIMITED):
        return Failed(f"stopped: {seen.why}\n{circumstances(seen)}")
    if not measured.n:
        return Inconclusive(f"{_nothing(terms, seen)}\n{circumstances(seen)}")
    decision = decide(terms, seen, measured)
    told = f"{terms.threshold}: {shown(terms.threshold, decision, measured)}"
    doubt = _doubt(terms, seen, measured, decision)
    if doubt:
        return Inconclusive(f"{doubt}; {told}\n{circumstances(seen)}")
    match decision.ruling:
        case Ruling.PASSED:
            return Passed(told)
        case Ruling.FAILED:
            return Failed(f"{told}\n{circumstances(seen)}")
        case Ruling.UNDECIDED if _ended(terms, seen):
            return Failed(f"{told}; stopped, as it was shown to be broken: {seen.why}\n{circumstances(seen)}")
        case Ruling.UNDECIDED:
            return Inconclusive(f"{told}\n{circumstances(seen)}")


def _ended(terms: Terms, seen: Loaded) -> bool:
    """Whether this threshold ended the run: the always-valid test decided what few requests leave open."""
    return seen.ending is Ending.STOP_RULE and seen.why.startswith(f"{terms.threshold}: ")


def decide(terms: Terms, seen: Loaded, measured: Measured) -> Decision:
    """Return what the numbers alone say."""
    threshold = terms.threshold
    width = _width(seen.seconds)
    match threshold.metric:
        case Metric.MEAN:
            blocks = [_moments(part, terms.deadline) for part in _merged(measured, width)]
            return judge_mean(blocks, threshold.limit, terms.confidence)
        case Metric.RATE:
            rates = _rates(measured, width, int(seen.seconds))
            return judge_rate(rates, threshold.limit, terms.confidence, strict=threshold.operator == ">")
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


def _rates(measured: Measured, width: int, seconds: int) -> list[float]:
    """Good answers per second in each whole block of the run; a block without any counts as none."""
    good = {part.at // width: 0 for part in measured.parts}
    for part in measured.parts:
        good[part.at // width] += len(part.ok)
    return [good.get(block, 0) / width for block in range(seconds // width)]


# --- why the numbers alone don't decide


def _nothing(terms: Terms, seen: Loaded) -> str:
    if seen.ending is not Ending.COMPLETE:
        return f"nothing was measured: {seen.ending.value}{f', {seen.why}' if seen.why else ''}"
    if terms.threshold.endpoint and seen.names:
        return f"no request was called '{terms.threshold.endpoint}', only {', '.join(seen.names)}"
    return "no request was sent after the warm-up"


def _doubt(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
    """Why a ruling doesn't hold, if so: either needs a healthy sender, and a pass needs a whole run too."""
    return (
        _limited(terms, seen, measured, decision)
        or saturated(terms, seen, measured, decision)
        or ("" if _decided(terms, seen, decision) else _incomplete(terms, seen))
    )


_EXCUSED = {
    LIMITED: "were refused by a rate limit (429): exempt the sender, or send less",
    **{kind: f"could not be sent, {kind}: {remedy}" for kind, remedy in EXHAUSTED.items()},
}


def _decided(terms: Terms, seen: Loaded, decision: Decision) -> bool:
    """Whether it is known to be broken, so that a run that ended early is enough."""
    if decision.ruling is Ruling.UNDECIDED:
        return _ended(terms, seen)
    return decision.ruling is Ruling.FAILED


def _limited(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
    """Why a ruling is about a rate limit, or about what the sender had no more of, if so."""
    failures = measured.failed
    met = [kind for kind in _EXCUSED if failures[kind]]
    if not met or not _decided_by(met, terms, seen, measured, decision):
        return ""
    return "; ".join(f"{failures[kind]:,} of {measured.n:,} {_EXCUSED[kind]}" for kind in met)


def _decided_by(kinds: list[str], terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> bool:
    """Whether it would be another ruling without these failures; for a rate, if they had been answered."""
    if terms.threshold.metric is Metric.RATE and any(kind in EXHAUSTED for kind in kinds):
        return decision.ruling is not Ruling.PASSED
    others = reduce(Measured.without, kinds, measured)
    return decide(terms, seen, others).ruling is not decision.ruling


def saturated(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
    """Why the sender itself is what was measured, if so.

    A sender that is late makes everything look slow; one out of breath does not send what it should.
    """
    late, cpu = seen.lateness.p99, seen.lateness.cpu
    limit = terms.threshold.limit if terms.threshold.metric in (Metric.QUANTILE, Metric.MEAN) else 1.0
    is_late = late > max(LATE, limit / 10)
    why = f"it was {late * 1000:.0f} ms late (p99) at {cpu:.0%} of a core"
    if is_late and cpu >= BUSY:
        return f"the generator is saturated: {why}; add processes or workers"
    own_fault = terms.threshold.metric is not Metric.ERRORS
    if is_late and own_fault and decision.ruling is Ruling.FAILED and _explains(terms, late, measured):
        return f"the generator itself was late: {why}"
    return ""


def _explains(terms: Terms, late: float, measured: Measured) -> bool:
    """Whether the requests would do if none of them had been as late as the generator was."""
    slower = Threshold(
        metric=terms.threshold.metric,
        operator=terms.threshold.operator,
        limit=terms.threshold.limit + late,
        quantile=terms.threshold.quantile,
        text=terms.threshold.text,
    )
    if terms.threshold.metric is Metric.RATE:
        return True
    probe = Loaded(series=(), ending=Ending.COMPLETE, seconds=float(len(measured.parts)))
    relaxed = Terms(slower, terms.confidence, terms.deadline)
    return decide(relaxed, probe, measured).ruling is not Ruling.FAILED


def _incomplete(terms: Terms, seen: Loaded) -> str:
    """Why what was seen is not what was planned, if so."""
    if seen.mistakes:
        mistakes = sum(seen.mistakes.values())
        text = max(seen.mistakes, key=lambda text: seen.mistakes[text])
        return f"the scenario itself failed {many(mistakes, 'time', shown=f'{mistakes:,}')}: {text}"
    whole = seen.planned is None or seen.seconds >= ENOUGH * seen.planned
    in_time = whole and seen.planned is not None
    if seen.ending is Ending.SATURATED:
        return f"the generator is saturated after {seen.seconds:.1f} s: {seen.why}; add processes or workers"
    if seen.ending is not Ending.COMPLETE and not (seen.ending is Ending.CAPPED and in_time):
        of = f" of {seen.planned:g} s" if seen.planned else ""
        why = f": {seen.why}" if seen.why and seen.ending is not Ending.INTERRUPTED else ""
        return f"{seen.ending.value} after {seen.seconds:.1f}{of or ' s'}{why}"
    if not whole:
        return f"only {seen.seconds:.1f} s of {seen.planned:g} s were measured"
    if terms.rate and seen.planned and seen.arrivals < ENOUGH * terms.rate * seen.planned:
        sent = f"only {seen.arrivals / seen.planned:.1f} of {terms.rate:g} arrivals/s were sent"
        return f"{sent}: the generator is too slow"
    return ""
