"""Many small questions as one statement; one by one where one of them errs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, TypeAlias

from pytest_deploycheck.checks.database.reader import CANCELLED
from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

SINGLES = 200
"""Statements that a batch may fall apart into."""

_AT_ONCE = 20
"""Single statements of one transaction."""

_PATIENCE = 3
"""Statements that may run out of time before no more are tried: each has loaded the server that long."""

PLAIN = ("jit", "off")
"""A setting: the server takes a long statement for a costly one, and compiles it for seconds."""

Table: TypeAlias = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A SELECT whose first column is `key`; the parts of a batch have the same columns."""

    key: int
    sql: str


@dataclass(frozen=True, slots=True)
class Told:
    """What single statements returned, and the rows of each part by batch and key, without the key."""

    singles: tuple[Rows | Refused, ...]
    parts: Mapping[str, Mapping[int, Table | Refused]]


def ask(transaction: Transaction, batches: Mapping[str, Sequence[Part]]) -> Asking[Told | Inconclusive]:
    """Ask the statements of `transaction` and each batch as one more; then apart what was refused."""
    filled = {name: parts for name, parts in batches.items() if parts}
    unions = tuple(_union(parts, name) for name, parts in filled.items())
    (seen,) = yield (replace(transaction, statements=(*transaction.statements, *unions)),)
    if not isinstance(seen, Answers):
        return unanswered(seen, "answers")
    singles = len(transaction.statements)
    found: dict[str, Mapping[int, Table | Refused]] = {name: {} for name in batches}
    for (name, parts), answer in zip(filled.items(), seen.answers[singles:], strict=True):
        if isinstance(answer, Rows):
            found[name] = _sorted(parts, answer)
        else:
            apart = yield from _apart(transaction, parts, name)
            if isinstance(apart, Inconclusive):
                return apart
            found[name] = apart
    return Told(seen.answers[:singles], found)


def _union(parts: Sequence[Part], name: str) -> Statement:
    return Statement(sql="\nUNION ALL\n".join(part.sql for part in parts), purpose=name)


def _sorted(parts: Sequence[Part], answer: Rows) -> dict[int, Table | Refused]:
    rows: dict[int, list[tuple[Any, ...]]] = {part.key: [] for part in parts}
    for key, *rest in answer.rows:
        rows[key].append(tuple(rest))
    return {key: tuple(each) for key, each in rows.items()}


def _apart(
    transaction: Transaction, parts: Sequence[Part], name: str
) -> Asking[dict[int, Table | Refused] | Inconclusive]:
    """Ask in small groups, of one part each if there are not too many; none has as long as all had."""
    apart = replace(transaction, timeout=transaction.timeout / 2)
    size = ceil(len(parts) / SINGLES)
    groups = [parts[start : start + size] for start in range(0, len(parts), size)]
    found: dict[int, Table | Refused] = {}
    late = 0
    for start in range(0, len(groups), _AT_ONCE):
        some = groups[start : start + _AT_ONCE]
        if late >= _PATIENCE:
            found |= {part.key: _given_up(late) for group in some for part in group}
            continue
        (seen,) = yield (replace(apart, statements=tuple(_union(each, name) for each in some)),)
        if not isinstance(seen, Answers):
            return unanswered(seen, "answers")
        for group, answer in zip(some, seen.answers, strict=True):
            late += isinstance(answer, Refused) and answer.sqlstate == CANCELLED
            found |= _sorted(group, answer) if isinstance(answer, Rows) else _same(group, answer)
    return found


def _same(parts: Sequence[Part], answer: Refused) -> dict[int, Table | Refused]:
    return {part.key: answer for part in parts}


def _given_up(late: int) -> Refused:
    return Refused(CANCELLED, f"not asked, because {late} statements before it ran out of time")
