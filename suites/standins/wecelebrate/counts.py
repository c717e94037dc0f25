"""How many rows the tables had when the stand-in started, in the format of `deploycheck counts`."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

TABLES = "select tablename::text from pg_tables where schemaname = 'public' order by 1"


def write(database: str, path: Path) -> None:
    """Count every table and write it down."""
    lines = [
        "format: deploycheck-counts/1",
        "environment: local",
        "database: postgres",
        f'at: "{datetime.now(UTC).isoformat(timespec="seconds")}"',
        "tables:",
    ]
    with psycopg.connect(database) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            counted = sql.SQL("select count(*) from {}").format(sql.Identifier("public", table))
            row = connection.execute(counted).fetchone()
            assert row is not None
            lines.append(f"  public.{table}: {row[0]}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
