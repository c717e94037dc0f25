"""Views: whether row-level security applies on the way through one, told by plans alone.

EXPLAIN runs nothing. With `row_security` off, a statement that row-level security would change errs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TypeAlias

from pytest_deploycheck.checks.database.reader import DENIED, quoted
from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.policy.rights import CHANGES, Rights
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import name_of
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

MOST = 200
"""Ways through views that are looked at."""

_OFF = ("row_security", "off")


class Door(Enum):
    """What stands on the way through a view."""

    OPEN = "row-level security does not apply"
    HELD = "row-level security applies"
    CLOSED = "denied by privilege"
    ODD = "cannot be told"


Way: TypeAlias = tuple[int, str]
"""A subject's key, and select, insert, update or delete."""

Doors: TypeAlias = Mapping[Way, Door]


def doors(
    transaction: Transaction, subjects: Sequence[Subject], rights: Mapping[int, Rights]
) -> Asking[Doors | Inconclusive]:
    """Ask, as an actor, what stands on each way through each view that its role holds a privilege on."""
    ways = {way: sql for each in subjects for way, sql in _ways(each, rights[each.key])}
    ways = dict(list(ways.items())[:MOST])
    if not ways:
        return {}
    statements = tuple(Statement(sql=sql, purpose=f"plan of {way}") for (_, way), sql in ways.items())
    held = replace(transaction, statements=statements)
    off, on = yield (replace(held, settings=(*held.settings, _OFF)), held)
    if not isinstance(off, Answers) or not isinstance(on, Answers):
        return unanswered(on if isinstance(off, Answers) else off, "answers")
    answers = zip(off.answers, on.answers, strict=True)
    return {way: _door(*pair) for way, pair in zip(ways, answers, strict=True)}


def _ways(subject: Subject, rights: Rights) -> list[tuple[Way, str]]:
    if subject.relation.kind != "v":
        return []
    name = name_of(subject.relation.name)
    first = subject.relation.columns[0].name if subject.relation.columns else ""
    column = (subject.owner.column if subject.owner else "") or first
    plans = {
        "insert": f"EXPLAIN (COSTS OFF) INSERT INTO {name} DEFAULT VALUES",
        "update": f"EXPLAIN (COSTS OFF) UPDATE {name} SET {quoted(column)} = DEFAULT",
        "delete": f"EXPLAIN (COSTS OFF) DELETE FROM {name}",
    }
    read = [((subject.key, "select"), f"SELECT FROM {name} LIMIT 0")] if rights.reads else []
    return read + [((subject.key, change), plans[change]) for change in CHANGES if rights.may(change)]


def _door(off: Rows | Refused, on: Rows | Refused) -> Door:
    match off, on:
        case Rows(), _:
            return Door.OPEN
        case Refused(sqlstate=code), Rows() if code == DENIED:
            return Door.HELD
        case _, Refused(sqlstate=code) if code == DENIED:
            return Door.CLOSED
        case _:
            return Door.ODD
