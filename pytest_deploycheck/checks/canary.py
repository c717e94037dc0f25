"""A canary at a stage of a rollout: no worse than the stable deployment beside it, and within its limits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from pytest_deploycheck.checks.loading.judge import Terms
from pytest_deploycheck.checks.loading.plan import run_of
from pytest_deploycheck.checks.loading.rules import hold_rules
from pytest_deploycheck.checks.rollout.judge import Comparison, Shown, shown
from pytest_deploycheck.checks.rollout.rules import errors_limits, hold_canary
from pytest_deploycheck.checks.rollout.section import CanarySection
from pytest_deploycheck.checks.rollout.sides import Versions
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Steps
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.load import Arrivals, LoadRun
from pytest_deploycheck.model.loaded import Ending, Loaded
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Pause
from pytest_deploycheck.statistics.canary import Tolerance
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.rollout import Limits, Standing, standing

Section = CanarySection

ALARMS = 0.01
"""How often, at most, a canary that fails no more than the stable version is said to; of all measurements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Measurements of one canary: what is sent for each, what is held against it, and when it is enough."""

    run: LoadRun
    comparison: Comparison
    limits: Limits
    delay: float
    interval: float


def checks(section: CanarySection, context: Context) -> Iterable[Check]:
    """Return the one check of a canary.

    Raises:
        Misuse: for what must not be sent, or could not decide; Misuses, for several of it.
    """
    hold_rules(section, context)
    name = section.name or context.name
    run = run_of(section, context, name)
    hold_canary(section, run)
    series = Series(
        run=run,
        comparison=_comparison(section, run),
        limits=section.limits,
        delay=section.initial_delay,
        interval=section.interval,
    )
    yield Check(
        marker=context.marker,
        title=f"{name} at {section.stage * 100:g}%" if section.stage else name,
        place=context.place(()),
        steps=partial(_measure, series),
        phase=Phase.LOAD,
        spend=Spend(load=run.most * section.count),
        identities=run.senders,
        runbook=section.runbook,
        hint=section.hint,
        routes=run.names,
    )


def _comparison(section: CanarySection, run: LoadRun) -> Comparison:
    rate = run.model.stages[0].rate if isinstance(run.model, Arrivals) else None
    thresholds = [limit.threshold for limit in section.thresholds]
    return Comparison(
        versions=Versions(
            canary=section.canary,
            stable=section.stable,
            stage=section.stage,
            stages=tuple(section.stages),
        ),
        terms=tuple(Terms(each, section.confidence, run.deadline, rate) for each in thresholds),
        tolerance=Tolerance(
            confidence=section.confidence,
            sure=1 - ALARMS / section.count,
            errors=section.more_errors,
            latency=section.slower,
            negligible=min(errors_limits(section), default=0.0),
        ),
    )


def _measure(series: Series) -> Steps:
    """Measure until it is enough."""
    if series.delay:
        yield (Pause(series.delay),)
    taken: list[Shown] = []
    while True:
        (seen,) = yield (_numbered(series, len(taken) + 1),)
        match seen:
            case Withheld(reason=reason):
                return Inconclusive(reason)
            case Loaded(ending=Ending.INTERRUPTED):
                return Inconclusive(_told(taken, "interrupted"))
            case Loaded():
                taken.append(shown(series.comparison, seen))
            case _:
                return Inconclusive(f"{type(seen).__name__} is no load run")
        if ended := standing([each.result for each in taken], series.limits):
            return _outcome(ended, taken)
        yield (Pause(series.interval),)


def _numbered(series: Series, number: int) -> LoadRun:
    """Each measurement is a run of its own."""
    return series.run if series.limits.count == 1 else replace(series.run, name=f"{series.run.name} {number}")


def _outcome(ended: Standing, taken: list[Shown]) -> Outcome:
    told = _told(taken, ended.why)
    match ended.ruling:
        case Ruling.PASSED:
            return Passed(told)
        case Ruling.FAILED:
            return Failed(told)
        case Ruling.UNDECIDED:
            return Inconclusive(told)


def _told(taken: list[Shown], why: str) -> str:
    """Why it ended, and what the last measurement has shown."""
    return "\n".join(filter(None, [f"{why}: {taken[-1].why}", taken[-1].lines])) if taken else why
