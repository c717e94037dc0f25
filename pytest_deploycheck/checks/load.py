"""Load, and what must hold under it: each threshold a check of its own, all of one run."""

import re
from collections.abc import Iterable
from functools import partial

from pytest_deploycheck.checks.loading.decide import Terms
from pytest_deploycheck.checks.loading.judge import judge, judge_soak
from pytest_deploycheck.checks.loading.plan import run_of, spend, too_fast
from pytest_deploycheck.checks.loading.rules import hold_decidable, hold_few_creations, hold_rules
from pytest_deploycheck.checks.loading.section import Limit, LoadSection
from pytest_deploycheck.checks.loading.sockets import hold_room
from pytest_deploycheck.checks.loading.stress import judge_stress
from pytest_deploycheck.model.check import Check, Phase, Steps
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.kind import Context, Loc, Misuse, Misuses
from pytest_deploycheck.model.load import Arrivals, LoadRun
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.outcome import Inconclusive, Outcome

Section = LoadSection

_PERCENTILE = re.compile(r"\bp\s*\(\s*([\d.]+)\s*\)")


def checks(section: LoadSection, context: Context) -> Iterable[Check]:
    """Return a check for each threshold; all share one load run.

    Raises:
        Misuse: for a run that must not be sent; Misuses, for thresholds that it could not decide.
    """
    hold_rules(section, context)
    name = section.name or context.name
    run = run_of(section, context, name)
    hold_few_creations(run)
    hold_room(run)
    found: list[Misuse] = []
    for number, limit in enumerate(section.thresholds):
        try:
            hold_decidable(run, limit.threshold, section.confidence, ("thresholds", number))
        except Misuse as misuse:
            found.append(misuse)
    if found:
        raise found[0] if len(found) == 1 else Misuses(found)
    return [
        _check(section, limit, run, context, ("thresholds", number))
        for number, limit in enumerate(section.thresholds)
    ]


def _check(section: LoadSection, limit: Limit, run: LoadRun, context: Context, at: Loc) -> Check:
    stages = run.model.stages if isinstance(run.model, Arrivals) else ()
    terms = Terms(
        limit.threshold, section.confidence, run.deadline, stages[0].rate if len(stages) == 1 else None
    )
    return Check(
        marker=context.marker,
        title=": ".join(filter(None, [run.name, short(str(limit.threshold))])),
        place=context.place(at),
        steps=partial(_ask, run, section.preset, terms),
        phase=Phase.LOAD,
        spend=spend(run),
        identities=run.senders,
        runbook=limit.runbook or section.runbook,
        hint=limit.hint or section.hint,
        refused=too_fast(run, context),
        shares=f"{context.marker}::{run.name}",
        routes=run.names,
    )


def short(threshold: str) -> str:
    """Return a threshold as pytest's -k can select it: p95<100ms."""
    return _PERCENTILE.sub(r"p\1", threshold)


def _judged(preset: str | None, terms: Terms, run: LoadRun, seen: Loaded) -> Outcome:
    match preset, run.model:
        case "stress", Arrivals(stages=stages):
            return judge_stress(terms, stages, seen)
        case "soak", _:
            return judge_soak(terms, seen)
        case _:
            return judge(terms, seen)


def _ask(run: LoadRun, preset: str | None, terms: Terms) -> Steps:
    (seen,) = yield (run,)
    match seen:
        case Loaded():
            return _judged(preset, terms, run, seen)
        case Withheld(reason=reason):
            return Inconclusive(reason)
        case _:
            return Inconclusive(f"{type(seen).__name__} is no load run")
