"""What the items of the kind have in common: their part of the YAML, and the questions they ask."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.evidence import Answers, Refused
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Statement, Transaction

STATISTICS = "GRANT pg_read_all_stats TO the database's login"
"""What lets a login see what other roles do."""

_TIMEOUT = 10.0

Table = tuple[tuple[Any, ...], ...]


class Part(BaseModel):
    """What every item may have."""

    model_config = PART

    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def ask(
    statements: Sequence[str], purpose: str, role: str | None = None
) -> Asking[tuple[Table, ...] | Inconclusive]:
    """Ask some statements at one moment, as the login or as `role`; return the rows of each."""
    (seen,) = yield (
        Transaction(
            statements=tuple(Statement(sql=sql, purpose=purpose) for sql in statements),
            role=role,
            timeout=_TIMEOUT,
            purpose=purpose,
        ),
    )
    if not isinstance(seen, Answers):
        return unanswered(seen, "answers")
    tables = []
    for answer in seen.answers:
        if isinstance(answer, Refused):
            return Inconclusive(f"{purpose}: {answer.message} (SQLSTATE {answer.sqlstate})")
        tables.append(answer.rows)
    return tuple(tables)


def outcome(faults: Sequence[str], undecided: Sequence[str], note: str, mend: str = "") -> Outcome:
    """Return what follows: a fault counts, whatever else is not known."""
    if faults:
        return Failed("\n".join((*faults, *(f"not decided: {each}" for each in undecided))), hint=mend)
    return Inconclusive("\n".join(undecided)) if undecided else Passed(note)
