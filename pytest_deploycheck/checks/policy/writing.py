"""Judges what an actor could change of every relation: its privileges, and which rows policies would take.

Nothing is written. Old rows meet USING, new ones WITH CHECK; neither can hide behind the WHERE or RETURNING
of a statement, by which the policies for reading would come in.
"""

from collections.abc import Iterator

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy import causes, views
from pytest_deploycheck.checks.policy.clause import Clause
from pytest_deploycheck.checks.policy.findings import DENIED_BY_PRIVILEGE, Finding, Held, Open
from pytest_deploycheck.checks.policy.reading import control
from pytest_deploycheck.checks.policy.rights import CHANGES
from pytest_deploycheck.checks.policy.rules import CHECK, USING
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.wording import listed, name_of

BY_POLICIES = "by its policies"

UNHELD = ("REFERENCES", "TRIGGER", "TRUNCATE")
"""Privileges that row-level security does not hold."""

_CLAUSES = (("insert", CHECK), ("update", USING), ("update", CHECK), ("delete", USING))


def judge(scene: Scene) -> Iterator[Finding]:
    """Judge every relation that the actor's role holds any privilege on."""
    if scene.exempt:
        yield causes.exempt(scene)
        return
    yield from control(scene)
    for subject in scene.reached:
        yield from _judged(scene, subject)


def _judged(scene: Scene, subject: Subject) -> Iterator[Finding]:
    rights = scene.rights[subject.key]
    changes = [change for change in CHANGES if rights.may(change)]
    yield from _needless(scene, subject)
    if not changes:
        if subject.belongs is Belongs.TENANTS:
            yield Held(subject.name, DENIED_BY_PRIVILEGE)
        return
    why, mend = causes.unprotected(scene, subject)
    if why and not _may_write_all(scene, subject):
        yield Open(subject.name, f"anybody may {listed(changes)} any row: {why}", mend)
    elif subject.is_table:
        found = [
            each
            for clause in _CLAUSES
            if clause[0] in changes
            for each in Clause(scene, subject, *clause).judge()
        ]
        yield from dict.fromkeys(found) or [Held(subject.name, BY_POLICIES)]
    else:
        yield from views.changed(scene, subject, changes)


def _may_write_all(scene: Scene, subject: Subject) -> bool:
    """Whether the contract lets the actor write what is everybody's."""
    return subject.belongs is Belongs.SHARED and subject.may_write(scene.acting.actor.roles)


def _needless(scene: Scene, subject: Subject) -> Iterator[Finding]:
    """Privileges that nothing but the missing wish to use them holds, where the contract is strict."""
    rights, role = scene.rights[subject.key], scene.acting.role
    if not scene.section.strict or not rights.usage or subject.belongs is Belongs.SHARED:
        return
    anonymous = role == scene.section.anonymous
    held = sorted(rights.held - {"SELECT"}) if anonymous else [each for each in UNHELD if each in rights.held]
    if held:
        why = "nobody who is not signed in needs it" if anonymous else "row-level security does not hold it"
        revoke = f"REVOKE {', '.join(held)} ON {name_of(subject.relation.name)} FROM {quoted(role)};"
        yield Open(subject.name, f"{role} holds {', '.join(held)}: {why}", revoke)
