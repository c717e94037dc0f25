"""Sequences that run out, hand out what is taken, or can be set by anybody."""

from collections.abc import Iterable, Iterator

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.lint import Asking, Blind, Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import listed, qualified, quoted, shown
from pytest_deploycheck.model.catalog import Sequence
from pytest_deploycheck.model.evidence import Refused
from pytest_deploycheck.model.probe import Statement
from pytest_deploycheck.model.relation import PUBLIC, Name, Unknown

FULL = 0.8
"""The share of a sequence's numbers that may be used up."""
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
"""The largest number of a column's type (PostgreSQL 18, 8.1.1)."""

_PRIVILEGES = """
SELECT wanted.place,
       pg_catalog.has_schema_privilege(tables.relnamespace, 'USAGE')
         AND pg_catalog.has_column_privilege(tables.oid, wanted.col, 'SELECT'),
       pg_catalog.row_security_active(tables.oid),
       pg_catalog.has_schema_privilege(sequences.relnamespace, 'USAGE')
         AND pg_catalog.has_sequence_privilege(sequences.oid, 'SELECT')
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
     AS wanted (table_schema, table_name, col, sequence_schema, sequence_name, place)
JOIN pg_catalog.pg_namespace AS t ON t.nspname = wanted.table_schema
JOIN pg_catalog.pg_class AS tables ON tables.relnamespace = t.oid AND tables.relname = wanted.table_name
JOIN pg_catalog.pg_namespace AS s ON s.nspname = wanted.sequence_schema
JOIN pg_catalog.pg_class AS sequences
     ON sequences.relnamespace = s.oid AND sequences.relname = wanted.sequence_name
"""
"""What the reader may read, by oid: a name can't be resolved without USAGE on its schema."""


def _own(case: Case) -> Iterator[Sequence]:
    for sequence in case.catalog.sequences:
        if sequence.name.schema in case.declared.own and not sequence.extension:
            yield sequence


def _near_end(case: Case) -> Found:
    for sequence in _own(case):
        if sequence.cycle:
            continue
        if isinstance(sequence.last, Unknown):
            yield Blind(str(sequence.name), f"it may not be read: {sequence.last.reason}")
        elif sequence.last is not None and (used := _used(case, sequence, sequence.last)) >= FULL:
            what = f"has used {used:.0%} of its numbers ({sequence.last}{_limit(case, sequence)})"
            yield Finding(str(sequence.name), what, _widen(sequence))


def _end(case: Case, sequence: Sequence) -> int:
    """The last number that it can hand out and its column can hold."""
    if sequence.increment < 0:
        return sequence.minimum
    table = case.relations.get(sequence.table) if sequence.table else None
    column = table.column(sequence.column) if table else None
    return min(sequence.maximum, _LARGEST.get(column.type if column else "", sequence.maximum))


def _used(case: Case, sequence: Sequence, last: int) -> float:
    end = _end(case, sequence)
    begin = sequence.minimum if sequence.increment > 0 else sequence.maximum
    return (last - begin) / (end - begin) if end != begin else 1.0


def _limit(case: Case, sequence: Sequence) -> str:
    end = _end(case, sequence)
    return (
        f" of {end}"
        if sequence.maximum == end or not sequence.column
        else f", and {sequence.column} holds {end}"
    )


def _widen(sequence: Sequence) -> str:
    if sequence.table is None:
        return f"ALTER SEQUENCE {qualified(sequence.name)} AS bigint NO MAXVALUE;"
    return (
        f"ALTER TABLE {qualified(sequence.table)} ALTER COLUMN {quoted(sequence.column)} TYPE bigint; "
        f"ALTER SEQUENCE {qualified(sequence.name)} AS bigint;"
    )


def _behind(case: Case) -> Asking:
    """Ask for the highest number in each owner, then for the sequence's state."""
    owned = [(s, s.table) for s in _own(case) if s.table and s.table in case.relations and not s.cycle]
    if not owned:
        return ()
    privileges = yield Statement(sql=_PRIVILEGES, parameters=_names(owned), purpose="privileges")
    if isinstance(privileges, Refused):
        return (Blind("sequences", f"the privileges could not be read: {privileges.message}"),)
    told = {int(row[0]) - 1: row[1:] for row in privileges.rows}
    blind = [
        Blind(str(sequence.name), reason)
        for place, (sequence, table) in enumerate(owned)
        if (reason := _hidden(sequence, table, told.get(place)))
    ]
    hidden = {one.object for one in blind}
    readable = [sequence for sequence, _ in owned if str(sequence.name) not in hidden]
    if not readable:
        return tuple(blind)
    values = yield Statement(sql=" UNION ALL ".join(_values(readable)), purpose="highest numbers")
    if isinstance(values, Refused):
        reason = f"the tables could not be read: {values.message} (SQLSTATE {values.sqlstate})"
        return (*blind, Blind("sequences", reason))
    return (*blind, *_judged(readable, values.rows))


