"""Row-level security proven by acting: what everybody sees and could change of every relation there is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from pytest_deploycheck.checks.policy import declared, reading, writing
from pytest_deploycheck.checks.policy.acting import scene
from pytest_deploycheck.checks.policy.actors import Actor, Sees, actors
from pytest_deploycheck.checks.policy.calls import called
from pytest_deploycheck.checks.policy.findings import outcome
from pytest_deploycheck.checks.policy.planes import compared
from pytest_deploycheck.checks.policy.really import WRITES, tried
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.world import Cast
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Severity, Steps, Weakness
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.route import Route

Section = PoliciesSection

WEAKNESS = Weakness(Severity.CRITICAL, "CWE-863", "API1:2023")
"""Incorrect authorization; broken object level authorization."""

QUERIES = 1500
"""At most: one for 16 relations or so, or for each relation and expression where a statement errs."""

QUERIES_FOR = "1 for 16 relations an actor, more where statements err"


def checks(section: PoliciesSection, context: Context) -> Iterable[Check]:
    """Return two checks for each actor: what it sees, and what it could change.

    Raises:
        Misuse: where nobody could tell tenants apart, or the contract contradicts itself.
    """
    people = declared.people(section, context)
    cast = Cast(
        section=section,
        identities=people,
        actors=tuple(actors(section, people)),
        reader=context.environment.database_reader or section.service,
        place=context.place,
    )
    routes = declared.lists(section, context)
    for actor in cast.actors:
        yield _check(cast, actor, context, "reads", partial(_read, cast, actor, routes))
        if actor.sees is not Sees.ALL:
            yield _check(cast, actor, context, "writes", partial(_write, cast, actor))
        if section.writes and _is_itself(actor):
            yield _writing(cast, actor, context)


def _check(cast: Cast, actor: Actor, context: Context, what: str, steps: Callable[[], Steps]) -> Check:
    section = cast.section
    asks = what == "reads" and actor.identity == actor.title
    return Check(
        marker=context.marker,
        title=f"{section.name} [{actor.title}] {what}",
        place=context.place(()),
        steps=steps,
        spend=Spend(queries=QUERIES, requests=len(section.routes) if asks else 0),
        queries_for=QUERIES_FOR,
        identities=frozenset(each.name for each in cast.identities),
        runbook=section.runbook,
        hint=section.hint,
        weakness=WEAKNESS,
    )


def _is_itself(actor: Actor) -> bool:
    """Whether it is somebody who could be there, and not a claim bent to see what follows."""
    return actor.identity in (None, actor.title) and actor.sees is not Sees.ALL


def _writing(cast: Cast, actor: Actor, context: Context) -> Check:
    check = _check(cast, actor, context, "really writes", partial(_really_write, cast, actor))
    return replace(
        check,
        phase=Phase.WRITE,
        spend=Spend(queries=QUERIES, writes=WRITES),
        tenant=next(iter(actor.tenants), None),
    )


def _read(cast: Cast, actor: Actor, routes: Sequence[Route]) -> Steps:
    known = yield from scene(cast, actor)
    if isinstance(known, Inconclusive):
        return known
    given = yield from called(known)
    if isinstance(given, Inconclusive):
        return given
    findings = yield from compared(known, (*reading.judge(known), *given), routes)
    return outcome(findings, known.survey.misfits, actor.title)


def _write(cast: Cast, actor: Actor) -> Steps:
    known = yield from scene(cast, actor)
    if isinstance(known, Inconclusive):
        return known
    return outcome(tuple(writing.judge(known)), known.survey.misfits, actor.title)


def _really_write(cast: Cast, actor: Actor) -> Steps:
    known = yield from scene(cast, actor)
    if isinstance(known, Inconclusive):
        return known
    findings = yield from tried(known, cast.reader)
    if isinstance(findings, Inconclusive):
        return findings
    return outcome(findings, known.survey.misfits, actor.title)
