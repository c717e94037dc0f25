"""Many small questions as one statement; one by one where one of them errs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from pytest_deploycheck.checks.database.reader import CANCELLED
from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

TOGETHER = 16
"""Parts of one statement: planning a statement of 500 takes ten times as long as planning 32 of 16."""

_AT_ONCE = 20
"""Single parts of one transaction, where parts are asked apart."""

_PATIENCE = 3
"""Statements that may run out of time before no more are tried: each has loaded the server that long."""

PLAIN = ("jit", "off")
"""A setting: the server takes a long statement for a costly one, and compiles it for seconds."""

Table: TypeAlias = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A SELECT whose first column is `key`; the parts of a batch have the same columns.

    `alone` asks the same where a statement with others errs: it may read less, and take longer to plan.
    """

    key: int
    sql: str
    alone: str = ""

    @property
    def is_last(self) -> bool:
        """Whether nothing is left to ask once it has erred without others."""
        return self.alone in ("", self.sql)

    @property
    def by_itself(self) -> "Part":
        """The part as it is asked without others."""
        return Part(self.key, self.alone or self.sql)


@dataclass(frozen=True, slots=True)
class Told:
    """What single statements returned, and the rows of each part by batch and key, without the key.

    `sources` is the evidence that it was made of.
    """

    singles: tuple[Rows | Refused, ...]
    parts: Mapping[str, Mapping[int, Table | Refused]]
    sources: tuple[Answers, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts of a batch that are one statement."""

    batch: str
    parts: tuple[Part, ...]

    @property
    def statement(self) -> Statement:
        return Statement(sql="\nUNION ALL\n".join(part.sql for part in self.parts), purpose=self.batch)

    def told(self, answer: Rows | Refused) -> dict[int, Table | Refused]:
        if isinstance(answer, Refused):
            return {part.key: answer for part in self.parts}
        rows: dict[int, list[tuple[Any, ...]]] = {part.key: [] for part in self.parts}
        for key, *rest in answer.rows:
            rows[key].append(tuple(rest))
        return {key: tuple(each) for key, each in rows.items()}


def ask(transaction: Transaction, batches: Mapping[str, Sequence[Part]]) -> Asking[Told | Inconclusive]:
    """Ask the statements of `transaction` and all batches in one round; then one by one what was refused."""
    groups = [
        _Group(name, tuple(parts[start : start + TOGETHER]))
        for name, parts in batches.items()
        for start in range(0, len(parts), TOGETHER)
    ]
    statements = (*transaction.statements, *(group.statement for group in groups))
    (seen,) = yield (replace(transaction, statements=statements),)
    if not isinstance(seen, Answers):
        return unanswered(seen, "answers")
    singles = len(transaction.statements)
    answers = list(zip(groups, seen.answers[singles:], strict=True))
    found: dict[str, dict[int, Table | Refused]] = {name: {} for name in batches}
    for group, answer in answers:
        found[group.batch] |= group.told(answer)
    apart = yield from _apart(transaction, [(g, a) for g, a in answers if isinstance(a, Refused)])
    if isinstance(apart, Inconclusive):
        return apart
    for group, answer in apart.answers:
        found[group.batch] |= group.told(answer)
    return Told(seen.answers[:singles], found, (seen, *apart.sources))


@dataclass(slots=True)
class _Apart:
    """What was asked part by part."""

    answers: list[tuple[_Group, Rows | Refused]] = field(default_factory=list)
    sources: list[Answers] = field(default_factory=list)


def _apart(
    transaction: Transaction, refused: Sequence[tuple[_Group, Refused]]
) -> Asking[_Apart | Inconclusive]:
    """Ask part by part what was refused together; none has as long as all had."""
    late = sum(answer.sqlstate == CANCELLED for _, answer in refused)
    left = [
        _Group(group.batch, (part.by_itself,))
        for group, _ in refused
        for part in group.parts
        if len(group.parts) > 1 or not part.is_last
    ]
    apart = _Apart()
    for start in range(0, len(left), _AT_ONCE):
        if late > _PATIENCE:
            why = f"not asked, because {late} statements before it ran out of time"
            apart.answers += [(each, Refused(CANCELLED, why)) for each in left[start:]]
            break
        some = left[start : start + _AT_ONCE]
        statements = tuple(each.statement for each in some)
        (seen,) = yield (replace(transaction, statements=statements, timeout=transaction.timeout / 2),)
        if not isinstance(seen, Answers):
            return unanswered(seen, "answers")
        apart.answers += zip(some, seen.answers, strict=True)
        apart.sources.append(seen)
        late += sum(isinstance(each, Refused) and each.sqlstate == CANCELLED for each in seen.answers)
    return apart
