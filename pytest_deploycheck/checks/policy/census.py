"""Which tenants own rows of what, told by a role that sees all; and what those rows look like to policies.

Of a row only the columns that policies use are read, because only they can decide; distinct ones, and of each
tenant no more than `MOST`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.batch import Part, Table
from pytest_deploycheck.checks.policy.owner import ROW
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import literal, name_of
from pytest_deploycheck.model.relation import Relation

MOST = 300
"""Distinct rows of a tenant that are looked at."""

_SCANNED = 20_000
"""Rows of a tenant among which distinct ones are looked for."""

_ARGUMENTS = 50
"""Pairs that jsonb_build_object takes (FUNC_MAX_ARGS is 100)."""

_WHOLE_ROW = re.compile(r"\.\*")


@dataclass(frozen=True, slots=True)
class Group:
    """Distinct rows of one tenant, as JSON objects of the columns that policies use; `more`: not all."""

    rows: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Census:
    """The rows of one relation by the tenant that owns them; None owns what no tenant does."""

    groups: Mapping[str | None, Group] = field(default_factory=dict)

    def beside(self, own: Sequence[str]) -> tuple[str, ...]:
        """The other tenants that own rows."""
        return tuple(each for each in self.groups if each is not None and each not in own)


def used_columns(relation: Relation) -> tuple[str, ...]:
    """The columns that any policy uses, in the relation's order."""
    names = {name for policy in relation.policies for name in policy.columns}
    texts = [text for policy in relation.policies for text in (policy.using, policy.check) if text]
    if any(_WHOLE_ROW.search(text) for text in texts):
        return tuple(column.name for column in relation.columns)
    return tuple(column.name for column in relation.columns if column.name in names)


def seen_columns(subject: Subject) -> tuple[str, ...]:
    """The columns of a row that are read: what policies use, and whose it is."""
    used = used_columns(subject.relation)
    own = subject.owner.column if subject.owner else ""
    return used if not own or own in used else (*used, own)


def part(subject: Subject, tenants: Sequence[str]) -> Part:
    """Ask which tenants own rows of a relation, `tenants` first."""
    source = f"{name_of(subject.relation.name)} AS {ROW}"
    row = _row(subject)
    if subject.owner is None:
        return Part(subject.key, _few(subject.key, "NULL::text", row, source, "true"))
    value = f"{ROW}.{quoted(subject.owner.column)}" if subject.owner.column else ""
    decided = row in ("'{}'", _object((subject.owner.column,))) and not subject.owner.indirect
    ask = _one if decided and value else _few
    each = [ask(subject.key, literal(id_), row, source, subject.owner.of(id_)) for id_ in tenants]
    each.append(_few(subject.key, subject.owner.text, row, source, subject.owner.beside(tenants)))
    each.append(_few(subject.key, "NULL::text", row, source, f"{subject.owner.value} IS NULL"))
    return Part(subject.key, "\nUNION ALL\n".join(each))


def parsed(rows: Table) -> Census:
    """Return the census that the rows of a part tell."""
    found: dict[str | None, list[str]] = {}
    more: set[str | None] = set()
    for tenant, row, is_cut in rows:
        if row is not None:
            found.setdefault(tenant, []).append(row)
        if is_cut:
            more.add(tenant)
    return Census(
        {
            tenant: Group(tuple(sorted(seen))[:MOST], more=tenant in more or len(seen) > MOST)
            for tenant, seen in found.items()
        }
    )


def _row(subject: Subject) -> str:
    names = seen_columns(subject)
    if len(names) > _ARGUMENTS:
        return f"pg_catalog.to_jsonb({ROW})::text"
    return _object(names) if names else "'{}'"


def _object(names: Sequence[str]) -> str:
    pairs = ", ".join(_pairs(names))
    return f"pg_catalog.jsonb_build_object({pairs})::text"


def _pairs(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield f"{literal(name)}, {ROW}.{quoted(name)}"


def _one(key: int, tenant: str, row: str, source: str, where: str) -> str:
    """All rows of this tenant look the same to policies: any of them will do."""
    return f"SELECT {key}, {tenant}::text, (SELECT {row} FROM {source} WHERE {where} LIMIT 1), false"


def _few(key: int, tenant: str, row: str, source: str, where: str) -> str:
    scanned = f"SELECT {ROW}.* FROM {source} WHERE {where}"
    return f"""(
SELECT {key}, d.tenant, d.seen, EXISTS ({scanned} OFFSET {_SCANNED})
FROM (SELECT DISTINCT {tenant}::text AS tenant, {row} AS seen
      FROM ({scanned} LIMIT {_SCANNED}) AS {ROW}) AS d
LIMIT {MOST + 1})"""
