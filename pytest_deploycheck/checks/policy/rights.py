"""What each role holds on each relation, asked by oid: a name would need rights on its schema."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import array
from pytest_deploycheck.model.probe import Statement

CHANGES = ("insert", "update", "delete")
"""What row-level security can hold, beside reading."""

_UPDATABLE = {"update": 1 << 2, "insert": 1 << 3, "delete": 1 << 4}
"""Bits of pg_relation_is_updatable (CmdType in nodes.h)."""

_ANY = ("SELECT", "INSERT", "UPDATE")
"""Privileges that may be held on single columns."""

_WHOLE = ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The privileges of one role on one relation; `usage` is that on its schema.

    `held` are the others, on at least one column. `tells`, `plants` and `moves` are SELECT, INSERT and
    UPDATE of the very column that says whose a row is. `updatable` is the sum of pg_relation_is_updatable.
    """

    usage: bool
    held: frozenset[str]
    tells: bool = True
    plants: bool = True
    moves: bool = True
    updatable: int = sum(_UPDATABLE.values())

    @property
    def reads(self) -> bool:
        """Whether it may select at all."""
        return self.usage and "SELECT" in self.held

    def may(self, change: str) -> bool:
        """Whether it may insert, update or delete at all."""
        return self.usage and change.upper() in self.held and bool(self.updatable & _UPDATABLE[change])

    @property
    def any(self) -> bool:
        """Whether it may read or change anything."""
        return self.reads or any(map(self.may, CHANGES))


NONE = Rights(usage=False, held=frozenset())


def statement(subjects: Sequence[Subject], roles: Iterable[str]) -> Statement:
    """Ask for the rights of `roles` on all `subjects`."""
    keys = array((str(each.key) for each in subjects), "int4")
    oids = array((str(each.relation.oid) for each in subjects), "oid")
    columns = array((each.owner.column if each.owner else "" for each in subjects), "text")
    any_ = ", ".join(f"pg_catalog.has_any_column_privilege(r.oid, c.oid, '{name}')" for name in _ANY)
    whole = ", ".join(f"pg_catalog.has_table_privilege(r.oid, c.oid, '{name}')" for name in _WHOLE)
    own = ", ".join(
        f"s.name = '' OR pg_catalog.has_column_privilege(r.oid, c.oid, s.name, '{name}')" for name in _ANY
    )
    return Statement(
        sql=f"""
SELECT s.key, r.rolname::text, pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE'),
       {any_}, {whole}, {own}, pg_catalog.pg_relation_is_updatable(c.oid, true)
FROM unnest({keys}, {oids}, {columns}) AS s (key, oid, name)
JOIN pg_catalog.pg_class AS c ON c.oid = s.oid
JOIN pg_catalog.pg_roles AS r ON r.rolname = ANY ({array(roles, "text")})
""",
        purpose="privileges",
    )


def parsed(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[int, str], Rights]:
    """Return the rights by subject and role."""
    names = (*_ANY, *_WHOLE)
    found = {}
    for key, role, usage, *rest in rows:
        held = frozenset(name for name, has in zip(names, rest, strict=False) if has)
        tells, plants, moves, updatable = rest[len(names) :]
        found[key, role] = Rights(
            usage=usage, held=held, tells=tells, plants=plants, moves=moves, updatable=updatable
        )
    return found
