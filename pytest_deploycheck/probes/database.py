"""Asks the database over one connection: each probe a transaction of its own, in one round trip."""

import threading
import time
from typing import TypeAlias

import psycopg
from psycopg import sql

from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence, Structure
from pytest_deploycheck.model.probe import Query, Snapshot, Statement, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.encryption import Tls
from pytest_deploycheck.probes.pipeline import GRACE, Batch, exchange, last, told
from pytest_deploycheck.probes.session import (
    BACK,
    ENDING,
    SAVE,
    Connection,
    NoSessionError,
    beginning,
    connect,
    ending_word,
    opened,
    said,
)

__all__ = ["Database", "connect"]

_AS_GIVEN = Tls()

Seen: TypeAlias = Rows | Answers | Structure | Silence


class Database:
    """Sends probes over one connection, opened when first needed. Safe to use from several threads.

    `timeout` is in seconds, for connecting and for each query of a snapshot. `reader` is a role that sees
    every row: what stands in tables is read as it. `source` says where the
    contract has `url` from: told where it leads nowhere.
    """

    def __init__(
        self,
        url: Secret,
        *,
        run_id: str,
        timeout: float = 10.0,
        reader: str | None = None,
        tls: Tls = _AS_GIVEN,
    ) -> None:
        self._url = url
        self._tls = tls
        self._run_id = run_id
        self._timeout = timeout
        self._reader = reader
        self.source = ""
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._snapshot: Seen | None = None

    def send(self, probe: Query | Snapshot | Transaction) -> Seen:
        """Return what the database answers to `probe`, or why it does not."""
        began = time.monotonic()
        with self._lock:
            try:
                seen = self._seen(probe)
            finally:
                self._forget_broken()
        if isinstance(seen, Silence):
            return Silence(seen.reason, time.monotonic() - began)
        return seen

    def close(self) -> None:
        """End the session."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _seen(self, probe: Query | Snapshot | Transaction) -> Seen:
        """Read the catalog once: whoever asks again is told the same, also that there was no answer."""
        if not isinstance(probe, Snapshot):
            return self._tried(probe)
        if self._snapshot is None:
            self._snapshot = self._tried(probe)
        return self._snapshot

    def _tried(self, probe: Query | Snapshot | Transaction) -> Seen:
        if not isinstance(probe, Snapshot) and (word := _ending(probe)):
            return Silence(f"not sent: a statement may not begin with {word}, its transaction is rolled back")
        try:
            match probe:
                case Query():
                    return self._rows(probe)
                case Transaction():
                    return self._answers(probe)
                case Snapshot():
                    return self._catalog()
        except (NoSessionError, UnicodeError) as error:
            return Silence(f"{error}{self._whence()}")
        except psycopg.Error as error:
            return Silence(f"{said(error, self._url)}{self._whence()}")

    def _whence(self) -> str:
        """Where the address came from, while there is no connection."""
        return f" (`database` is {self.source})" if self.source and self._connection is None else ""

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = opened(self._url, self._run_id, self._timeout, self._tls)
        return self._connection

    def _forget_broken(self) -> None:
        """Let the next probe open a new connection where this one was lost."""
        if self._connection is not None and self._connection.closed:
            self._connection = None

    def _rows(self, query: Query) -> Rows | Silence:
        connection = self._open()
        statement = _text(connection, query.sql, query.parameters)
        batches = [(*beginning(query.timeout), statement), ENDING]
        answer = last(exchange(connection, batches, timeout=query.timeout + GRACE)[0])
        return Silence(told(answer)) if isinstance(answer, Refused) else answer

    def _answers(self, transaction: Transaction) -> Answers | Silence:
        connection = self._open()
        statements = [(BACK, _statement(connection, each)) for each in transaction.statements]
        batches: list[Batch] = [_opening(connection, transaction), *statements, ENDING]
        patience = transaction.timeout * len(statements) + GRACE
        begun, *answers, _ = exchange(connection, batches, timeout=patience)
        if isinstance(refused := last(begun), Refused):
            return Silence(told(refused))
        return Answers(tuple(map(last, answers)))

    def _catalog(self) -> Structure | Silence:
        from pytest_deploycheck.probes.snapshot import read  # the words of a catalog: 25 ms

        found = read(self._open(), timeout=self._timeout, reader=self._reader)
        return Silence(told(found)) if isinstance(found, Refused) else found


def _ending(probe: Query | Transaction) -> str | None:
    texts = [probe.sql] if isinstance(probe, Query) else [each.sql for each in probe.statements]
    return next(filter(None, map(ending_word, texts)), None)


def _opening(connection: Connection, transaction: Transaction) -> Batch:
    settings = (
        _text(connection, "SELECT pg_catalog.set_config(%s, %s, true)", pair) for pair in transaction.settings
    )
    role = (
        (sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(transaction.role)).as_bytes(connection),)
        if transaction.role is not None
        else ()
    )
    begin = beginning(transaction.timeout, writes=transaction.writes)
    return (*begin, *role, *settings, SAVE)


def _statement(connection: Connection, statement: Statement) -> bytes:
    return _text(connection, statement.sql, statement.parameters)


def _text(connection: Connection, statement: str, parameters: tuple[object, ...]) -> bytes:
    """The statement with its parameters as literals, so that sending it takes no round trip of its own."""
    if not parameters:
        return statement.encode()
    return psycopg.ClientCursor(connection).mogrify(statement, parameters).encode()