def _names(owned: list[tuple[Sequence, Name]]) -> tuple[list[str], ...]:
    return (
        [table.schema for _, table in owned],
        [table.name for _, table in owned],
        [sequence.column for sequence, _ in owned],
        [sequence.name.schema for sequence, _ in owned],
        [sequence.name.name for sequence, _ in owned],
    )


def _hidden(sequence: Sequence, table: Name, told: tuple[object, ...] | None) -> str:
    """Why the numbers can't be compared, and what would let the lint compare them."""
    if told is None:
        return "it was there a moment ago"
    table_readable, filtered, sequence_readable = told
    if not table_readable:
        return (
            f"{table} may not be read: GRANT SELECT ON {qualified(table)}, or `database_reader`, would decide"
        )
    if filtered:
        return f"policies hide rows of {table}: `database_reader`, a role with BYPASSRLS, would decide"
    if not sequence_readable:
        return f"it may not be read: GRANT SELECT ON SEQUENCE {qualified(sequence.name)} would decide"
    return ""


def _values(readable: list[Sequence]) -> Iterator[str]:
    for place, sequence in enumerate(readable):
        if sequence.table is not None:
            extreme = "max" if sequence.increment > 0 else "min"
            yield (
                f"SELECT {place}, (SELECT {extreme}({quoted(sequence.column)})"  # noqa: S608 - quoted
                f" FROM {qualified(sequence.table)}), last_value, is_called FROM {qualified(sequence.name)}"
            )


def _judged(readable: list[Sequence], rows: Iterable[tuple[object, ...]]) -> Iterator[Finding | Blind]:
    seen = set[int]()
    for place, extreme, last, called in rows:
        if not isinstance(place, int) or not isinstance(last, int):
            continue
        seen.add(place)
        sequence = readable[place]
        following = last + sequence.increment if called else last
        taken = extreme is not None and (int(str(extreme)) - following) * sequence.increment >= 0
        if taken and sequence.table is not None:
            what = f"hands out {following} next, and {sequence.table}.{sequence.column} has {extreme}"
            literal = qualified(sequence.name).replace("'", "''")
            yield Finding(str(sequence.name), what, f"SELECT setval('{literal}', {extreme});")
    yield from (Blind(str(s.name), "told nothing") for place, s in enumerate(readable) if place not in seen)


def _settable(case: Case) -> Found:
    for sequence in _own(case):
        roles = sorted(
            {grant.grantee for grant in sequence.grants if grant.privilege == "UPDATE"}
            & {PUBLIC, *case.declared.api_roles} - {sequence.owner}
        )
        if roles:
            names = ", ".join("PUBLIC" if role == PUBLIC else quoted(role) for role in roles)
            what = f"{listed([shown(role) for role in roles])} may set it to any number"
            mend = f"REVOKE UPDATE ON SEQUENCE {qualified(sequence.name)} FROM {names};"
            yield Finding(str(sequence.name), what, mend)


LINTS = (
    Lint(
        id="sequence_near_end",
        level=Level.ERROR,
        finds="a sequence that has used 80 % of the numbers that it, or its column, can hold",
        why="when they are used up every insert fails, and widening the column then takes hours",
        mend="ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER SEQUENCE s AS bigint",
        look=_near_end,
    ),
    Lint(
        id="sequence_behind",
        level=Level.ERROR,
        finds="a sequence that will hand out a number which its column already has",
        why="after a restore or an import the next inserts fail, or take a number twice",
        mend="SELECT setval('s', (SELECT max(id) FROM t))",
        ask=_behind,
        statements=2,
    ),
    Lint(
        id="sequence_settable",
        level=Level.WARNING,
        finds="a sequence on which an API role or PUBLIC has UPDATE",
        why="UPDATE is setval: anybody can make every insert fail; USAGE is enough for nextval",
        mend="REVOKE UPDATE ON SEQUENCE s FROM anon, authenticated",
        look=_settable,
    ),
)
