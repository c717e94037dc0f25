"""Functions that the contract names, called by every actor: for its own tenant, and for the others.

No other function is ever called. A function that refuses another's tenant may do so by an error, if it gives
something for the actor's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_deploycheck.checks.database.reader import CANCELLED, quoted
from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.policy.actors import Sees
from pytest_deploycheck.checks.policy.findings import Finding, Held, Open, Undecided
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.section import FunctionPart
from pytest_deploycheck.checks.policy.wording import listed, literal
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction

TENANT = "{tenant}"

MOST = 50
"""Tenants that the rows of one call may belong to before no more are told."""

_OTHERS = 3
"""Other tenants that a function is called for."""

_WRITES, _MISSING = "25006", ("42883", "42P01", "3F000", "42601")
"""read_only_sql_transaction; undefined function, table or schema, and what is no SQL."""

_NOTHING = ("null", "false", "0", '""', "[]", "{}")
"""What a function gives that gives nothing, as JSON."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a function for one tenant."""

    function: FunctionPart
    tenant: str

    @property
    def statement(self) -> Statement:
        call = f"{self.function.call.replace(TENANT, literal(self.tenant))} AS r"
        if self.function.tenant:
            sql = f"SELECT DISTINCT r.{quoted(self.function.tenant)}::text FROM {call} LIMIT {MOST}"
        else:
            nothing = ", ".join(map(literal, _NOTHING))
            given = f"coalesce(pg_catalog.to_jsonb(r)::text, 'null') NOT IN ({nothing})"
            sql = f"SELECT 'something' FROM {call} WHERE NOT (r IS NULL) AND {given} LIMIT 1"
        return Statement(sql=sql, purpose=self.function.call)


def called(scene: Scene) -> Asking[tuple[Finding, ...] | Inconclusive]:
    """Call the functions of the contract as an actor, and judge what they give."""
    functions = scene.section.functions
    if not functions or scene.acting.actor.sees is Sees.ALL:
        return ()
    own = scene.acting.own
    others = [each for each in scene.tenants if each not in own][:_OTHERS]
    made = [_Call(function, tenant) for function in functions for tenant in (*own, *others)]
    transaction = Transaction(
        statements=tuple(each.statement for each in made),
        role=scene.acting.role,
        settings=scene.acting.settings,
        timeout=scene.section.timeout,
        purpose=f"functions as {scene.title}",
    )
    (seen,) = yield (transaction,)
    if not isinstance(seen, Answers):
        return unanswered(seen, "answers")
    answers = {(each.function.call, each.tenant): told for each, told in zip(made, seen.answers, strict=True)}
    return tuple(finding for function in functions for finding in _judged(scene, function, answers, others))


def _judged(
    scene: Scene,
    function: FunctionPart,
    answers: Mapping[tuple[str, str], Rows | Refused],
    others: Sequence[str],
) -> Iterator[Finding]:
    mine = [answers[function.call, tenant] for tenant in scene.acting.own]
    strange = {tenant: answers[function.call, tenant] for tenant in others}
    if trouble := next((_trouble(each) for each in (*mine, *strange.values()) if _trouble(each)), ""):
        yield Undecided(function.call, trouble)
        return
    found = [*_leaks(scene, function, mine, strange)]
    if found:
        yield Open(
            function.call,
            f"gives {listed(dict.fromkeys(found))}",
            f"-- {function.call}: compare with the caller",
        )
    elif _must(scene) and not any(isinstance(each, Rows) and each.rows for each in mine):
        yield Undecided(function.call, "gives nothing for the actor's own tenant, so nothing is proven")
    else:
        yield Held(function.call, "called: nothing of others")


def _must(scene: Scene) -> bool:
    return scene.acting.actor.sees is Sees.OWN


def _trouble(answer: Rows | Refused) -> str:
    """Why an error is no refusal of the function's own, if it is one."""
    if isinstance(answer, Rows):
        return ""
    if answer.sqlstate == _WRITES:
        return f"it writes, and is called in a read-only transaction: {answer.message}"
    if answer.sqlstate == CANCELLED:
        return answer.message
    return f"it cannot be called so: {answer.message}" if answer.sqlstate in _MISSING else ""


def _leaks(
    scene: Scene,
    function: FunctionPart,
    mine: Sequence[Rows | Refused],
    strange: Mapping[str, Rows | Refused],
) -> Iterator[str]:
    if function.tenant:
        for answer in (*mine, *strange.values()):
            owners = [row[0] for row in answer.rows] if isinstance(answer, Rows) else []
            yield from (f"rows of {scene.named(each)}" for each in owners if each not in scene.acting.own)
    else:
        for tenant, answer in strange.items():
            if isinstance(answer, Rows) and answer.rows:
                yield f"something of {scene.named(tenant)}"
