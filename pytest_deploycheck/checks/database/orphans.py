"""Statements that count rows whose reference leads nowhere, and show a few of them.

What counts as an orphan is what PostgreSQL itself looks for when it validates a key (ri_triggers.c,
RI_Initial_Check): equality, and of an inherited table its own rows only.
"""

from dataclasses import dataclass
from string import Template

from pytest_deploycheck.checks.database.keys import Key
from pytest_deploycheck.checks.database.reader import quoted
from pytest_deploycheck.checks.database.volume import estimated, share
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.probe import Statement
from pytest_deploycheck.model.relation import Relation

EXAMPLES = 3
"""Orphans that are shown of each key."""

_WHOLE = 100.0
_OF_BLOCKS = frozenset("rpm")
"""Relations that can be sampled by blocks (TABLESAMPLE); of others the first rows are taken."""

_COUNT = Template(
    """SELECT count(*) AS looked_at, count(*) FILTER (WHERE p.found IS NULL) AS orphans
FROM $child AS c
LEFT JOIN $join
WHERE $referring"""
)

_SHOW = Template(
    """SELECT DISTINCT $columns
FROM $child AS c
LEFT JOIN $join
WHERE ($referring) AND p.found IS NULL
LIMIT $examples"""
)

_EQUAL = Template("(SELECT $distinct$referenced, true AS found FROM $parent AS r) AS p ON $match")
_COVERED = Template(
    """LATERAL (
  SELECT true AS found FROM $parent AS r WHERE $match AND r.$whole && c.$part
  HAVING range_agg(r.$whole) @> c.$part
) AS p ON true"""
)

_PART = Template("(SELECT * FROM $relation $part)")

_TODAY = "REPEATABLE (pg_catalog.date_part('doy', current_date))"
"""The same blocks in all statements of a day, others tomorrow."""


@dataclass(frozen=True, slots=True)
class Look:
    """A key, and the percentage of its rows that is looked at, or how many of the `first`."""

    key: Key
    percent: float
    first: int | None = None

    @classmethod
    def at(cls, key: Key, catalog: Catalog, most: int) -> "Look":
        """Look at about `most` rows of a key."""
        if key.child.kind not in _OF_BLOCKS:
            return cls(key, _WHOLE, most)
        return cls(key, share(estimated(catalog, key.child), most))

    @property
    def part(self) -> str:
        """What is looked at, unless it is all."""
        if self.first is not None:
            return f"the first {many(self.first, 'row')}"
        return f"a sample of {self.percent:.2g} %" if self.percent < _WHOLE else ""

    def count(self) -> Statement:
        """Return what counts the rows looked at, and the orphans among them."""
        return Statement(sql=_COUNT.substitute(self._parts()), purpose=f"orphans of {self.key}")

    def show(self) -> Statement:
        """Return what shows a few orphans."""
        columns = ", ".join(f"c.{quoted(column)}::text" for column in self.key.columns)
        sql = _SHOW.substitute(self._parts(), columns=columns, examples=EXAMPLES)
        return Statement(sql=sql, purpose=f"examples of {self.key}")

    def _parts(self) -> dict[str, str]:
        key = self.key
        return {
            "child": self._child(),
            "join": _covered(key) if key.temporal else _equal(key),
            "referring": (" OR " if key.full else " AND ").join(
                f"c.{quoted(column)} IS NOT NULL" for column in key.columns
            ),
        }

    def _child(self) -> str:
        child = self.key.child
        if self.first is not None:
            return _PART.substitute(relation=_only(child), part=f"LIMIT {self.first}")
        if self.percent < _WHOLE:
            sample = f"TABLESAMPLE SYSTEM ({self.percent:.6f}) {_TODAY}"
            return _PART.substitute(relation=_only(child), part=sample)
        return _only(child)


def _only(relation: Relation) -> str:
    name = quoted(relation.name.schema, relation.name.name)
    return f"ONLY {name}" if relation.kind == "r" else name


def _equal(key: Key) -> str:
    names = [f"k{number}" for number, _ in enumerate(key.columns)]
    referenced = zip(key.referenced, names, strict=True)
    referring = zip(key.columns, names, strict=True)
    return _EQUAL.substitute(
        parent=_only(key.parent),
        distinct="" if key.unique else "DISTINCT ",
        referenced=", ".join(f"r.{quoted(column)} AS {name}" for column, name in referenced),
        match=" AND ".join(f"p.{name} = c.{quoted(column)}" for column, name in referring),
    )


def _covered(key: Key) -> str:
    """As PostgreSQL has it since 18: the periods of the rows that are equal otherwise, taken together."""
    *columns, part = map(quoted, key.columns)
    *referenced, whole = map(quoted, key.referenced)
    pairs = zip(referenced, columns, strict=True)
    match = " AND ".join(f"r.{there} = c.{here}" for there, here in pairs)
    return _COVERED.substitute(parent=_only(key.parent), match=match or "true", whole=whole, part=part)
