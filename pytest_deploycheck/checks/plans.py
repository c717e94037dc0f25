"""How PostgreSQL carries out named queries, as those who send them: by which nodes, and at what cost.

What changes rows is only planned. What is counted (nodes, cost, blocks for each row) depends little on the
machine and its load; how long it takes depends on both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.database.claims import as_settings
from pytest_deploycheck.checks.database.reading import Asking, catalog_of, unanswered
from pytest_deploycheck.checks.database.statement import AnySql, Sql
from pytest_deploycheck.checks.database.volume import estimated
from pytest_deploycheck.checks.language.amount import Duration, Limit, parse_limit
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.planning.node import METHODS, SEQUENTIAL, Avoidable, Node, NodeOf, Plan
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Answers, Claims, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Inspect, Statement, Transaction

EXPLAIN = "EXPLAIN (VERBOSE, FORMAT JSON)\n"
ANALYSE = "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, TIMING OFF, FORMAT JSON)\n"

_MEASURED = ("rows", "buffers_per_row", "under")
_EXPECTATIONS = ("forbidden", "avoidable", "cost", *_MEASURED)
_HINT = "is the index there and valid, and was the table analysed?"

Rows_ = Annotated[Limit, PlainValidator(parse_limit), WithJsonSchema({"type": ["number", "string"]})]


class Query(BaseModel):
    """A statement, who sends it, and what its plan must be.

    `as` is an identity, whose token's claims are set; `claims` are set instead, or laid over them. `role` is
    the database's; the claim `role` if it is not given, else the environment's `database_reader`. `forbidden`
    nodes may not be there, a sequential scan of any table counts from `large` rows on. `avoidable` nodes may
    not be there once the planner is told to do without them. `cost`, `buffers_per_row` and `under` are limits
    that are not reached.
    """

    model_config = PART

    sql: AnySql
    identity: Text | None = Field(default=None, alias="as")
    claims: dict[Text, Any] = Field(default={}, min_length=1)
    role: Text | None = None
    forbidden: tuple[NodeOf, ...] = Field(default=(), min_length=1)
    avoidable: tuple[Avoidable, ...] = Field(default=(), min_length=1)
    large: int = Field(default=10_000, ge=0)
    cost: float | None = Field(default=None, gt=0)
    rows: Rows_ | None = None
    buffers_per_row: float | None = Field(default=None, gt=0)
    under: Duration | None = None
    timeout: Duration = 10.0
    name: Text
    runbook: Runbook = ()
    hint: str = ""


Section = Annotated[list[Query], Field(min_length=1)]


def checks(section: list[Query], context: Context) -> Iterable[Check]:
    """Return a check for each query.

    Raises:
        Misuse: if one expects nothing, expects of a change what only running it tells, or names no identity.
    """
    for index, query in enumerate(section):
        _hold(index, query, context)
        yield Check(
            marker=context.marker,
            title=f"plan of {query.name}",
            place=context.place((index,)),
            steps=partial(_explain, query, context.environment.database_reader),
            spend=Spend(queries=3),
            identities=frozenset({query.identity} if query.identity else ()),
            runbook=query.runbook,
            hint=query.hint,
        )


def _hold(index: int, query: Query, context: Context) -> None:
    given = [key for key in _EXPECTATIONS if key in query.model_fields_set]
    if not given:
        raise Misuse("its plan may be anything", at=(index,), expected=f"one of {', '.join(_EXPECTATIONS)}")
    if query.identity and query.identity not in context.identities:
        known = ", ".join(context.identities) or "an identity of the contract"
        raise Misuse(f"unknown identity '{query.identity}'", at=(index, "as"), expected=f"one of {known}")
    measured = [key for key in given if key in _MEASURED]
    if measured and not _runs(query.sql):
        told = f"what changes rows is only planned, and {measured[0]} needs it to run"
        raise Misuse(told, at=(index, measured[0]), expected="forbidden, avoidable or cost")


def _runs(sql: Sql) -> bool:
    """Whether it is run: what begins as a change, or has one within, is not."""
    return sql.reads and not sql.changes


@dataclass(frozen=True, slots=True)
class _Actor:
    role: str | None
    settings: tuple[tuple[str, str], ...]


def _explain(query: Query, reader: str | None) -> Steps:
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    actor = yield from _actor(query, reader)
    if isinstance(actor, Inconclusive):
        return actor
    natural = yield from _plan(query, actor, ANALYSE if _runs(query.sql) else EXPLAIN)
    if not isinstance(natural, Plan):
        return natural
    faults = list(_broken(query, natural, catalog))
    if query.avoidable:
        off = tuple((name, "off") for name in dict.fromkeys(METHODS[node.type] for node in query.avoidable))
        forced = yield from _plan(query, _Actor(actor.role, (*actor.settings, *off)), EXPLAIN)
        if not isinstance(forced, Plan):
            return forced
        faults += _unavoidable(query, forced)
    return _judge(query, natural, faults)


def _actor(query: Query, reader: str | None) -> Asking[_Actor | Inconclusive]:
    claims: dict[str, Any] = {}
    if query.identity:
        (seen,) = yield (Inspect(query.identity),)
        if not isinstance(seen, Claims):
            told = seen.reason if isinstance(seen, Silence | Withheld) else type(seen).__name__
            return Inconclusive(f"the claims of {query.identity} are not known: {told}")
        claims |= seen.claims
    claims |= query.claims
    said = claims.get("role")
    role = query.role or (said if isinstance(said, str) else None) or reader
    return _Actor(role, tuple(as_settings(claims).items()) if claims else ())


def _plan(query: Query, actor: _Actor, explain: str) -> Asking[Plan | Failed | Inconclusive]:
    (seen,) = yield (
        Transaction(
            statements=(Statement(sql=explain + query.sql.text, purpose=f"plan of {query.name}"),),
            role=actor.role,
            settings=actor.settings,
            timeout=query.timeout,
            purpose=f"plan of {query.name}",
        ),
    )
    match seen:
        case Answers(answers=(Rows(rows=((answer,),)),)) if plan := Plan.of(answer):
            return plan
        case Answers(answers=(Refused() as refused,)):
            return _refused(query, refused)
        case Answers():
            return Inconclusive("EXPLAIN has told no plan")
        case _:
            return unanswered(seen, "plan")


def _refused(query: Query, refused: Refused) -> Failed | Inconclusive:
    if refused.sqlstate != "57014":
        return Inconclusive(f"{refused.message} (SQLSTATE {refused.sqlstate})")
    if query.under is not None and query.under <= query.timeout:
        return Failed(f"not done after {query.timeout:g} s, expected under {query.under:g} s", hint=_HINT)
    return Inconclusive(f"not done after {query.timeout:g} s; a longer `timeout` would decide it")


def _broken(query: Query, plan: Plan, catalog: Catalog) -> Iterator[str]:
    for node in query.forbidden:
        for type_, relation in dict.fromkeys(plan.nodes):
            if node.fits(type_, relation) and not _is_small(query, node, relation, catalog):
                yield f"{type_}{f' on {relation}' if relation else ''}, forbidden"
    if query.cost is not None and plan.cost >= query.cost:
        yield f"cost {plan.cost:g}, expected under {query.cost:g}"
    yield from _over(query, plan)


def _is_small(query: Query, node: Node, relation: str | None, catalog: Catalog) -> bool:
    """Whether reading all of it is right: of a small table it is, unless the contract names that table."""
    if node.type != SEQUENTIAL or node.relation or relation is None:
        return False
    known = catalog.relation(relation)
    return known is not None and estimated(catalog, known) < query.large


def _over(query: Query, plan: Plan) -> Iterator[str]:
    if plan.rows is None:
        return
    if query.rows is not None and not query.rows.holds(plan.rows):
        yield f"{many(plan.rows, 'row', shown=f'{plan.rows:g}')}, expected {query.rows}"
    if query.buffers_per_row is not None and plan.rows and plan.buffers >= query.buffers_per_row * plan.rows:
        each = plan.buffers / plan.rows
        rows = many(plan.rows, "row", shown=f"{plan.rows:g}")
        yield f"{each:.3g} blocks for each of {rows}, expected under {query.buffers_per_row:g}"
    if query.under is not None and plan.milliseconds is not None and plan.milliseconds >= query.under * 1000:
        yield f"{plan.milliseconds:.3g} ms, expected under {query.under * 1000:g} ms"


def _unavoidable(query: Query, plan: Plan) -> Iterator[str]:
    for node in query.avoidable:
        for type_, relation in dict.fromkeys(plan.nodes):
            if node.fits(type_, relation):
                yield f"{type_}{f' on {relation}' if relation else ''} can't be avoided: no index serves it"


def _judge(query: Query, plan: Plan, faults: list[str]) -> Outcome:
    if faults:
        return Failed("\n".join(dict.fromkeys(faults)), hint=_HINT)
    if not any(relation or type_ == "Function Scan" for type_, relation in plan.nodes):
        return Inconclusive("its plan touches no table: as whom it is sent, it finds nothing")
    if plan.rows == 0 and query.rows is None:
        return Inconclusive("no row was returned: that shows nothing, unless `rows: 0` says that it is right")
    return Passed(_note(plan))


def _note(plan: Plan) -> str:
    if plan.rows is None:
        return f"cost {plan.cost:g}, only planned"
    blocks = f", {many(plan.buffers, 'block')}"
    time = f", {plan.milliseconds:.3g} ms" if plan.milliseconds is not None else ""
    return f"cost {plan.cost:g}, {many(plan.rows, 'row', shown=f'{plan.rows:g}')}{blocks}{time}"
