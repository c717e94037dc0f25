"""Many commands in one round trip: PostgreSQL's pipeline (libpq, 34.5), read without waiting in between.

psycopg's own pipeline waits at each synchronisation point, and savepoints need one after every statement.
"""

import selectors
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import psycopg
from psycopg import abc, pq
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGconn, PGresult

from pytest_deploycheck.model.evidence import Refused, Rows

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

Batch: TypeAlias = Sequence[bytes]
"""Commands up to a synchronisation point: after one that fails, the others of its batch are skipped."""

Heard: TypeAlias = tuple[Rows | Refused, ...]
"""What the commands of a batch were answered; it ends with the first that was refused."""

GRACE = 10.0
"""Seconds beyond the server's own timeouts after which nothing is expected any more."""

_NOTHING = Rows((), ())
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def exchange(connection: Connection, batches: Iterable[Batch], *, timeout: float) -> list[Heard]:
    """Send all commands of all batches at once; return what each batch was answered.

    `timeout` is in seconds, for all of it: the server's own timeouts should come first. The connection is
    closed if it can't be used any more.

    Raises:
        psycopg.OperationalError: if the connection is lost or silent.
    """
    return list(exchanging(connection, batches, timeout=timeout))


def exchanging(connection: Connection, batches: Iterable[Batch], *, timeout: float) -> Iterator[Heard]:
    """Like `exchange`, and yield what a batch was answered as soon as it was; to be read to its end."""
    wire = connection.pgconn
    try:
        wire.enter_pipeline_mode()
        awaited = 0
        for batch in batches:
            for command in batch:
                wire.send_query_params(command, None)
            wire.pipeline_sync()
            awaited += 1
        yield from _batches(connection, _results(wire, awaited, timeout))
        wire.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise


def last(heard: Heard) -> Rows | Refused:
    """The answer to the last command of a batch that was not skipped."""
    return heard[-1]


def told(refused: Refused) -> str:
    """What the server said instead of an answer."""
    return f"{refused.message} (SQLSTATE {refused.sqlstate})"


def _batches(connection: Connection, results: Iterable[PGresult]) -> Iterator[Heard]:
    transformer = Transformer(connection)
    batch: list[Rows | Refused] = []
    for result in results:
        match result.status:
            case pq.ExecStatus.PIPELINE_SYNC:
                yield tuple(batch)
                batch = []
            case pq.ExecStatus.TUPLES_OK:
                batch.append(_rows(result, transformer))
            case pq.ExecStatus.COMMAND_OK | pq.ExecStatus.EMPTY_QUERY:
                batch.append(_NOTHING)
            case pq.ExecStatus.FATAL_ERROR:
                batch.append(_refused(result))
            case pq.ExecStatus.PIPELINE_ABORTED:
                pass
            case status:
                raise psycopg.NotSupportedError(f"a statement that answers with {pq.ExecStatus(status).name}")


def _results(wire: PGconn, awaited: int, timeout: float) -> Iterator[PGresult]:
    """Yield results until as many synchronisation points have passed as are awaited."""
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        selector.register(wire.socket, _READ | _WRITE)
        while awaited:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise psycopg.OperationalError(f"no answer within {timeout:g} s")
            _move(wire, selector, ready[0][1])
            for result in _arrived(wire):
                awaited -= result.status == pq.ExecStatus.PIPELINE_SYNC
                yield result


def _move(wire: PGconn, selector: selectors.BaseSelector, ready: int) -> None:
    """Send what is left to be sent, read what has come."""
    if ready & _WRITE and wire.flush() == 0:
        selector.modify(wire.socket, _READ)
    if ready & _READ:
        try:
            wire.consume_input()
        except psycopg.OperationalError as error:
            raise _last_words(wire) or error from None


def _arrived(wire: PGconn) -> Iterator[PGresult]:
    """Yield results that are complete; None stands between two commands, and again if there is no more."""
    ended = False
    while not wire.is_busy():
        result = wire.get_result()
        if result is not None:
            _raise_if_last(result)
            yield result
        elif ended:
            return
        ended = result is None


def _last_words(wire: PGconn) -> psycopg.OperationalError | None:
    try:
        for _ in _arrived(wire):
            pass
    except psycopg.OperationalError as error:
        return error
    return None


def _raise_if_last(result: PGresult) -> None:
    """A FATAL error ends the session; it says why, better than the closed socket will."""
    severity = result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED)
    if severity in {b"FATAL", b"PANIC"}:
        raise psycopg.OperationalError(told(_refused(result)))


def _rows(result: PGresult, transformer: abc.Transformer) -> Rows:
    transformer.set_pgresult(result)
    names = (result.fname(number) or b"" for number in range(result.nfields))
    rows = transformer.load_rows(0, result.ntuples, tuple)
    return Rows(tuple(name.decode() for name in names), tuple(rows))


def _refused(result: PGresult) -> Refused:
    state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
    message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message
    return Refused(state.decode(), " ".join(message.decode("utf-8", "replace").split()))
