"""Which tenants own rows of what, told by a role that sees all; and what those rows look like to policies.

Of a row only the columns that policies use are read, because only they can decide; distinct ones, and of each
tenant no more than `MOST`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.batch import Part, Table
from pytest_deploycheck.checks.policy.owner import ROW, Owner
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import array, literal, name_of

MOST = 300
"""Distinct rows of a tenant that are looked at."""

_SCANNED = 20_000
"""Rows of a tenant among which distinct ones are looked for."""

_ARGUMENTS = 50
"""Pairs that jsonb_build_object takes (FUNC_MAX_ARGS is 100)."""


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


def part(subject: Subject, tenants: Sequence[str]) -> Part:
    """Ask which tenants own rows of a relation, `tenants` first."""
    source = f"{name_of(subject.relation.name)} AS {ROW}"
    row = _row(subject)
    if subject.owner is None:
        return Part(subject.key, _few(subject.key, "NULL::text", row, source, "true"))
    owner = subject.owner
    decided = subject.looked_at == (owner.column,) and not owner.indirect
    known, others = (_one, _some) if decided else (_few, _few)
    each = [known(subject.key, literal(id_), row, source, owner.of(id_)) for id_ in tenants]
    each.append(others(subject.key, owner.text, row, source, owner.beside(tenants)))
    if not owner.always:
        each.append(_few(subject.key, "NULL::text", row, source, f"{owner.value} IS NULL"))
    apart = "\nUNION ALL\n".join(each)
    if decided and subject.small:
        return Part(subject.key, _at_once(subject.key, owner, tenants, row, source), alone=apart)
    return Part(subject.key, apart)


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
    names = subject.looked_at
    if len(names) > _ARGUMENTS:
        return f"pg_catalog.to_jsonb({ROW})::text"
    return _object(names) if names else "'{}'"


def _object(names: Sequence[str]) -> str:
    pairs = ", ".join(_pairs(names))
    return f"pg_catalog.jsonb_build_object({pairs})::text"


def _pairs(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield f"{literal(name)}, {ROW}.{quoted(name)}"


def _at_once(key: int, owner: Owner, tenants: Sequence[str], row: str, source: str) -> str:
    """A row of each tenant in one pass: first of none, then of `tenants` as these spell their ids."""
    known = f"{owner.value} = ANY ({array(tenants, owner.type)})"
    spelt = " ".join(f"WHEN {owner.of(id_)} THEN {literal(id_)}" for id_ in tenants)
    tenant = f"CASE {spelt} ELSE {owner.text} END" if spelt else owner.text
    grouped = f"GROUP BY {owner.value} ORDER BY {known} DESC LIMIT {MOST + 1 + len(tenants)}"
    return f"(SELECT {key}, {tenant}, {row}, false FROM {source} {grouped})"


def _one(key: int, tenant: str, row: str, source: str, where: str) -> str:
    """All rows of this tenant look the same to policies: any of them will do."""
    return f"SELECT {key}, {tenant}::text, (SELECT {row} FROM {source} WHERE {where} LIMIT 1), false"


def _some(key: int, tenant: str, row: str, source: str, where: str) -> str:
    """Rows that differ in their tenant only, and that policies tell apart by nothing else."""
    scanned = f"SELECT {ROW}.* FROM {source} WHERE {where} LIMIT {_SCANNED}"
    return f"(SELECT DISTINCT {key}, {tenant}, {row}, false FROM ({scanned}) AS {ROW} LIMIT {MOST})"


def _few(key: int, tenant: str, row: str, source: str, where: str) -> str:
    scanned = f"SELECT {ROW}.* FROM {source} WHERE {where}"
    return f"""(
SELECT {key}, d.tenant, d.seen, EXISTS ({scanned} OFFSET {_SCANNED})
FROM (SELECT DISTINCT {tenant}::text AS tenant, {row} AS seen
      FROM ({scanned} LIMIT {_SCANNED}) AS {ROW}) AS d
LIMIT {MOST + 1})"""
