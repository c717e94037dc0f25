"""Whose the rows are whose tenant an actor may not see itself: a role that sees all rows tells."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.policy.batch import PLAIN, Part, Table, ask
from pytest_deploycheck.checks.policy.looking import HIDDEN, Seen
from pytest_deploycheck.checks.policy.owner import ROW
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import array
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Transaction

_WHOSE = "whose the rows are"


def uncovered(scene: Scene, reader: str | None) -> Asking[Scene | Inconclusive]:
    """Ask whose the rows are that an actor sees without seeing what they belong to."""
    parts = tuple(_parts(scene))
    if not parts:
        return scene
    transaction = Transaction(
        statements=(),
        role=reader,
        settings=(("row_security", "off"), PLAIN),
        timeout=scene.section.timeout,
        purpose=_WHOSE,
    )
    told = yield from ask(transaction, {_WHOSE: parts})
    if isinstance(told, Inconclusive):
        return told
    return replace(scene, seen={**scene.seen, **dict(_told(scene, told.parts[_WHOSE]))})


def _parts(scene: Scene) -> Iterator[Part]:
    for subject in scene.reached:
        seen = scene.seen.get(subject.key)
        if isinstance(seen, Seen) and seen.hidden:
            yield _part(subject, seen.hidden)


def _part(subject: Subject, keys: tuple[str, ...]) -> Part:
    owner = subject.owner
    column = subject.relation.column(owner.column) if owner else None
    if owner is None or column is None:
        raise ValueError("only a foreign key hides whose a row is")
    rows = f"(SELECT k AS {quoted(column.name)} FROM unnest({array(keys, column.type)}) AS k) AS {ROW}"
    return Part(subject.key, f"SELECT DISTINCT {subject.key}, {owner.text} FROM {rows}")


def _told(scene: Scene, answers: Mapping[int, Table | Refused]) -> Iterator[tuple[int, Seen | Refused]]:
    for key, answer in answers.items():
        seen = scene.seen[key]
        if isinstance(answer, Refused) or isinstance(seen, Refused):
            yield key, answer if isinstance(answer, Refused) else seen
            continue
        owners = {owner for (owner,) in answer}
        others = sorted(each for each in owners - {None} if each not in scene.acting.own)
        if len(seen.hidden) == HIDDEN and not others:
            yield key, Refused("54000", f"more than {HIDDEN} rows whose tenant it may not see itself")
        else:
            yield (
                key,
                replace(
                    seen,
                    own=seen.own | (owners & set(scene.acting.own)),
                    other=seen.other or next(iter(others), None),
                    none=seen.none or None in owners,
                ),
            )
