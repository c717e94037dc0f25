"""What the rows of the queries have in common: grants by their list, names by their oid."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pytest_deploycheck.model.relation import Grant, Name

Row: TypeAlias = Sequence[Any]
Told: TypeAlias = Mapping[str, Sequence[Row]]
"""Rows by the name of their query."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up again and again while a catalog is made.

    `columns` are names by the relation's oid and the column's number.
    """

    grants: Mapping[str, tuple[Grant, ...]]
    relations: Mapping[int, Name]
    functions: Mapping[int, Name]
    columns: Mapping[int, Mapping[int, str]]

    @classmethod
    def of(cls, told: Told) -> "Known":
        """Collect it from all rows."""
        grants: dict[str, set[Grant]] = defaultdict(set)
        for acl, *grant in told["acls"]:
            grants[acl].add(Grant(*grant))
        columns: dict[int, dict[int, str]] = defaultdict(dict)
        for oid, number, name, *_ in told["columns"]:
            columns[oid][number] = name
        return cls(
            grants={acl: tuple(sorted(each)) for acl, each in grants.items()},
            relations={row[0]: Name(row[1], row[2]) for row in told["relations"]},
            functions={row[0]: Name(row[1], row[2]) for row in told["functions"]},
            columns=columns,
        )

    def granted(self, acl: str | None) -> tuple[Grant, ...]:
        """What a list grants; nothing if there is none."""
        return self.grants.get(acl, ()) if acl else ()

    def names(self, relation: int, numbers: Iterable[int] | None) -> tuple[str, ...]:
        """The columns of those numbers, in that order; 0 and system columns have no name here."""
        known = self.columns.get(relation, {})
        return tuple(known[number] for number in numbers or () if number in known)


def by_oid(rows: Sequence[Row]) -> Mapping[int, list[Row]]:
    """Rows without their first column, by that column."""
    found: dict[int, list[Row]] = defaultdict(list)
    for oid, *rest in rows:
        found[oid].append(rest)
    return found


def moment(epoch: float | None) -> datetime | None:
    """A time from seconds since 1970."""
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def some(names: Mapping[int, Name], oids: Iterable[int]) -> tuple[Name, ...]:
    """The names of those oids that have one, sorted."""
    return tuple(sorted(names[oid] for oid in oids if oid in names))
