"""What an actor sees of a relation: rows of its own tenants, of others, of none; unsampled."""

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.policy.batch import Part, Table
from pytest_deploycheck.checks.policy.owner import ROW, Owner
from pytest_deploycheck.checks.policy.subjects import Subject
from pytest_deploycheck.checks.policy.wording import literal, name_of

HIDDEN = 1000
"""Foreign keys whose tenant the actor may not see, that are looked up by a role that may."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an actor sees.

    `own` are those of its tenants of which it sees a row, `other` is another tenant of which it does, `none`
    tells whether it sees a row of no tenant. `any`: whether it sees a row at all, where nothing tells whose.
    `hidden` are foreign keys that lead to rows which it may not see.
    """

    own: frozenset[str] = frozenset()
    other: str | None = None
    none: bool = False
    any: bool = False
    hidden: tuple[str, ...] = ()


def part(subject: Subject, own: Sequence[str]) -> Part:
    """Ask what whoever asks sees of a relation, if its tenants are `own`."""
    source = f"{name_of(subject.relation.name)} AS {ROW}"
    owner = subject.owner
    if owner is None:
        columns = f"NULL::text[], NULL::text, false, EXISTS (SELECT FROM {source}), NULL::text[]"
        return Part(subject.key, f"SELECT {subject.key}, {columns}")
    each = f"SELECT {subject.key}, {_columns(owner, source, own)}"
    if not subject.small or owner.indirect:
        return Part(subject.key, each)
    return Part(subject.key, f"SELECT {subject.key}, {_at_once(owner, own)} FROM {source}", alone=each)


def _at_once(owner: Owner, own: Sequence[str]) -> str:
    """All of it in one pass over the rows that it sees: planned once, and without an index."""
    mine = (f"CASE WHEN pg_catalog.bool_or({owner.of(id_)}) THEN {literal(id_)} END" for id_ in own)
    other = f"pg_catalog.min({owner.text}) FILTER (WHERE {owner.beside(own)})"
    none = "false" if owner.always else f"coalesce(pg_catalog.bool_or({owner.none}), false)"
    return f"ARRAY[{', '.join(mine)}]::text[], {other}, {none}, false, NULL::text[]"


def _columns(owner: Owner, source: str, own: Sequence[str]) -> str:
    """Each of it by itself: an index may find it, and the first row of another tenant ends the search."""
    seen = (
        f"CASE WHEN EXISTS (SELECT FROM {source} WHERE {owner.of(id_)}) THEN {literal(id_)} END"
        for id_ in own
    )
    mine = f"ARRAY[{', '.join(seen)}]::text[]"
    other = f"(SELECT {owner.text} FROM {source} WHERE {owner.beside(own)} LIMIT 1)"
    none = "false" if owner.always else f"EXISTS (SELECT FROM {source} WHERE {owner.none})"
    hidden = "NULL::text[]"
    if owner.indirect:
        key = f"{ROW}.{quoted(owner.column)}::text"
        hidden = f"ARRAY(SELECT DISTINCT {key} FROM {source} WHERE {owner.hidden} LIMIT {HIDDEN})"
    return f"{mine}, {other}, {none}, false, {hidden}"


def parsed(rows: Table) -> Seen:
    """Return what the row of a part tells."""
    ((own, other, none, any_, hidden),) = rows
    return Seen(frozenset(own or ()) - {None}, other, none, any_, tuple(hidden or ()))
