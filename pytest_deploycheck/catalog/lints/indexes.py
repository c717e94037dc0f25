"""Indexes that are missing, broken or there twice, and keys."""

from collections.abc import Iterator
from itertools import groupby

from pytest_deploycheck.catalog.lints.case import Case, of
from pytest_deploycheck.catalog.lints.lint import Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, quoted
from pytest_deploycheck.catalog.lints.names import qualified as sql
from pytest_deploycheck.model.relation import Constraint, Index, Name, Relation


def _unindexed(case: Case) -> Found:
    for table in case.own_tables:
        for key in table.constraints:
            if key.kind == "f" and not _is_inherited(case, table, key) and not _is_served(table, key):
                columns = ", ".join(map(quoted, key.columns))
                what = f"({columns}) references {key.references}, and no index begins with it"
                mend = f"CREATE INDEX CONCURRENTLY ON {sql(table.name)} ({columns});"
                yield Finding(of(table, key.name), what, mend)


def _is_inherited(case: Case, table: Relation, key: Constraint) -> bool:
    """Whether a partition only has it from its parent, where it is told once."""
    parent = case.relations.get(table.partition_of) if table.partition_of else None
    return parent is not None and any(
        one.kind == "f" and one.columns == key.columns and one.references == key.references
        for one in parent.constraints
    )


def _is_served(table: Relation, key: Constraint) -> bool:
    wanted = set(key.columns)
    return any(
        index.valid
        and index.ready
        and index.method in ("btree", "hash")
        and _covers_rows(index, key)
        and set(map(_plain, index.keys[: len(wanted)])) == wanted
        for index in table.indexes
    )


def _covers_rows(index: Index, key: Constraint) -> bool:
    """A partial index serves if it leaves out no more than the rows that reference nothing."""
    if index.predicate is None:
        return True
    words = index.predicate.replace("(", " ").replace(")", " ").split()
    clauses = " ".join(words).split(" AND ")
    return all(
        clause.endswith(" IS NOT NULL") and _plain(clause.removesuffix(" IS NOT NULL")) in key.columns
        for clause in clauses
    )


def _plain(key: str) -> str:
    """The column of a key, without its quotes."""
    return key[1:-1].replace('""', '"') if key.startswith('"') and key.endswith('"') else key


def _duplicate(case: Case) -> Found:
    for table in case.own_tables:
        if table.partition_of is not None:
            continue  # they follow their parent's
        alike = sorted(table.indexes, key=_shape)
        for _, group in groupby(alike, key=_shape):
            yield from _spare(table, sorted(group, key=_worth))


def _shape(index: Index) -> str:
    """What an index holds: its definition without its name, and without UNIQUE."""
    return index.definition.partition(" USING ")[2] or index.definition


def _worth(index: Index) -> tuple[bool, bool, bool, str]:
    return (not index.primary, not index.backs, not index.unique, index.name)


def _spare(table: Relation, alike: list[Index]) -> Iterator[Finding]:
    kept, *others = alike
    for index in others:
        what = f"holds the same as {kept.name}: every write pays for both"
        yield Finding(of(table, index.name), what, _drop(table, index))


def _drop(table: Relation, index: Index) -> str:
    if index.backs:
        return f"ALTER TABLE {sql(table.name)} DROP CONSTRAINT {quoted(index.backs)};"
    return f"DROP INDEX CONCURRENTLY {sql(Name(table.name.schema, index.name))};"


def _invalid(case: Case) -> Found:
    for relation in (
        *case.own_tables,
        *(view for view in case.of_kind("m") if view.name.schema in case.declared.own),
    ):
        for index in relation.indexes:
            states = [
                word for word, right in (("not valid", index.valid), ("not ready", index.ready)) if not right
            ]
            if states:
                idle = ", and it forbids nothing" if index.unique else ""
                what = f"is {listed(states)}: no query uses it{idle}"
                mend = f"REINDEX INDEX CONCURRENTLY {sql(Name(relation.name.schema, index.name))};"
                yield Finding(of(relation, index.name), what, mend)


def _no_primary_key(case: Case) -> Found:
    for table in case.own_tables:
        if table.partition_of is None and not _is_keyed(table):
            what = "has no primary key: rows can't be told apart, replicated or mended one by one"
            mend = f"ALTER TABLE {sql(table.name)} ADD PRIMARY KEY (...);"
            yield Finding(str(table.name), what, mend)


def _is_keyed(table: Relation) -> bool:
    """By a primary key, or by a unique index over columns that are never null."""
    required = {column.name for column in table.columns if column.not_null}
    return any(constraint.kind == "p" for constraint in table.constraints) or any(
        index.primary
        or (index.unique and index.predicate is None and set(map(_plain, index.keys)) <= required)
        for index in table.indexes
    )


def _unlogged(case: Case) -> Found:
    for table in case.own_tables:
        if table.persistence == "u":
            what = "is unlogged: it is empty after a crash, and on every replica"
            yield Finding(str(table.name), what, f"ALTER TABLE {sql(table.name)} SET LOGGED;")


LINTS = (
    Lint(
        id="foreign_key_unindexed",
        level=Level.WARNING,
        finds="a foreign key without an index that begins with its columns",
        why="every delete or change of the referenced row reads the whole table, under a lock",
        mend="CREATE INDEX CONCURRENTLY ON t (columns)",
        look=_unindexed,
    ),
    Lint(
        id="index_duplicate",
        level=Level.WARNING,
        finds="two indexes of one table that hold the same",
        why="every write pays for both, and no query gains",
        mend="DROP INDEX CONCURRENTLY i",
        look=_duplicate,
    ),
    Lint(
        id="index_invalid",
        level=Level.ERROR,
        finds="an index that is not valid or not ready",
        why="CREATE INDEX CONCURRENTLY failed on the way: no query uses it, every write pays for it",
        mend="REINDEX INDEX CONCURRENTLY i, or drop it and create it again",
        look=_invalid,
    ),
    Lint(
        id="primary_key_missing",
        level=Level.WARNING,
        finds="a table without a primary key, or another key that is never null",
        why="rows can't be told apart; logical replication refuses updates and deletes",
        mend="ALTER TABLE t ADD PRIMARY KEY (...)",
        look=_no_primary_key,
    ),
    Lint(
        id="table_unlogged",
        level=Level.WARNING,
        finds="a table that is not in the write-ahead log",
        why="it is emptied by a crash, and is not on any replica or in any point-in-time recovery",
        mend="ALTER TABLE t SET LOGGED",
        look=_unlogged,
    ),
)
