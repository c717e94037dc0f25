"""What a probe has the server do, and how what is heard then becomes evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.probe import Query, Statement, Transaction
from pytest_deploycheck.probes.pipeline import Batch, Heard, last, told
from pytest_deploycheck.probes.session import BACK, ENDING, SAVE, Connection, beginning, ending_word


@dataclass(frozen=True, slots=True)
class Order:
    """Commands of one probe, from BEGIN to ROLLBACK; `read` has what each batch was answered.

    `patience` is in seconds: how long the server itself may take for all of it.
    """

    batches: tuple[Batch, ...]
    patience: float
    read: Callable[[Sequence[Heard]], Rows | Answers | Silence]


def order(connection: Connection, probe: Query | Transaction) -> Order:
    """Return what to send for a probe: nothing, if it would leave its transaction.

    Raises:
        psycopg.Error, UnicodeError: if a parameter is no value for SQL.
    """
    if word := _ending(probe):
        reason = f"not sent: a statement may not begin with {word}, its transaction is rolled back"
        return Order((), 0.0, lambda _: Silence(reason))
    return _query(connection, probe) if isinstance(probe, Query) else _transaction(connection, probe)


def _query(connection: Connection, query: Query) -> Order:
    statement = _text(connection, query.sql, query.parameters)
    return Order(((*beginning(query.timeout), statement), ENDING), query.timeout, _rows)


def _rows(heard: Sequence[Heard]) -> Rows | Silence:
    answer = last(heard[0])
    return Silence(told(answer)) if isinstance(answer, Refused) else answer


def _transaction(connection: Connection, transaction: Transaction) -> Order:
    statements = tuple((BACK, _statement(connection, each)) for each in transaction.statements)
    patience = transaction.timeout * len(statements)
    return Order((_opening(connection, transaction), *statements, ENDING), patience, _each)


def _each(heard: Sequence[Heard]) -> Answers | Silence:
    begun, *answers, _ = heard
    if isinstance(refused := last(begun), Refused):
        return Silence(told(refused))
    return Answers(tuple(map(last, answers)))


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
