"""What all actors share: what each role holds on each relation, and which tenants own rows there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pytest_deploycheck.checks.database.reader import DENIED
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.policy import census, rights
from pytest_deploycheck.checks.policy.batch import PLAIN, Part, Told, ask
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.rights import Rights
from pytest_deploycheck.checks.policy.subjects import behind
from pytest_deploycheck.checks.policy.world import Cast, World
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Transaction

_ROWS = "rows of every tenant"

Held = Mapping[tuple[int, str], Rights]
"""By a subject's key, and a role."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The rights of everybody who acts, and the rows of what any of them but the service may reach."""

    held: Held
    rows: Mapping[int, Census | Refused]


def shared(cast: Cast, known: World) -> Asking[Shared | Inconclusive]:
    """Ask for it; every actor asks the same."""
    held = yield from _held(cast, known)
    if isinstance(held, Inconclusive):
        return held
    parts = cast.memory.kept("rows asked", (known, held), partial(_parts, cast, known, held))
    told = yield from ask(_reading(cast), {_ROWS: parts})
    if isinstance(told, Inconclusive):
        return ungranted(told, cast.reader)
    return cast.memory.kept("rows", (parts, *told.sources), lambda: Shared(held, _told(told)))


def ungranted(told: Inconclusive, role: str | None) -> Inconclusive:
    """Say what lets the login become a role, if that is what it lacks."""
    if role and f"SQLSTATE {DENIED}" in told.reason:
        return Inconclusive(f"{told.reason}: GRANT {role} TO the database's login")
    return told


def _held(cast: Cast, known: World) -> Asking[Held | Inconclusive]:
    statement = cast.memory.kept(
        "rights asked", (known,), lambda: rights.statement(known.survey.subjects, known.roles)
    )
    told = yield from ask(Transaction(statements=(statement,), once=True, purpose=statement.purpose), {})
    if isinstance(told, Inconclusive):
        return told
    (answer,) = told.singles
    if isinstance(answer, Refused):
        return Inconclusive(f"the privileges of its roles could not be asked for: {answer.message}")
    return cast.memory.kept("rights", (known, *told.sources), lambda: rights.parsed(answer.rows))


def _parts(cast: Cast, known: World, held: Held) -> tuple[Part, ...]:
    reached = {key for (key, role), each in held.items() if each.any and role != cast.section.service}
    tenants = tuple(known.tenants.values())
    return tuple(census.part(each, tenants) for each in behind(known.survey.subjects, reached))


def _reading(cast: Cast) -> Transaction:
    return Transaction(
        statements=(),
        role=cast.reader,
        settings=(("row_security", "off"), PLAIN),
        timeout=cast.section.timeout,
        once=True,
        purpose=_ROWS,
    )


def _told(told: Told) -> dict[int, Census | Refused]:
    return {
        key: answer if isinstance(answer, Refused) else census.parsed(answer)
        for key, answer in told.parts[_ROWS].items()
    }
