"""Sets the scene of one actor: asks what all share, then acts, in one transaction where nothing errs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_deploycheck.checks.database.reader import DENIED, Reader
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.policy import census, looking, rights, trying
from pytest_deploycheck.checks.policy.actors import Actor
from pytest_deploycheck.checks.policy.batch import PLAIN, Told, ask
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.doors import doors
from pytest_deploycheck.checks.policy.hidden import uncovered
from pytest_deploycheck.checks.policy.rights import Rights
from pytest_deploycheck.checks.policy.rules import privileges_of
from pytest_deploycheck.checks.policy.samples import samples
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Subject, behind
from pytest_deploycheck.checks.policy.trying import Trial
from pytest_deploycheck.checks.policy.wording import array
from pytest_deploycheck.checks.policy.world import Cast, World, world
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

_ROWS, _LOOKS, _TRIES = "rows of every tenant", "what it sees", "what its policies take"


def scene(cast: Cast, actor: Actor) -> Asking[Scene | Inconclusive]:
    """Ask for all that is needed to judge an actor."""
    known = yield from world(cast)
    if isinstance(known, Inconclusive):
        return known
    held = yield from _rights(known)
    if isinstance(held, Inconclusive):
        return held
    rows = yield from _rows(cast, known, held)
    if isinstance(rows, Inconclusive):
        return rows
    acting = known.everybody[cast.actors.index(actor)]
    set_ = Scene(
        section=cast.section,
        catalog=known.catalog,
        survey=known.survey,
        acting=acting,
        tenants={value: name for name, value in known.tenants.items()},
        roles=privileges_of(acting.role, known.catalog),
        rights={each.key: held.get((each.key, acting.role), rights.NONE) for each in known.survey.subjects},
        rows=rows,
        reader=Reader(cast.reader, cast.section.timeout),
    )
    return (yield from _act(cast, set_))


def _rights(known: World) -> Asking[Mapping[tuple[int, str], Rights] | Inconclusive]:
    """Ask what everybody holds."""
    statement = rights.statement(known.survey.subjects, known.roles)
    told = yield from ask(Transaction(statements=(statement,), once=True, purpose=statement.purpose), {})
    if isinstance(told, Inconclusive):
        return told
    (answer,) = told.singles
    if isinstance(answer, Refused):
        return Inconclusive(f"the privileges of its roles could not be asked for: {answer.message}")
    return rights.parsed(answer.rows)


def _rows(
    cast: Cast, known: World, held: Mapping[tuple[int, str], Rights]
) -> Asking[dict[int, Census | Refused] | Inconclusive]:
    """Ask whose rows there are in all that somebody may read or change."""
    reached = {key for (key, role), each in held.items() if each.any and role != cast.section.service}
    tenants = tuple(known.tenants.values())
    parts = [census.part(each, tenants) for each in behind(known.survey.subjects, reached)]
    transaction = Transaction(
        statements=(),
        role=cast.reader,
        settings=(("row_security", "off"), PLAIN),
        timeout=cast.section.timeout,
        once=True,
        purpose=_ROWS,
    )
    if not parts:
        return {}
    told = yield from ask(transaction, {_ROWS: parts})
    if isinstance(told, Inconclusive):
        return _ungranted(told, cast.reader)
    return {
        key: answer if isinstance(answer, Refused) else census.parsed(answer)
        for key, answer in told.parts[_ROWS].items()
    }


def _ungranted(told: Inconclusive, role: str | None) -> Inconclusive:
    """Say what lets the login become a role, if that is what it lacks."""
    if role and f"SQLSTATE {DENIED}" in told.reason:
        return Inconclusive(f"{told.reason}: GRANT {role} TO the database's login")
    return told


def _act(cast: Cast, known: Scene) -> Asking[Scene | Inconclusive]:
    """Have the actor look at everything that it may read, and try the policies."""
    trials = {each.subject.key: each for each in _trials(known)}
    transaction = Transaction(
        statements=(_who(), _applies(known)),
        role=known.acting.role,
        settings=(*known.acting.settings, PLAIN),
        timeout=cast.section.timeout,
        once=True,
        purpose=f"as {known.title}",
    )
    looks = [looking.part(each, known.acting.own) for each in known.reached if known.rights[each.key].reads]
    tries = [part for each in trials.values() for part in each.parts()]
    told = yield from ask(transaction, {_LOOKS: looks, _TRIES: tries})
    if isinstance(told, Inconclusive):
        return _ungranted(told, known.acting.role)
    acted = _acted(known, told, trials)
    if isinstance(acted, Inconclusive):
        return acted
    found = yield from doors(transaction, acted.reached, acted.rights)
    if isinstance(found, Inconclusive):
        return found
    return (yield from uncovered(replace(acted, doors=found), cast.reader))


def _trials(known: Scene) -> Iterator[Trial]:
    first = 0
    for each in known.reached:
        rows = known.rows[each.key]
        if each.is_table and known.rights[each.key].any and isinstance(rows, Census):
            tried = samples(each, rows, known.acting.own, tuple(known.tenants))
            made = trying.trial(each, tried, known.roles, first)
            first += len(made.keys)
            yield made


def _acted(known: Scene, told: Told, trials: Mapping[int, Trial]) -> Scene | Inconclusive:
    who, applies = told.singles
    meant = (known.acting.role, dict(known.acting.settings).get("request.jwt.claims", ""))
    if not isinstance(who, Rows) or who.rows != (meant,):
        return Inconclusive(f"the session did not become {known.title}: what it sees proves nothing")
    if not isinstance(applies, Rows):
        return Inconclusive(f"whether row-level security applies could not be asked: {applies.message}")
    return replace(
        known,
        applies=dict(applies.rows),
        seen={
            key: answer if isinstance(answer, Refused) else looking.parsed(answer)
            for key, answer in told.parts[_LOOKS].items()
        },
        tried={key: trying.parsed(each, told.parts[_TRIES]) for key, each in trials.items()},
    )


def _who() -> Statement:
    """Prove that the session is who it should be: nobody else's view would prove anything."""
    claims = "coalesce(pg_catalog.current_setting('request.jwt.claims', true), '')"
    return Statement(sql=f"SELECT current_user::text, {claims}", purpose="who acts")


def _applies(known: Scene) -> Statement:
    """As the one who asks; for an exempt role, or an owner that is not forced, it does not apply."""
    tables: list[Subject] = [each for each in known.reached if each.is_table]
    keys = array((str(each.key) for each in tables), "int4")
    oids = array((str(each.relation.oid) for each in tables), "oid")
    asked = "s.key, pg_catalog.row_security_active(s.oid)"
    return Statement(
        sql=f"SELECT {asked} FROM unnest({keys}, {oids}) AS s (key, oid)",
        purpose="whether row-level security applies",
    )
