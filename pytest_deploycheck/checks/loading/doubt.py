"""Why the numbers of a load run don't decide: never blame the target for what the sender did."""

from functools import reduce

from pytest_deploycheck.checks.loading.decide import Terms, decide
from pytest_deploycheck.model.loaded import EXHAUSTED, LIMITED, Ending, Loaded, Measured
from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.decision import Decision, Ruling
from pytest_deploycheck.statistics.thresholds import Metric, Threshold

ENOUGH = 0.8
"""The share of the planned time that must be measured, and of the planned rate that must be sent."""

BUSY = 0.9
"""The share of a core above which the process that sends may be what is slow."""
LATE = 0.010
"""Seconds that it may be late in any case."""

_EXCUSED = {
    LIMITED: "were refused by a rate limit (429): exempt the sender, or send less",
    **{kind: f"could not be sent, {kind}: {remedy}" for kind, remedy in EXHAUSTED.items()},
}


def doubt(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
    """Why a ruling doesn't hold, if so: either needs a healthy sender, and a pass needs a whole run too."""
    return blameless(terms, seen, measured, decision) or (
        "" if _decided(terms, seen, decision) else _incomplete(terms, seen)
    )


def blameless(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
    """Why a ruling is not about the target, if so: a limiter or the sender itself is what was measured."""
    return _limited(terms, seen, measured, decision) or _saturated(terms, seen, measured, decision)


def ended(terms: Terms, seen: Loaded) -> bool:
    """Whether this threshold ended the run: the always-valid test decided what few requests leave open."""
    return seen.ending is Ending.STOP_RULE and seen.why.startswith(f"{terms.threshold}: ")


def _decided(terms: Terms, seen: Loaded, decision: Decision) -> bool:
    """Whether it is known to be broken, so that a run that ended early is enough."""
    if decision.ruling is Ruling.UNDECIDED:
        return ended(terms, seen)
    return decision.ruling is Ruling.FAILED


def nothing(terms: Terms, seen: Loaded) -> str:
    """Why nothing was measured."""
    if seen.ending is not Ending.COMPLETE:
        return f"nothing was measured: {seen.ending.value}{f', {seen.why}' if seen.why else ''}"
    if terms.threshold.endpoint and seen.names:
        return f"no request was called '{terms.threshold.endpoint}', only {', '.join(seen.names)}"
    return "no request was sent after the warm-up"


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


def _saturated(terms: Terms, seen: Loaded, measured: Measured, decision: Decision) -> str:
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
        return out_of_breath(seen)
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


def out_of_breath(seen: Loaded) -> str:
    """What ended a run that the sender could not go on with, and what helps."""
    helps = "" if seen.why.endswith(tuple(EXHAUSTED.values())) else "; add processes or workers"
    return f"the generator is saturated after {seen.seconds:.1f} s: {seen.why}{helps}"
