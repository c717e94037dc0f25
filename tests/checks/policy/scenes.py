"""Scenes made by hand: one relation, one actor, and what the database told about them."""

from dataclasses import replace
from typing import Any

from pytest_deploycheck.checks.policy.actors import Acting, Actor, Sees
from pytest_deploycheck.checks.policy.census import Census, Group
from pytest_deploycheck.checks.policy.looking import Seen
from pytest_deploycheck.checks.policy.owner import Owner
from pytest_deploycheck.checks.policy.rights import Rights
from pytest_deploycheck.checks.policy.samples import samples
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject, Survey, used_columns
from pytest_deploycheck.checks.policy.trying import Tried
from pytest_deploycheck.model.catalog import Catalog, Role, Server
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.relation import Column, Name, Policy, Relation

A, B = "tenant-a", "tenant-b"
COLUMNS = tuple(Column(name=name, type="text") for name in ("id", "client_id", "status"))
OWNER = Owner('t."client_id"', "text", "client_id")
BOTH = Census({A: Group(('{"client_id": "tenant-a"}',)), B: Group(('{"client_id": "tenant-b"}',))})
ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
MINE = "(client_id = mine())"


def policy(name: str, command: str = "r", using: str | None = MINE, **more: Any) -> Policy:  # noqa: ANN401 - fields of a policy
    given: dict[str, Any] = {"columns": ("client_id",), **more}
    return Policy(name=name, command=command, using=using, **given)


def relation(*policies: Policy, **more: Any) -> Relation:  # noqa: ANN401 - fields of a relation
    given: dict[str, Any] = {"row_security": True, "owner": "postgres", **more}
    return Relation(name=Name("public", "orders"), columns=COLUMNS, policies=policies, **given)


def subject(of: Relation, **more: Any) -> Subject:  # noqa: ANN401 - fields of a subject
    given: dict[str, Any] = {"belongs": Belongs.TENANTS, "owner": OWNER, "used": used_columns(of), **more}
    return Subject(key=0, relation=of, **given)


def scene(
    one: Subject,
    seen: Seen | Refused | None = None,
    rows: Census | Refused = BOTH,
    takes: dict[str, tuple[str, ...] | Refused] | None = None,
    **more: Any,  # noqa: ANN401 - fields of a scene, an actor, or what an actor's role holds
) -> Scene:
    """A member of a, on one relation.

    `takes`: the tenants, or origins, of the samples that each expression accepts.
    """
    actor = Actor(title="ann", sees=more.pop("sees", Sees.OWN), roles=frozenset(more.pop("is_a", ())))
    own = (A,) if actor.sees in (Sees.OWN, Sees.OPTIONAL) else (A, B) if actor.sees is Sees.ALL else ()
    rights = Rights(usage=True, held=more.pop("held", ALL), **more.pop("rights", {}))
    bypass = more.pop("bypass", False)
    functions = more.pop("functions", ())
    section = PoliciesSection(tenant="client_id", claim="c", strict=more.pop("strict", False))
    known = Scene(
        section=section,
        catalog=Catalog(
            server=Server(version=150018, database="x", user="gate"),
            relations=(one.relation,),
            functions=functions,
            roles=(Role(name="authenticated", bypass_rls=bypass),),
        ),
        survey=Survey((one,), ()),
        acting=Acting(actor=actor, role="authenticated", own=own, settings=()),
        tenants={A: "a", B: "b"},
        roles=frozenset({"authenticated", ""}),
        rights={0: rights},
        rows={0: rows},
        applies={0: more.pop("applies", True)},
        seen={} if seen is None else {0: seen},
        **more,
    )
    return replace(known, tried={0: tried(one, rows, own, takes)}) if takes is not None else known


def tried(
    one: Subject,
    rows: Census | Refused,
    own: tuple[str, ...],
    takes: dict[str, tuple[str, ...] | Refused],
) -> Tried:
    if isinstance(rows, Refused):
        return Tried()
    given = samples(one, rows, own, (A, B))
    return Tried(
        given,
        {
            text: accepted
            if isinstance(accepted, Refused)
            else frozenset(
                n for n, each in enumerate(given) if {each.tenant, each.origin.value} & {*accepted}
            )
            for text, accepted in takes.items()
        },
    )
