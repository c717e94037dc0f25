"""A canary at a stage of a rollout: no worse than the stable deployment beside it, and within its limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from pytest_deploycheck.checks.loading.decide import Terms
from pytest_deploycheck.checks.loading.plan import run_of, too_fast
from pytest_deploycheck.checks.loading.rules import hold_rules
from pytest_deploycheck.checks.loading.sockets import hold_room
from pytest_deploycheck.checks.rollout.judge import Comparison, Shown
from pytest_deploycheck.checks.rollout.measure import InTurn, Together
from pytest_deploycheck.checks.rollout.rules import errors_limits, hold_canary
from pytest_deploycheck.checks.rollout.section import CanarySection
from pytest_deploycheck.checks.rollout.sides import Versions
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.load import Arrivals, LoadRun
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
    """Measurements of one canary: how each is taken, and when it is enough."""

    way: Together | InTurn
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
    hold_room(run)
    hold_canary(section, run)
    if run.creations:
        raise Misuse("a canary is compared by what it reads", at=("scenario",), expected="no creates")
    way = _way(section, run)
    series = Series(way=way, limits=section.limits, delay=section.initial_delay, interval=section.interval)
    yield Check(
        marker=context.marker,
        title=f"{name} at {section.stage * 100:g}%" if section.stage else name,
        place=context.place(()),
        steps=partial(_measure, series),
        phase=Phase.LOAD,
        spend=Spend(load=way.most * section.count),
        identities=run.senders,
        runbook=section.runbook,
        hint=section.hint,
        refused=too_fast(run, context),
        routes=run.names,
    )


def _way(section: CanarySection, run: LoadRun) -> Together | InTurn:
    """Both at once if replies name their version, in turn if requests choose by headers."""
    comparison = _comparison(section, run)
    if section.canary_headers:
        canary, stable = tuple(section.canary_headers.items()), tuple(section.stable_headers.items())
        return InTurn(run, comparison, section.pairs, canary, stable)
    versions = Versions(
        canary=section.canary or "",
        stable=section.stable,
        stage=section.stage,
        stages=tuple(section.stages),
    )
    return Together(run, comparison, versions)


def _comparison(section: CanarySection, run: LoadRun) -> Comparison:
    rate = run.model.stages[0].rate if isinstance(run.model, Arrivals) else None
    confidence = section.confidence_of_each
    return Comparison(
        terms=tuple(Terms(x.threshold, confidence, run.deadline, rate) for x in section.thresholds),
        tolerance=Tolerance(
            confidence=confidence,
            sure=1 - ALARMS / section.count,
            errors=section.more_errors,
            latency=section.slower,
            negligible=min(errors_limits(section)),
        ),
    )


def _measure(series: Series) -> Steps:
    """Measure until it is enough."""
    if series.delay:
        yield (Pause(series.delay),)
    taken: list[Shown] = []
    while True:
        number = "" if series.limits.count == 1 else f" {len(taken) + 1}"
        shown = yield from series.way.take(number)
        if isinstance(shown, Inconclusive):
            return shown
        taken.append(shown)
        if ended := standing([each.result for each in taken], series.limits):
            return _outcome(ended, taken[-1])
        yield (Pause(series.interval),)


def _outcome(ended: Standing, last: Shown) -> Outcome:
    """Why it ended, and what the last measurement has shown."""
    told = "\n".join(filter(None, [f"{ended.why}: {last.why}", last.lines]))
    match ended.ruling:
        case Ruling.PASSED:
            return Passed(told)
        case Ruling.FAILED:
            return Failed(told)
        case Ruling.UNDECIDED:
            return Inconclusive(told)
