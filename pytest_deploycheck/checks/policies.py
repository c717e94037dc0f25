"""Row-level security proven by acting: what everybody sees and could change of every relation there is."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.policy import reading, writing
from pytest_deploycheck.checks.policy.acting import scene
from pytest_deploycheck.checks.policy.actors import Actor, Sees, actors
from pytest_deploycheck.checks.policy.findings import Finding, outcome
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import EVERYBODY, qualified
from pytest_deploycheck.checks.policy.world import Cast
from pytest_deploycheck.checks.surface.walk import holds_a_credential
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Inconclusive

Section = PoliciesSection

WEAKNESS = Weakness(Severity.CRITICAL, "CWE-863", "API1:2023")
"""Incorrect authorization; broken object level authorization."""

QUERIES = 1500
"""At most: 6 where no statement errs; one for each relation or expression where one does."""

Judge = Callable[[Scene], Iterable[Finding]]


def checks(section: PoliciesSection, context: Context) -> Iterable[Check]:
    """Return two checks for each actor: what it sees, and what it could change.

    Raises:
        Misuse: where nobody could tell tenants apart, or the contract contradicts itself.
    """
    people = _people(section, context)
    cast = Cast(
        section=section,
        identities=people,
        actors=tuple(actors(section, people)),
        reader=context.environment.database_reader or section.service,
    )
    for actor in cast.actors:
        yield _check(cast, actor, "reads", reading.judge, context)
        if actor.sees is not Sees.ALL:
            yield _check(cast, actor, "writes", writing.judge, context)


def _check(cast: Cast, actor: Actor, what: str, judge: Judge, context: Context) -> Check:
    section = cast.section
    return Check(
        marker=context.marker,
        title=f"{section.name} [{actor.title}] {what}",
        place=context.place(()),
        steps=partial(_steps, cast, actor, judge),
        spend=Spend(queries=QUERIES),
        identities=frozenset(each.name for each in cast.identities),
        runbook=section.runbook,
        hint=section.hint,
        weakness=WEAKNESS,
    )


def _steps(cast: Cast, actor: Actor, judge: Judge) -> Steps:
    known = yield from scene(cast, actor)
    if isinstance(known, Inconclusive):
        return known
    return outcome(tuple(judge(known)), known.survey.misfits, actor.title)


def _people(section: PoliciesSection, context: Context) -> tuple[Identity, ...]:
    """The identities that act as themselves: those named, or all of tenants with a credential."""
    for index, name in enumerate(section.identities):
        require_identity(name, context, ("identities", index))
    everybody = (each for each in context.identities.values() if each.tenant and holds_a_credential(each))
    named = tuple(context.identities[name] for name in section.identities)
    people = named or tuple(everybody)
    if len({each.tenant for each in people}) < 2:
        raise Misuse("no two identities of different tenants", expected="tenant: NAME at two identities")
    if not (section.claim or section.tenants):
        raise Misuse("nothing says the ids of tenants", expected="claim (a path in tokens), or tenants")
    _hold_rules(section, context, people)
    return people


def _hold_rules(section: PoliciesSection, context: Context, people: Sequence[Identity]) -> None:
    known = {each.tenant for each in people}
    for name in section.tenants:
        if name not in known:
            raise Misuse(f"no identity that acts has the tenant '{name}'", at=("tenants", name))
    names = {each.name for each in people}
    for title, part in section.actors.items():
        if part.identity and part.identity not in names:
            at = ("actors", title, "as")
            raise Misuse(f"'{part.identity}' does not act itself", at=at, expected=", ".join(sorted(names)))
        for tenant in part.tenants or ():
            if tenant not in known:
                raise Misuse(f"no identity that acts has the tenant '{tenant}'", at=("actors", title))
    _hold_relations(section)
    _hold_roles(section, people)


def _hold_relations(section: PoliciesSection) -> None:
    """Nobody can tell what is meant by what is told twice."""
    seen: set[str] = set()
    for group in (section.tables, section.shared, section.private, section.exceptions):
        if twice := next((name for name in group if qualified(name) in seen), None):
            raise Misuse(f"'{twice}' is declared twice", expected="one of tables, shared, private and except")
        seen.update(map(qualified, group))
    for name, table in section.tables.items():
        if len({"tenant", "through", "sql"} & table.model_fields_set) > 1:
            at = ("tables", name)
            raise Misuse(f"'{name}' tells its tenant twice", at=at, expected="one of tenant, through and sql")


def _hold_roles(section: PoliciesSection, people: Sequence[Identity]) -> None:
    """A role that nobody has would keep everybody out, and a misspelt one somebody."""
    acting = {role for each in people for role in each.roles}
    known = {EVERYBODY, *acting, *(role for part in section.actors.values() for role in part.roles or ())}
    for key, roles in (("readers", section.readers), ("writers", section.writers)):
        if unknown := next((role for role in roles if role not in known), None):
            listed = ", ".join(sorted(known))
            raise Misuse(f"nobody who acts has the role '{unknown}'", at=(key, unknown), expected=listed)
