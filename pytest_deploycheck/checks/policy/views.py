"""Judges changes through views: one that reads as its owner passes the policies of its tables by."""

from collections.abc import Collection, Iterator, Sequence

from pytest_deploycheck.checks.policy import causes
from pytest_deploycheck.checks.policy.doors import Door
from pytest_deploycheck.checks.policy.findings import DENIED_BY_PRIVILEGE, Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.wording import listed

BY_TABLES = "by the policies of its tables"
BY_VIEW = "by what it shows"


def changed(scene: Scene, subject: Subject, changes: Sequence[str]) -> Iterator[Finding]:
    """Judge the changes that an actor's privileges let it make through a view."""
    if any("INSTEAD OF" in trigger.definition for trigger in subject.relation.triggers):
        yield Undecided(subject.name, "what a change of it does, its triggers decide")
        return
    through = {change: scene.doors.get((subject.key, change), Door.ODD) for change in changes}
    opened = [change for change, door in through.items() if door is Door.OPEN]
    if bad := [change for change in opened if not _is_kept(scene, subject, change)]:
        cause, mend = causes.of_a_view(scene, subject)
        whose = "any row" if subject.belongs is not Belongs.TENANTS else "rows of any tenant"
        yield Open(subject.name, f"lets everybody {listed(bad)} {whose}", mend, cause)
    elif Door.ODD in through.values():
        yield Undecided(subject.name, "how a change goes through this view cannot be told from its plan")
    elif Door.HELD in through.values() and not subject.relation.security_invoker:
        yield Undecided(
            subject.name, "the policies for its owner hold changes through it: nobody acts as that"
        )
    else:
        yield Held(subject.name, _how(through.values(), opened))


def _how(doors: Collection[Door], opened: Sequence[str]) -> str:
    if opened:
        return BY_VIEW
    return BY_TABLES if Door.HELD in doors else DENIED_BY_PRIVILEGE


def _is_kept(scene: Scene, subject: Subject, change: str) -> bool:
    """Whether a view that passes row-level security by keeps the change to what it shows the actor itself."""
    if subject.belongs is Belongs.SHARED:
        return subject.may_write(scene.acting.actor.roles)
    seen = scene.seen.get(subject.key)
    if subject.belongs is not Belongs.TENANTS or not isinstance(seen, Seen):
        return False
    shows_own = seen.other is None and not seen.none
    checked = any(option.startswith("check_option=") for option in subject.relation.options)
    return shows_own and (change == "delete" or checked)
