"""What a load run shows of one threshold: fail closed, and never blame the target for what the sender did."""

from dataclasses import replace

from pytest_deploycheck.checks.loading.decide import Terms, decide, from_zero
from pytest_deploycheck.checks.loading.doubt import blameless, doubt, ended, nothing
from pytest_deploycheck.checks.loading.words import circumstances, shown
from pytest_deploycheck.model.loaded import LIMITED, Ending, Loaded
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.statistics.decision import Ruling

LAST = 0.75
"""Where the last part of a long run begins."""


def judge(terms: Terms, seen: Loaded) -> Outcome:
    """Return what a run shows of a threshold."""
    measured = seen.measured(terms.threshold.endpoint)
    if seen.ending is Ending.BREAKER and not seen.why.endswith(LIMITED):
        return Failed(f"stopped: {seen.why}\n{circumstances(seen)}")
    if not measured.n:
        return Inconclusive(f"{nothing(terms, seen)}\n{circumstances(seen)}")
    decision = decide(terms, seen, measured)
    told = f"{terms.threshold}: {shown(terms.threshold, decision, measured)}"
    if why := doubt(terms, seen, measured, decision):
        return Inconclusive(f"{why}; {told}\n{circumstances(seen)}")
    match decision.ruling:
        case Ruling.PASSED:
            return Passed(told)
        case Ruling.FAILED:
            return Failed(f"{told}\n{circumstances(seen)}")
        case Ruling.UNDECIDED if ended(terms, seen):
            return Failed(f"{told}; stopped, as it was shown to be broken: {seen.why}\n{circumstances(seen)}")
        case Ruling.UNDECIDED:
            return Inconclusive(f"{told}\n{circumstances(seen)}")


def judge_soak(terms: Terms, seen: Loaded) -> Outcome:
    """Return what a long run shows: also of its last quarter, where what gets slower with time is slowest."""
    outcome = judge(terms, seen)
    late = seen.measured(terms.threshold.endpoint).within(seen.seconds * LAST, seen.seconds)
    if not isinstance(outcome, Passed) or not late.n:
        return outcome
    decision = decide(terms, replace(seen, seconds=seen.seconds * (1 - LAST)), from_zero(late))
    told = f"in the last quarter: {shown(terms.threshold, decision, late)}"
    if decision.ruling is Ruling.FAILED:
        if why := blameless(terms, seen, late, decision):
            return Inconclusive(f"{why}; {told}\n{circumstances(seen)}")
        return Failed(f"worse with time, {told}\n{outcome.note}\n{circumstances(seen)}")
    return Passed(f"{outcome.note}; {told}")
