"""Changes that an actor really tries, in a transaction that is rolled back.

None has a WHERE, and none returns a column: both would bring in the policies for reading, and an open policy
for writing could hide behind those. What is inserted is a copy of an own row, with its keys, so that no
sequence advances; if the policy takes it, a key refuses it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.owner import ROW, Owner
from pytest_deploycheck.checks.policy.samples import Origin, samples
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import Belongs, Subject
from pytest_deploycheck.checks.policy.wording import literal, name_of
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.probe import Statement
from pytest_deploycheck.model.relation import Relation

LARGEST = 10_000
"""Rows of a table that are all locked for a moment; a larger one is not tried."""

DELETE, UPDATE, MOVE, INSERT = "delete", "update", "move", "insert"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One change of one relation.

    `tenant` is whom a row is moved to or planted at, and `value` what it then holds to be that tenant's.
    """

    subject: Subject
    way: str
    change: str
    tenant: str | None = None
    value: str = ""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The change, and how many rows it hit; once more for what they hold where a trigger may set it."""
        counted = f"WITH hit AS ({self.change} RETURNING 1) SELECT pg_catalog.count(*)::int4 FROM hit"
        hit = Statement(sql=counted, purpose=f"{self.way} {self.subject.name}")
        if not self.comes_after or self.subject.owner is None:
            return (hit,)
        column = quoted(self.subject.owner.column)
        told = f"WITH hit AS ({self.change} RETURNING {column}::text AS told) SELECT DISTINCT told FROM hit"
        return hit, Statement(sql=told, purpose=f"{self.way} {self.subject.name}")

    @property
    def comes_after(self) -> bool:
        """Whether a trigger runs before row-level security decides about a new row."""
        command = {MOVE: "UPDATE", INSERT: "INSERT"}.get(self.way)
        runs = re.compile(rf"\bBEFORE\b.*\b{command}\b.*\bFOR EACH ROW\b")
        triggers = self.subject.relation.triggers if command else ()
        return any(each.enabled in "OA" and runs.search(each.definition) for each in triggers)


def is_large(relation: Relation) -> bool:
    """Whether a change of all rows would be felt."""
    return relation.rows > LARGEST


def attempts(scene: Scene) -> tuple[Attempt, ...]:
    """Everything that an actor could try with the privileges that its role holds."""
    fitting = [subject for subject in scene.reached if _fits(subject)]
    return tuple(
        attempt for each in fitting for attempt in (*_on_old_rows(scene, each), *_on_new_rows(scene, each))
    )


def _fits(subject: Subject) -> bool:
    return subject.belongs is Belongs.TENANTS and subject.is_table and not is_large(subject.relation)


def _on_old_rows(scene: Scene, subject: Subject) -> Iterator[Attempt]:
    rights, name = scene.rights[subject.key], name_of(subject.relation.name)
    if rights.may("delete"):
        yield Attempt(subject, DELETE, f"DELETE FROM {name}")
    if rights.may("update") and (column := _harmless(scene, subject)):
        yield Attempt(subject, UPDATE, f"UPDATE {name} SET {quoted(column)} = DEFAULT")


def _on_new_rows(scene: Scene, subject: Subject) -> Iterator[Attempt]:
    rights, owner = scene.rights[subject.key], subject.owner
    for tenant, value in _strange(scene, subject).items() if owner else ():
        if owner and rights.may("update") and rights.moves:
            change = f"UPDATE {name_of(subject.relation.name)} SET {quoted(owner.column)} = {literal(value)}"
            yield Attempt(subject, MOVE, change, tenant, value)
        may_plant = rights.may("insert") and rights.plants and rights.reads
        if may_plant and (change := _copy(scene, subject, value)):
            yield Attempt(subject, INSERT, change, tenant, value)


def _strange(scene: Scene, subject: Subject) -> Mapping[str, str]:
    """Another tenant that there is, and what a row would hold to be its; nothing without an own row."""
    rows = scene.rows[subject.key]
    if isinstance(rows, Refused) or not set(scene.acting.own) & rows.groups.keys():
        return {}
    copies = (
        each
        for each in samples(subject, rows, scene.acting.own, tuple(scene.tenants))
        if each.origin is Origin.COPY and each.tenant is not None
    )
    first = next(copies, None)
    return {first.tenant: _value(subject, first.row)} if first and first.tenant else {}


def _value(subject: Subject, row: str) -> str:
    column = subject.owner.column if subject.owner else ""
    value = json.loads(row)[column]
    return value if isinstance(value, str) else json.dumps(value)


def _harmless(scene: Scene, subject: Subject) -> str:
    """A column that may be set back to its default without a policy, a key or a constraint looking at it."""
    relation = subject.relation
    bound = {*subject.looked_at, *chain.from_iterable(each.columns for each in relation.constraints)}
    bound |= set(chain.from_iterable(index.keys for index in relation.indexes if index.unique))
    allowed = _granted(scene, relation, "UPDATE")
    for column in relation.columns:
        is_free = column.name in allowed - bound and not (column.generated or column.identity)
        if is_free and (column.default is not None or not column.not_null):
            return column.name
    return ""


def _granted(scene: Scene, relation: Relation, privilege: str) -> frozenset[str]:
    """The columns on which the actor's role holds a privilege, by the catalog."""
    whole = relation.owner in scene.roles or any(
        grant.grantee in scene.roles and grant.privilege == privilege for grant in relation.grants
    )
    return frozenset(
        column.name
        for column in relation.columns
        if whole or any(g.grantee in scene.roles and g.privilege == privilege for g in column.grants)
    )


def _copy(scene: Scene, subject: Subject, value: str) -> str:
    """An own row with another tenant in it, all other columns as they are."""
    owner, relation = subject.owner, subject.relation
    allowed = _granted(scene, relation, "INSERT")
    columns = [each.name for each in relation.columns if each.name in allowed and not each.generated]
    if owner is None or owner.column not in columns:
        return ""
    values = (literal(value) if each == owner.column else f"{ROW}.{quoted(each)}" for each in columns)
    name = name_of(relation.name)
    return (
        f"INSERT INTO {name} ({', '.join(map(quoted, columns))}) OVERRIDING SYSTEM VALUE "
        f"SELECT {', '.join(values)} FROM {name} AS {ROW} WHERE {_own(owner, scene)} LIMIT 1"
    )


def _own(owner: Owner, scene: Scene) -> str:
    return " OR ".join(f"({owner.of(tenant)})" for tenant in scene.acting.own)


def owned(scene: Scene, subject: Subject) -> str:
    """Ask how many rows of a relation are the actor's own."""
    if subject.owner is None or not scene.acting.own:
        return f"SELECT {subject.key}, 0"
    source = f"{name_of(subject.relation.name)} AS {ROW}"
    return f"SELECT {subject.key}, pg_catalog.count(*)::int4 FROM {source} WHERE {_own(subject.owner, scene)}"
