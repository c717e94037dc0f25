"""Tries changes for real, in a transaction that is rolled back, and judges what they hit.

Row-level security decides about new rows before any constraint does (CREATE POLICY): where a key refuses a
row of another tenant, the policy had taken it. A trigger before may raise such an error, too, or set the
tenant itself: then the row is asked for, which the policy for reading refuses if it is another's.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pytest_deploycheck.checks.database.reader import DENIED
from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.policy import attempts
from pytest_deploycheck.checks.policy.attempts import DELETE, INSERT, MOVE, UPDATE, Attempt
from pytest_deploycheck.checks.policy.batch import PLAIN, Part, ask
from pytest_deploycheck.checks.policy.findings import DENIED_BY_PRIVILEGE, Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.reading import control
from pytest_deploycheck.checks.policy.rights import CHANGES
from pytest_deploycheck.checks.policy.rules import CHECK, USING, rules
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.wording import listed
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Transaction

WRITES = 80
"""Statements that one actor tries, at most; two for a change that a trigger comes before."""

_OWN = "own rows"
_TRIED = "tried"
_STOPPED = "where something else stopped it"
_PARTITION = "23514"
"""check_violation, which a row that fits no partition gets before row-level security is asked."""

_INTEGRITY = "23"
"""Class of integrity constraint violations (PostgreSQL, appendix A)."""


def tried(scene: Scene, reader: str | None) -> Asking[tuple[Finding, ...] | Inconclusive]:
    """Try what the actor could change, and judge it."""
    made = tuple(islice(attempts.attempts(scene), WRITES // 2))
    own = yield from _own(scene, made, reader)
    if isinstance(own, Inconclusive):
        return own
    if not made:
        return (*control(scene), *_untried(scene, made))
    statements = tuple(statement for each in made for statement in each.statements)
    transaction = Transaction(
        statements=statements,
        role=scene.acting.role,
        settings=scene.acting.settings,
        timeout=scene.section.timeout,
        writes=True,
        purpose=f"changes as {scene.title}, rolled back",
    )
    (seen,) = yield (transaction,)
    if not isinstance(seen, Answers):
        return unanswered(seen, "answers")
    answers = iter(seen.answers)
    results = [(each, tuple(islice(answers, len(each.statements)))) for each in made]
    findings = [_judged(scene, each, *told, own=own) for each, told in results]
    if not any(isinstance(each, Open) or each == Held(each.relation, _TRIED) for each in findings):
        findings.append(Undecided(scene.title, f"of {many(len(made), 'change')} none was decided"))
    return (*control(scene), *dict.fromkeys(findings), *_untried(scene, made), *_ran(made))


def _own(
    scene: Scene, made: Sequence[Attempt], reader: str | None
) -> Asking[Mapping[int, int] | Inconclusive]:
    """Count the rows that the actor may hit; only of what it hits as a whole."""
    subjects = {each.subject.key: each.subject for each in made if each.way in (DELETE, UPDATE)}
    parts = [Part(key, attempts.owned(scene, subject)) for key, subject in subjects.items()]
    transaction = Transaction(
        statements=(),
        role=reader,
        settings=(("row_security", "off"), PLAIN),
        timeout=scene.section.timeout,
        purpose=_OWN,
    )
    if not parts:
        return {}
    told = yield from ask(transaction, {_OWN: parts})
    if isinstance(told, Inconclusive):
        return told
    return {key: rows[0][0] for key, rows in told.parts[_OWN].items() if not isinstance(rows, Refused)}


def _judged(
    scene: Scene,
    attempt: Attempt,
    answer: Rows | Refused,
    told: Rows | Refused | None = None,
    *,
    own: Mapping[int, int],
) -> Finding:
    """Judge what a change hit; `told` is the tenant that new rows say after a trigger that may set it."""
    if attempt.way in (DELETE, UPDATE):
        return _hit(scene, attempt, answer, own.get(attempt.subject.key))
    if isinstance(answer, Refused):
        return _refused(scene, attempt, answer)
    hit = answer.rows[0][0]
    if not hit and attempt.way == INSERT:
        return Held(attempt.subject.name, "where it sees no row of its own to copy")
    if isinstance(told, Rows) and (attempt.value,) not in told.rows:
        return Held(attempt.subject.name, _TRIED)
    return _open(scene, attempt, f"{hit} of its own") if hit else Held(attempt.subject.name, _TRIED)


def _hit(scene: Scene, attempt: Attempt, answer: Rows | Refused, own: int | None) -> Finding:
    """A change of all rows hits what USING lets through, and that must be own rows."""
    name = attempt.subject.name
    if isinstance(answer, Refused):
        return Held(name, _TRIED if answer.sqlstate == DENIED else _STOPPED)
    if own is None:
        return Undecided(name, "how many rows are its own could not be told")
    may = own if attempt.subject.may_write(scene.acting.actor.roles) else 0
    hit = answer.rows[0][0]
    if hit <= may:
        return Held(name, _TRIED)
    what = f"{attempt.way} without WHERE hits {many(hit, 'row')}, of which it may change {may}"
    return Open(name, what, _mend(scene, attempt))


def _refused(scene: Scene, attempt: Attempt, answer: Refused) -> Finding:
    """A new row that a constraint refuses was taken by the policy, unless something came before."""
    subject = attempt.subject
    if answer.sqlstate == DENIED:
        return Held(subject.name, _TRIED)
    is_routed = answer.sqlstate == _PARTITION and (
        subject.relation.kind == "p" or subject.relation.partition_of
    )
    if answer.sqlstate.startswith(_INTEGRITY) and not is_routed and not attempt.comes_after:
        return _open(scene, attempt, f"only a constraint stops it: {answer.message}")
    return Held(subject.name, _STOPPED)


def _open(scene: Scene, attempt: Attempt, how: str) -> Open:
    does = {MOVE: "lets own rows be moved to", INSERT: "takes new rows of"}[attempt.way]
    return Open(attempt.subject.name, f"{does} {scene.named(attempt.tenant)}; {how}", _mend(scene, attempt))


def _mend(scene: Scene, attempt: Attempt) -> str:
    """The policies that decide about it."""
    command = {MOVE: "update"}.get(attempt.way, attempt.way)
    clause = USING if attempt.way in (DELETE, UPDATE) else CHECK
    found = rules(attempt.subject.relation, command, clause, scene.roles)
    return f"-- {attempt.subject.name}: {listed(map(str, found))}"


def _untried(scene: Scene, made: Sequence[Attempt]) -> Iterator[Finding]:
    """Say what was not tried, and why."""
    known = {each.subject.key for each in made}
    for subject in scene.reached:
        if subject.key in known or subject.belongs is not Belongs.TENANTS:
            continue
        may = any(map(scene.rights[subject.key].may, CHANGES))
        yield Held(subject.name, _why(subject) if may else DENIED_BY_PRIVILEGE)


def _why(subject: Subject) -> str:
    if attempts.is_large(subject.relation):
        return f"not tried, with more than {attempts.LARGEST} rows"
    return "not tried" if subject.is_table else "not tried, as no table"


def _ran(made: Sequence[Attempt]) -> Iterator[Finding]:
    """Name the triggers that ran: what they do outside of the database, no rollback undoes."""
    relations = {each.subject.name: each.subject.relation for each in made}
    names = [
        f"{name}.{each.name}"
        for name, relation in relations.items()
        for each in relation.triggers
        if each.enabled in "OA"
    ]
    if names:
        yield Held(listed(names), "ran as triggers, rolled back")
