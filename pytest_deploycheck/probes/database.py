"""One read-only session: every statement in a transaction of its own, under timeouts, nothing left behind.

Settings are local to the transaction, because a pooler hands a session's settings to its next client, and
none goes into the startup packet, because poolers refuse that.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence, Structure
from pytest_deploycheck.model.probe import Query, Snapshot, Statement, Transaction
from pytest_deploycheck.model.secret import Secret

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_LOCK_SHARE = 0.5
"""Of the statement's time, how much may be spent waiting for a lock: the statement must not queue long."""

_GUARD = """
SELECT pg_catalog.set_config('statement_timeout', %(statement)s, true),
       pg_catalog.set_config('lock_timeout', %(lock)s, true),
       pg_catalog.set_config('idle_in_transaction_session_timeout', %(idle)s, true)
"""

_IDLE = 60.0
"""Seconds that a transaction may stay open without a statement."""


def connect(url: Secret, run_id: str, timeout: float = 10.0) -> Connection | str:
    """Return a session whose transactions are read-only and see one state, or why there is none.

    Its first transaction has begun and is under timeouts; a later one is not, because what a session
    sets for itself would reach the next client of a pooler. `timeout` is in seconds.
    """
    try:
        connection = _opened(url, run_id, timeout)
        _limit(connection, timeout)
    except psycopg.Error as error:
        return said(error, url)
    return connection


def _opened(url: Secret, run_id: str, timeout: float) -> Connection:
    given = conninfo_to_dict(url.reveal())
    connection = psycopg.connect(
        url.reveal(),
        application_name=f"pytest-deploycheck/{run_id}",
        connect_timeout=max(2, round(timeout)),
        prepare_threshold=None,
        options=given.get("options") or "",  # not those of PGOPTIONS
    )
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def _limit(connection: Connection, timeout: float) -> None:
    limits = {"statement": timeout, "lock": timeout * _LOCK_SHARE, "idle": _IDLE}
    texts = {name: f"{max(1, round(seconds * 1000))}ms" for name, seconds in limits.items()}
    connection.execute(_GUARD, texts)


@contextmanager
def _guarded(connection: Connection, timeout: float) -> Iterator[Connection]:
    """A transaction with timeouts, rolled back at its end. `timeout` is in seconds, for one statement."""
    with connection.transaction(force_rollback=True):
        _limit(connection, timeout)
        yield connection


class Database:
    """Sends queries over one connection, opened when first needed. Safe to use from several threads."""

    def __init__(self, url: Secret, *, run_id: str, timeout: float = 10.0) -> None:
        self._url = url
        self._run_id = run_id
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def send(self, probe: Query | Snapshot | Transaction) -> Rows | Answers | Structure | Silence:
        """Return what the database answers to `probe`, or why it does not."""
        began = time.monotonic()
        with self._lock:
            try:
                match probe:
                    case Query():
                        return self._rows(probe)
                    case Transaction():
                        return self._answers(probe)
                    case Snapshot():
                        return Silence("the catalog is not read yet")
            except psycopg.Error as error:
                return Silence(said(error, self._url), time.monotonic() - began)
            finally:
                self._forget_broken()

    def close(self) -> None:
        """End the session."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _rows(self, query: Query) -> Rows:
        if self._connection is None:
            self._connection = _opened(self._url, self._run_id, self._timeout)
        with _guarded(self._connection, query.timeout) as connection:
            cursor = connection.execute(query.sql, query.parameters or None)
            if cursor.description is None:
                return Rows((), ())
            return Rows(tuple(column.name for column in cursor.description), tuple(cursor.fetchall()))

    def _answers(self, transaction: Transaction) -> Answers:
        if self._connection is None:
            self._connection = _opened(self._url, self._run_id, self._timeout)
        with _guarded(self._connection, transaction.timeout) as connection:
            for name, value in transaction.settings:
                connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
            if transaction.role is not None:
                connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(transaction.role)))
            return Answers(tuple(_answer(connection, statement) for statement in transaction.statements))

    def _forget_broken(self) -> None:
        """Let the next query open a new connection where this one was lost."""
        if self._connection is not None and self._connection.closed:
            self._connection = None


def _answer(connection: Connection, statement: Statement) -> Rows | Refused:
    try:
        with connection.transaction(force_rollback=True):
            cursor = connection.execute(statement.sql, statement.parameters or None)
            rows = tuple(cursor.fetchall()) if cursor.description else ()
            return Rows(tuple(column.name for column in cursor.description or ()), rows)
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise
        return Refused(error.sqlstate, error.diag.message_primary or "")


def said(error: psycopg.Error, url: Secret) -> str:
    """Return what an error says, on one line, without anything that lets one in."""
    if error.sqlstate:
        return f"{error.diag.message_primary or type(error).__name__} (SQLSTATE {error.sqlstate})"
    if isinstance(error, psycopg.ProgrammingError):
        return "the database URL cannot be read"  # libpq quotes it
    text = " ".join(str(error).split())
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return text or type(error).__name__


def _secrets(url: Secret) -> Iterator[str]:
    yield url.reveal()
    try:
        password = conninfo_to_dict(url.reveal()).get("password")
    except psycopg.ProgrammingError:
        return
    if password:
        yield str(password)
