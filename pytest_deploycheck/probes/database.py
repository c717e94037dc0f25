"""Asks the database over one connection: each probe a transaction of its own, in one round trip."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import psycopg

from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence, Structure
from pytest_deploycheck.model.probe import Query, Snapshot, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.encryption import Tls
from pytest_deploycheck.probes.orders import Order, order
from pytest_deploycheck.probes.pipeline import GRACE, exchanging, told
from pytest_deploycheck.probes.session import Connection, NoSessionError, connect, opened, said
from pytest_deploycheck.probes.turns import Turns

__all__ = ["Database", "connect"]

_AS_GIVEN = Tls()

Asked: TypeAlias = Query | Snapshot | Transaction

Seen: TypeAlias = Rows | Answers | Structure | Silence

_TROUBLE = (NoSessionError, UnicodeError, psycopg.Error)


class Database:
    """Sends probes over one connection, opened when first needed. Safe to use from several threads.

    `timeout` is in seconds, for connecting and for each query of a snapshot. `reader` is a role that sees
    every row: what stands in tables is read as it. Reads that wait for the connection at the same time share
    a round trip, not a transaction. `source` says where the contract has `url` from: told where it leads
    nowhere.
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
        self._turns: Turns[Asked, Seen] = Turns(self._answers, joins=_joins)
        self._connection: Connection | None = None
        self._snapshot: Seen | None = None

    def send(self, probe: Asked) -> Seen:
        """Return what the database answers to `probe`, or why it does not."""
        began = time.monotonic()
        seen = self._turns.ask(probe)
        if isinstance(seen, Silence):
            return Silence(seen.reason, time.monotonic() - began)
        return seen

    @property
    def waiting(self) -> int:
        """How many probes wait for the connection."""
        return self._turns.waiting

    def close(self) -> None:
        """End the session."""
        self._turns.alone(self._close)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answers(self, probes: Sequence[Asked]) -> Iterator[Seen]:
        """Answer each; where the connection is lost under one, those after it have a new connection."""
        left = deque(probes)
        while left:
            try:
                for seen in self._round(tuple(left)):
                    left.popleft()
                    yield seen
            except _TROUBLE as error:
                left.popleft()
                yield self._silence(error)

    def _round(self, probes: Sequence[Asked]) -> Iterator[Seen]:
        if isinstance(probes[0], Snapshot):
            return iter((self._structure(),))
        return self._exchanged([each for each in probes if not isinstance(each, Snapshot)])

    def _exchanged(self, probes: Sequence[Query | Transaction]) -> Iterator[Seen]:
        """Answer probes in one round trip, each as soon as its own answers are here."""
        connection = self._open()
        orders = [self._order(connection, each) for each in probes]
        batches = [batch for each in orders for batch in each.batches]
        patience = sum(each.patience for each in orders)
        heard = exchanging(connection, batches, timeout=patience + GRACE)
        for each in orders[:-1]:
            yield each.read(tuple(islice(heard, len(each.batches))))
        yield orders[-1].read(tuple(heard))

    def _order(self, connection: Connection, probe: Query | Transaction) -> Order:
        try:
            return order(connection, probe)
        except (UnicodeError, psycopg.Error) as error:
            silence = self._silence(error)
            return Order((), 0.0, lambda _: silence)

    def _structure(self) -> Seen:
        """Read the catalog once: whoever asks again is told the same, also that there was no answer."""
        if self._snapshot is None:
            try:
                self._snapshot = self._catalog()
            except _TROUBLE as error:
                self._snapshot = self._silence(error)
        return self._snapshot

    def _catalog(self) -> Structure | Silence:
        from pytest_deploycheck.probes.snapshot import read  # the words of a catalog: 25 ms

        found = read(self._open(), timeout=self._timeout, reader=self._reader)
        return Silence(told(found)) if isinstance(found, Refused) else found

    def _open(self) -> Connection:
        """The session, or a new one where it was lost."""
        if self._connection is None or self._connection.closed:
            self._connection = None
            self._connection = opened(self._url, self._run_id, self._timeout, self._tls)
        return self._connection

    def _silence(self, error: Exception) -> Silence:
        told = said(error, self._url) if isinstance(error, psycopg.Error) else str(error)
        return Silence(f"{told}{self._whence()}")

    def _whence(self) -> str:
        """Where the address came from, while there is no connection."""
        return f" (`database` is {self.source})" if self.source and self._connection is None else ""


def _joins(probe: Asked) -> bool:
    """Whether it may share a round trip: what writes, and the catalog, have one of their own."""
    return isinstance(probe, Query) or (isinstance(probe, Transaction) and not probe.writes)
