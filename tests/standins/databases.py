"""WeCelebrate's database without the application: its schema and rows, and checks that ask it."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Outcome
from pytest_deploycheck.model.probe import Probe, Query, Snapshot, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.run.converse import Transcript, converse
from pytest_deploycheck.safety.redact import Redactor
from suites.standins.kit.postgres import Postgres, launch
from suites.standins.wecelebrate import seed
from suites.standins.wecelebrate.deployment import READER, SUPERUSER
from tests.servers.parts import must_know

T = TypeVar("T")
PASSWORD = "the-gates-own-password"
ROWS = "gate_rows"
TENANTS = tuple(
    seed.Tenant(
        key,
        key.title(),
        tuple(seed.Person(f"{who}@{key}.example", "Aa1-x", role) for who, role in people),
    )
    for key, people in dict.fromkeys(("acme", "globex"), (("shopper", "member"), ("admin", "admin"))).items()
)


@dataclass(frozen=True)
class Wecelebrate:
    """A server with the database, filled."""

    postgres: Postgres

    @property
    def administrator(self) -> str:
        """Where a superuser logs in."""
        return self.postgres.local(SUPERUSER)

    def outcome(self, check: Check, elsewhere: Callable[[Probe], Evidence] | None = None) -> Outcome:
        """Hold the conversation of a check, with a session of its own; `elsewhere` answers other probes."""
        with self._sender(elsewhere) as send:
            return converse(check, send, Redactor()).outcome

    def hold(self, conversation: Generator[tuple[Probe, ...], tuple[Evidence, ...], T]) -> T:
        """Hold any conversation, with a session of its own."""
        with self._sender() as send:
            return Transcript(send, Redactor()).hold(conversation)

    @contextmanager
    def _sender(
        self, elsewhere: Callable[[Probe], Evidence] | None = None
    ) -> Iterator[Callable[[Probe], Evidence]]:
        url = Secret(self.postgres.url(READER, PASSWORD))
        database = Database(url, run_id="run7", reader=ROWS)

        def send(probe: Probe) -> Evidence:
            if isinstance(probe, Query | Snapshot | Transaction):
                return database.send(probe)
            assert elsewhere is not None, probe
            return elsewhere(probe)

        try:
            yield send
        finally:
            database.close()

    @contextmanager
    def changed(self, do: str, undo: str) -> Iterator[None]:
        """Change the database for a while; each text runs in a transaction of its own."""
        self.run(do)
        try:
            yield
        finally:
            self.run(undo)

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of a query, as the superuser."""
        with psycopg.connect(self.administrator) as connection:
            (row,) = connection.execute(query.encode()).fetchall()
        return row

    def run(self, statements: str) -> None:
        """Run statements as the superuser."""
        with psycopg.connect(self.administrator) as connection:
            must_know(statements, connection.info.server_version)
            connection.execute(statements.encode())


@contextmanager
def wecelebrate() -> Iterator[Wecelebrate]:
    """Start a server and fill it."""
    postgres = launch("wecelebrate-database", SUPERUSER)
    try:
        postgres.wait()
        seed.load(postgres.local(SUPERUSER), {READER: PASSWORD}, TENANTS)
        yield Wecelebrate(postgres)
    finally:
        postgres.stop()
