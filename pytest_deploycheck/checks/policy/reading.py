"""Judges what an actor sees of every relation: the rows of its tenants, and no others."""

from collections.abc import Iterator

from pytest_deploycheck.checks.database.reader import CANCELLED, DENIED, quoted
from pytest_deploycheck.checks.policy import causes
from pytest_deploycheck.checks.policy.actors import Sees
from pytest_deploycheck.checks.policy.doors import Door
from pytest_deploycheck.checks.policy.findings import (
    DECLARE,
    DENIED_BY_PRIVILEGE,
    Finding,
    Held,
    Open,
    Undecided,
)
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.owned import leaks, misses, proof
from pytest_deploycheck.checks.policy.rules import USING, rules
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.wording import name_of
from pytest_deploycheck.model.evidence import Refused


def judge(scene: Scene) -> Iterator[Finding]:
    """Judge every relation that anybody may reach."""
    if scene.exempt and scene.acting.actor.sees is not Sees.ALL:
        yield causes.exempt(scene)
        return
    yield from control(scene)
    for subject in scene.reached:
        seen = scene.seen.get(subject.key)
        if seen is not None:
            yield from _needless(scene, subject)
            yield from _judged(scene, subject, seen)
        elif subject.belongs is Belongs.TENANTS:
            yield Held(subject.name, DENIED_BY_PRIVILEGE)


def control(scene: Scene) -> Iterator[Undecided]:
    """Who should see rows of its own and sees none anywhere may not be who it seems."""
    seen = (each for each in scene.seen.values() if isinstance(each, Seen))
    if scene.acting.actor.sees in (Sees.OWN, Sees.ALL) and not any(each.own for each in seen):
        yield Undecided(scene.title, "it sees no row of its own anywhere: its claims may not take effect")


def _judged(scene: Scene, subject: Subject, seen: Seen | Refused) -> Iterator[Finding]:
    if scene.acting.actor.sees is Sees.ALL:
        yield from _served(scene, subject, seen)
    elif subject.belongs is Belongs.TENANTS:
        yield from _of_tenants(scene, subject, seen)
    elif subject.belongs is Belongs.PRIVATE:
        yield _private(scene, subject, seen)
    elif subject.belongs is Belongs.UNKNOWN:
        yield from _unknown(scene, subject, seen)


def _served(scene: Scene, subject: Subject, seen: Seen | Refused) -> Iterator[Finding]:
    """Who serves everybody must see the rows of everybody."""
    if isinstance(seen, Refused):
        yield refused(scene, subject, seen)
    elif subject.belongs is Belongs.TENANTS:
        yield from tuple(misses(scene, subject, seen)) or (proof(scene, subject),)


def _of_tenants(scene: Scene, subject: Subject, seen: Seen | Refused) -> Iterator[Finding]:
    why, mend = causes.unprotected(scene, subject)
    if why:
        strangers = tuple(leaks(scene, subject, seen)) if isinstance(seen, Seen) else ()
        shown = f"; it {strangers[0].what}" if strangers else ""
        yield Open(subject.name, f"{why}{shown}", mend)
    elif isinstance(seen, Refused):
        yield refused(scene, subject, seen)
    else:
        found = (*leaks(scene, subject, seen), *misses(scene, subject, seen))
        yield from found or (proof(scene, subject),)


def refused(scene: Scene, subject: Subject, why: Refused) -> Held | Undecided:
    """What it means that a relation could not be read: never that it is isolated."""
    if why.sqlstate == CANCELLED:
        told = f"{why.message}: an index on what tells its tenant, or a longer `timeout`, would decide it"
    elif why.sqlstate == DENIED and not scene.rights[subject.key].tells and subject.owner:
        told = (
            f"{scene.acting.role} may not read {subject.owner.column}, so nobody can tell whose rows it sees"
        )
    elif why.sqlstate == DENIED and subject.relation.kind == "v":
        return Held(subject.name, DENIED_BY_PRIVILEGE)
    else:
        told = f"reading it fails, which is no isolation: {why.message} (SQLSTATE {why.sqlstate})"
    return Undecided(subject.name, told)


def _private(scene: Scene, subject: Subject, seen: Seen | Refused) -> Finding:
    why, mend = causes.unprotected(scene, subject)
    revoke = mend or f"REVOKE SELECT ON {name_of(subject.relation.name)} FROM {quoted(scene.acting.role)};"
    if isinstance(seen, Seen) and seen.any:
        return Open(subject.name, f"shows rows, and is private{f': {why}' if why else ''}", revoke)
    if why:
        return Open(subject.name, f"may be read, and is private: {why}", revoke)
    return refused(scene, subject, seen) if isinstance(seen, Refused) else Held(subject.name, "private")


def _unknown(scene: Scene, subject: Subject, seen: Seen | Refused) -> Iterator[Finding]:
    """Nothing says whose its rows are: it must show none, or be declared."""
    if _adds_nothing(subject):
        return
    why, mend = causes.unprotected(scene, subject)
    if scene.doors.get((subject.key, "select")) is Door.OPEN:
        why, mend = causes.of_a_view(scene, subject)
    if why:
        yield Open(subject.name, f"nothing says whose its rows are; {DECLARE}; {why}", mend)
    elif isinstance(seen, Refused):
        yield refused(scene, subject, seen)
    elif seen.any:
        yield Undecided(subject.name, f"shows rows, and nothing says whose they are; {DECLARE}")
    elif _could_show(scene, subject):
        yield Undecided(subject.name, f"has no rows, and nothing says whose they would be; {DECLARE}")
    else:
        yield Held(subject.name, "shows nothing")


def _adds_nothing(subject: Subject) -> bool:
    """A view that reads as whoever asks shows what its tables show, and those are judged themselves."""
    return subject.relation.kind == "v" and subject.relation.security_invoker


def _could_show(scene: Scene, subject: Subject) -> bool:
    """Whether it shows nothing for no other reason than that it is empty."""
    rows = scene.rows[subject.key]
    if not isinstance(rows, Refused) and rows.groups:
        return False
    applied = rules(subject.relation, "select", USING, scene.roles)
    return not subject.is_table or any(rule.policy.permissive for rule in applied)


def _needless(scene: Scene, subject: Subject) -> Iterator[Finding]:
    """What nobody should hold who is not signed in, where the contract is strict."""
    role = scene.acting.role
    declared = subject.belongs in (Belongs.TENANTS, Belongs.PRIVATE)
    if scene.section.strict and role == scene.section.anonymous and declared:
        revoke = f"REVOKE SELECT ON {name_of(subject.relation.name)} FROM {quoted(role)};"
        yield Open(subject.name, f"{role} holds SELECT: nothing but a policy stands between", revoke)
