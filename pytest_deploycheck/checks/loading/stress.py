"""A stress run: more and more arrivals until a threshold breaks; the last rate that held is the knee."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_deploycheck.checks.loading.decide import Terms, decide, from_zero
from pytest_deploycheck.checks.loading.doubt import BUSY, ENOUGH, blameless, out_of_breath
from pytest_deploycheck.checks.loading.words import circumstances, shown
from pytest_deploycheck.model.load import Stage
from pytest_deploycheck.model.loaded import LIMITED, Ending, Loaded, Measured
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.statistics.decision import Decision, Ruling


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stage showed. `whole`: it was not broken off."""

    stage: Stage
    measured: Measured
    decision: Decision
    whole: bool

    @property
    def holds(self) -> bool:
        """Whether the threshold was shown to hold at this rate."""
        return self.whole and self.decision.ruling is Ruling.PASSED


def judge_stress(terms: Terms, stages: tuple[Stage, ...], seen: Loaded) -> Outcome:
    """Return whether the threshold holds at the first rate, and at which it broke."""
    shown_by = list(_stages(terms, stages, seen))
    if not shown_by or seen.mistakes:
        what = next(iter(seen.mistakes), "") or seen.why or "nothing was sent"
        return Inconclusive(f"nothing was measured: {what}\n{circumstances(seen)}")
    first = shown_by[0]
    told = f"{terms.threshold} at {first.stage.rate:g}/s: "
    told += shown(terms.threshold, first.decision, first.measured)
    refused = first.measured.failed[LIMITED]
    if refused and not first.holds:
        told = f"{refused:,} were refused by a rate limit (429); {told}"
        return Inconclusive(f"{told}\n{circumstances(seen)}")
    if doubt := _out_of_breath(terms, seen, first):
        return Inconclusive(f"{doubt}; {told}\n{circumstances(seen)}")
    if first.decision.ruling is Ruling.FAILED or _fell(seen, first):
        stopped = f"stopped: {seen.why}; " if seen.ending is Ending.BREAKER else ""
        return Failed(f"{stopped}{told}\n{circumstances(seen)}")
    if not first.holds:
        short = "" if first.whole else f"the first stage was broken off ({seen.ending.value}); "
        return Inconclusive(f"{short}{told}\n{circumstances(seen)}")
    return Passed(_knee(terms, shown_by, seen))


def _out_of_breath(terms: Terms, seen: Loaded, first: Seen) -> str:
    """Why it is the sender that did not bear the first rate, if so."""
    if seen.ending is Ending.SATURATED and not first.whole:
        return out_of_breath(seen)
    if first.decision.ruling is not Ruling.FAILED:
        return ""
    return blameless(terms, seen, first.measured, first.decision)


def _fell(seen: Loaded, first: Seen) -> bool:
    return seen.ending is Ending.BREAKER and not first.whole


def _stages(terms: Terms, stages: tuple[Stage, ...], seen: Loaded) -> Iterator[Seen]:
    """Yield what each stage showed that had begun."""
    begin = 0.0
    for stage in stages:
        end = begin + stage.seconds
        measured = seen.measured(terms.threshold.endpoint).within(begin, end)
        if measured.n:
            part = Loaded(series=(), ending=Ending.COMPLETE, seconds=min(seen.seconds, end) - begin)
            decision = decide(terms, part, from_zero(measured))
            yield Seen(stage, measured, decision, seen.seconds >= begin + ENOUGH * stage.seconds)
        begin = end


def _knee(terms: Terms, shown_by: list[Seen], seen: Loaded) -> str:
    """Say up to which rate the threshold held, and what was seen at the first where it did not."""
    held = 0
    while held + 1 < len(shown_by) and shown_by[held + 1].holds:
        held += 1
    last = shown_by[held].stage.rate
    if held + 1 == len(shown_by) and seen.ending is Ending.COMPLETE:
        return f"{terms.threshold} holds up to {last:g}/s, the last rate that was tried{_doubt(seen)}"
    told = f"{terms.threshold} holds up to {last:g}/s"
    if held + 1 < len(shown_by):
        broken = shown_by[held + 1]
        told += f"; at {broken.stage.rate:g}/s: {shown(terms.threshold, broken.decision, broken.measured)}"
    why = f"; ended: {seen.why}" if seen.why else ""
    return f"{told}{why}{_doubt(seen)}"


def _doubt(seen: Loaded) -> str:
    """A sender that was out of breath is what broke, perhaps: the last stage asks most of it."""
    if seen.ending is Ending.SATURATED:
        return "; the sender could not keep up, so the deployment may bear more"
    busiest = max(seen.lateness.cpu, seen.lateness.peak)
    if busiest < BUSY:
        return ""
    return f"; the sender used {busiest:.0%} of a core, so the deployment may bear more"
