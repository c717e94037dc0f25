"""Sets the scene of one actor: asks what all share, then acts, in one transaction where nothing errs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.policy import looking, rights, trying
from pytest_deploycheck.checks.policy.actors import Actor
from pytest_deploycheck.checks.policy.batch import PLAIN, Part, Told, ask
from pytest_deploycheck.checks.policy.census import Census
from pytest_deploycheck.checks.policy.doors import doors
from pytest_deploycheck.checks.policy.hidden import uncovered
from pytest_deploycheck.checks.policy.rules import privileges_of
from pytest_deploycheck.checks.policy.samples import samples
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.shared import Shared, shared, ungranted
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.trying import Trial, Trials
from pytest_deploycheck.checks.policy.wording import array
from pytest_deploycheck.checks.policy.world import Cast, World, world
from pytest_deploycheck.model.evidence import Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

_LOOKS, _TRIES = "what it sees", "what its policies take"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an actor is going to do: `known` is the scene before."""

    known: Scene
    transaction: Transaction
    looks: tuple[Part, ...]
    tries: tuple[Part, ...]
    trials: Mapping[int, Trial]


def scene(cast: Cast, actor: Actor) -> Asking[Scene | Inconclusive]:
    """Ask for all that is needed to judge an actor."""
    known = yield from world(cast)
    if isinstance(known, Inconclusive):
        return known
    common = yield from shared(cast, known)
    if isinstance(common, Inconclusive):
        return common
    name = f"as {actor.title}"
    plan = cast.memory.kept(f"{name}, asked", (known, common), lambda: _plan(cast, actor, known, common))
    told = yield from ask(plan.transaction, {_LOOKS: plan.looks, _TRIES: plan.tries})
    if isinstance(told, Inconclusive):
        return ungranted(told, plan.known.acting.role)
    acted = cast.memory.kept(name, (plan, *told.sources), lambda: _acted(plan, told))
    if isinstance(acted, Inconclusive):
        return acted
    found = yield from doors(plan.transaction, acted.reached, acted.rights)
    if isinstance(found, Inconclusive):
        return found
    return (yield from uncovered(replace(acted, doors=found), cast.reader))


def _plan(cast: Cast, actor: Actor, world: World, common: Shared) -> _Plan:
    """Have the actor look at everything that it may read, and try the policies."""
    known = _before(cast, actor, world, common)
    tried = Trials()
    trials = dict(_trials(known, tried))
    transaction = Transaction(
        statements=(_who(), _applies(known)),
        role=known.acting.role,
        settings=(*known.acting.settings, PLAIN),
        timeout=cast.section.timeout,
        once=True,
        purpose=f"as {known.title}",
    )
    looked = (each for each in known.reached if known.rights[each.key].reads)
    looks = tuple(looking.part(each, known.acting.own) for each in looked)
    return _Plan(known, transaction, looks, tried.parts, trials)


def _before(cast: Cast, actor: Actor, world: World, common: Shared) -> Scene:
    acting = world.everybody[cast.actors.index(actor)]
    keys = (each.key for each in world.survey.subjects)
    return Scene(
        section=cast.section,
        catalog=world.catalog,
        survey=world.survey,
        acting=acting,
        tenants={value: name for name, value in world.tenants.items()},
        roles=privileges_of(acting.role, world.catalog),
        rights={key: common.held.get((key, acting.role), rights.NONE) for key in keys},
        rows=common.rows,
        reader=Reader(cast.reader, cast.section.timeout),
    )


def _trials(known: Scene, tried: Trials) -> Iterator[tuple[int, Trial]]:
    for each in known.reached:
        rows = known.rows[each.key]
        if each.is_table and known.rights[each.key].any and isinstance(rows, Census):
            given = samples(each, rows, known.acting.own, tuple(known.tenants))
            yield each.key, tried.trial(each, given, known.roles)


def _acted(plan: _Plan, told: Told) -> Scene | Inconclusive:
    known = plan.known
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
        tried={key: trying.parsed(each, told.parts[_TRIES]) for key, each in plan.trials.items()},
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
