"""What each tool says of a database: texts, one for each finding, so that new ones can be told from old."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.declared import Declared
from pytest_deploycheck.catalog.lints.lint import Blind, Finding, Level, Lint
from pytest_deploycheck.catalog.lints.registry import LINTS
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Answers, Refused, Rows
from pytest_deploycheck.model.probe import Snapshot, Statement, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database

READER = "gate_rows"
DECLARED = Declared(
    schemas=("public",),
    internal=("private",),
    tenant_columns=("client_id", "public.clients.id"),
)
USAGE = frozenset({"unused_index", "table_bloat"})
"""Lints of splinter that say how a database was used, not how it is made: new indexes are not used yet."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool, and what it finds in the database now."""

    name: str
    find: Callable[[], frozenset[str]]


class BrokeError(Exception):
    """A tool did not do what it is asked for."""


def catalog_of(url: str) -> Catalog:
    """The catalog, as the gate reads it."""
    with closing(Database(Secret(url), run_id="bench", reader=READER)) as database:
        return _catalog(database)


def ours(url: str) -> Contender:
    """Our lints: errors and warnings, those that ask the tables too."""

    def find() -> frozenset[str]:
        with closing(Database(Secret(url), run_id="bench", reader=READER)) as database:
            case = Case(_catalog(database), DECLARED)
            return frozenset(
                f"{lint.id} {one.object}"
                for lint in LINTS
                if lint.level > Level.INFO
                for one in (*lint.look(case), *_asked(lint, case, database))
                if isinstance(one, Finding)
            )

    return Contender("lints", find)


def _catalog(database: Database) -> Catalog:
    seen = database.send(Snapshot())
    if not isinstance(seen, Catalog):
        raise BrokeError(str(seen))
    return seen


def _asked(lint: Lint, case: Case, database: Database) -> Iterable[Finding | Blind]:
    if lint.ask is None:
        return ()
    asking = lint.ask(case)
    try:
        statement = next(asking)
        while True:
            statement = asking.send(_answer(statement, database))
    except StopIteration as end:
        found: Iterable[Finding | Blind] = end.value
        return found


def _answer(statement: Statement, database: Database) -> Rows | Refused:
    settings = (("row_security", "off"),)
    seen = database.send(Transaction(statements=(statement,), role=READER, settings=settings))
    if not isinstance(seen, Answers):
        raise BrokeError(str(seen))
    return seen.answers[0]


def splinter(admin: str, script: Path) -> Contender:
    """Splinter's one query, with the API's schemas told to it; without them nine of its lints are silent."""
    text = script.read_text(encoding="utf-8")

    def find() -> frozenset[str]:
        with psycopg.connect(admin) as connection:
            connection.execute("set local pgrst.db_schemas = 'public'")
            cursor = connection.execute(text.encode())
            while cursor.description is None and cursor.nextset():
                pass
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            connection.rollback()
        return frozenset(str(row["cache_key"]) for row in rows if row["name"] not in USAGE)

    return Contender("splinter", find)


def pgrls(url: str, command: str) -> Contender:
    """`pgrls lint`, all of its severities."""

    def find() -> frozenset[str]:
        done = subprocess.run(
            [command, "lint", "--schemas", "public,private", "--format", "json"],
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise BrokeError(done.stderr)
        violations = json.loads(done.stdout)["violations"]
        return frozenset(f"{one['rule_id']} {one['location']}" for one in violations)

    return Contender("pgrls", find)
