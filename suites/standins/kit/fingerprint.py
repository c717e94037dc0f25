"""What the database holds, in few characters: to compare before and after."""

import hashlib
from typing import Any

import psycopg
from psycopg import sql

TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by 1, 2
"""
SEQUENCES = """
select schemaname || '.' || sequencename, coalesce(last_value, 0) from pg_sequences order by 1
"""


def fingerprint(database: str, sessions: frozenset[str]) -> dict[str, Any]:
    """Return rows and digest of each table, the sequences, and a digest of all rows.

    Tables in `sessions` change with every login; they are shown, but don't count.
    """
    tables = {}
    sequences: dict[str, int] = {}
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for schema, name in connection.execute(TABLES).fetchall():
            tables[f"{schema}.{name}"] = _of_table(connection, schema, name)
        sequences.update(connection.execute(SEQUENCES).fetchall())
    counted = sorted((name, entry["digest"]) for name, entry in tables.items() if name not in sessions)
    rows = hashlib.sha256(repr(counted).encode()).hexdigest()
    return {"rows": rows, "tables": tables, "sequences": sequences}


def _of_table(connection: psycopg.Connection[Any], schema: str, name: str) -> dict[str, Any]:
    query = sql.SQL(
        "select count(*), coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') from {} t"
    ).format(sql.Identifier(schema, name))
    row = connection.execute(query).fetchone()
    assert row is not None
    return {"rows": row[0], "digest": row[1]}
