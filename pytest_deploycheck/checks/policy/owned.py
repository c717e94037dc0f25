"""Judges what an actor sees of rows that belong to tenants: leaks, gaps, and what seeing none proves."""

from collections.abc import Iterator

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy import causes
from pytest_deploycheck.checks.policy.actors import Sees
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.findings import Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.rules import USING, rules
from pytest_deploycheck.checks.policy.samples import Origin
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import listed
from pytest_deploycheck.model.evidence import Refused

BY_ROWS = "by rows of other tenants that it does not show"
BY_POLICIES = "by policies, for want of such rows"
SERVED = "shows rows of every tenant"
OF_ALL = "where its tenants are all that own rows"

NOTHING_PROVEN = "no other tenant owns a row, so that it shows none proves nothing"


def leaks(scene: Scene, subject: Subject, seen: Seen) -> Iterator[Open]:
    """Rows that the actor must not see."""
    if seen.other is not None:
        yield _leak(scene, subject, f"shows rows of {scene.named(seen.other)}", (seen.other,))
    if seen.none and not subject.unowned:
        yield _leak(scene, subject, "shows rows of no tenant", (None,))
    if seen.own and not _may_read(scene, subject):
        who = listed(sorted(subject.readers or ()), "or")
        told = f"shows rows of its own tenant, which only {who} may read"
        yield _leak(scene, subject, told, tuple(sorted(seen.own)))


def _may_read(scene: Scene, subject: Subject) -> bool:
    actor = scene.acting.actor
    return actor.sees is Sees.ALL or subject.may_read(actor.roles)


def _leak(scene: Scene, subject: Subject, what: str, tenants: tuple[str | None, ...]) -> Open:
    cause, mend = causes.of_a_view(scene, subject)
    if not cause and (tried := scene.tried.get(subject.key)):
        applied = rules(subject.relation, "select", USING, scene.roles)
        shown = (each for each in tried.accepted(applied) if each.origin is Origin.EXISTING)
        found = (rule for each in shown if each.tenant in tenants for rule in tried.accepting(applied, each))
        cause, mend = causes.blamed(subject, dict.fromkeys(found))
    return Open(subject.name, what, mend, cause)


def misses(scene: Scene, subject: Subject, seen: Seen) -> Iterator[Open]:
    """Rows of its own that there are, and that the actor must see."""
    must = scene.acting.actor.sees in (Sees.OWN, Sees.ALL)
    rows = scene.rows[subject.key]
    if not must or subject.optional or not _may_read(scene, subject) or isinstance(rows, Refused):
        return
    hidden = [each for each in scene.acting.own if each in rows.groups and each not in seen.own]
    if hidden:
        what = f"hides the rows of {listed(map(scene.named, hidden))}"
        yield Open(subject.name, what, _admission(scene, subject))


def _admission(scene: Scene, subject: Subject) -> str:
    """What would let rows through that are hidden from whom they belong to."""
    role = scene.acting.role
    if scene.acting.actor.sees is Sees.ALL:
        return f"ALTER ROLE {quoted(role)} BYPASSRLS;"
    policies = rules(subject.relation, "select", USING, scene.roles)
    named = listed(str(rule) for rule in policies) or f"no policy is FOR SELECT TO {role}"
    return f"-- {subject.name}: {named}"


def proof(scene: Scene, subject: Subject) -> Finding:
    """That it shows no other rows proves something if there are any, or if its policies take none."""
    rows = scene.rows[subject.key]
    if isinstance(rows, Refused):
        return Undecided(subject.name, scene.uncounted(subject, rows))
    if scene.acting.actor.sees is Sees.ALL:
        return Held(subject.name, SERVED if rows.groups else "empty")
    if rows.beside(scene.acting.own) or _is_kept_from(scene, subject):
        return Held(subject.name, BY_ROWS)
    if scene.belongs_to_all:
        return Held(subject.name, OF_ALL)
    return _by_policies(scene, subject)


def _is_kept_from(scene: Scene, subject: Subject) -> bool:
    """Whether a view shows none of the others' rows that there are in what it reads.

    One that filters by the caller's claims shows a role without claims nothing, so that nobody can count it.
    """
    if subject.relation.kind != "v":
        return False
    behind = {str(name) for name in subject.relation.reads}
    found = (scene.rows.get(each.key) for each in scene.survey.subjects if each.name in behind and each.owner)
    return any(isinstance(rows, Census) and rows.beside(scene.acting.own) for rows in found)


def _by_policies(scene: Scene, subject: Subject) -> Finding:
    tried = scene.tried.get(subject.key)
    column = subject.owner.column if subject.owner else ""
    if tried is None or not column:
        return Undecided(subject.name, NOTHING_PROVEN)
    applied = rules(subject.relation, "select", USING, scene.roles)
    if not any(rule.policy.permissive for rule in applied):
        return Held(subject.name, BY_POLICIES)
    if tried.refusal(applied) or not set(subject.used) <= {column}:
        return Undecided(subject.name, NOTHING_PROVEN)
    others = (each for each in tried.accepted(applied) if each.tenant not in scene.acting.own)
    taken = [each for each in others if each.tenant is not None or not subject.unowned]
    if taken:
        cause, mend = causes.blamed(subject, tried.accepting(applied, taken[0]))
        what = f"shows rows of {scene.named(taken[0].tenant)} as soon as there are any"
        return Open(subject.name, what, mend, cause)
    return Held(subject.name, BY_POLICIES)
