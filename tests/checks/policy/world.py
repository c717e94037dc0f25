"""Holds the conversations of the kind `policies` with a real database; tokens say what a test says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
import yaml
from pydantic import TypeAdapter

from pytest_deploycheck.checks import policies
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Answers, Claims, Evidence, Silence
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome
from pytest_deploycheck.model.probe import HttpRequest, Inspect, Probe, Query, Snapshot, Transaction
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.probes.once import Once
from pytest_deploycheck.run.pool import Pool
from tests.checks.contracts import LOGIN, PLACE
from tests.servers.parts import must_know


def identity(name: str, tenant: str, *roles: str) -> Identity:
    return Identity(name=name, place=PLACE, tenant=tenant, roles=roles, login=LOGIN)


def context(
    *people: Identity, reader: str | None = "reader", routes: tuple[Route, ...] = (), marker: str = "tenants"
) -> Context:
    return Context(
        marker=marker,
        folder=PLACE.path.parent,
        environment=Environment(name="x", place=PLACE, base_url="http://x", database_reader=reader),
        identities={each.name: each for each in people},
        place=lambda loc: PLACE,
        routes=routes,
    )


def checks(section: str | Mapping[str, Any], around: Context) -> tuple[Check, ...]:
    value = yaml.safe_load(section) if isinstance(section, str) else section
    return tuple(policies.checks(TypeAdapter(policies.Section).validate_python(value), around))


@dataclass(slots=True)
class World:
    """A database, and what the tokens of identities say. `admin` may change it, `login` is the gate's."""

    admin: str
    login: str
    claims: Mapping[str, Mapping[str, Any]]
    replies: Mapping[str, Evidence] = field(default_factory=dict)
    """Of HTTP, by request line and identity."""

    def outcomes(self, made: tuple[Check, ...], threads: int = 1) -> dict[str, Outcome]:
        """What each check concludes, by its title; they run on so many threads, as in a run."""
        database = Database(Secret(self.login), run_id="test", timeout=10.0)
        known: Once[Transaction, Evidence] = Once()
        pool: Pool[Outcome] = Pool(threads)
        try:
            jobs = pool.submit(partial(self._hold, check, database, known) for check in made)
            return {check.title: job.result() for check, job in zip(made, jobs, strict=True)}
        finally:
            pool.stop()
            database.close()

    def _hold(self, check: Check, database: Database, known: Once[Transaction, Evidence]) -> Outcome:
        steps = check.steps()
        queries = 0
        try:
            probes = next(steps)
            while True:
                queries += sum(len(each.statements) for each in probes if isinstance(each, Transaction))
                assert queries <= check.spend.queries
                probes = steps.send(tuple(self._send(each, database, known) for each in probes))
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome

    def _send(self, probe: Probe, database: Database, known: Once[Transaction, Evidence]) -> Evidence:
        match probe:
            case Inspect(identity=name):
                return Claims(self.claims[name])
            case HttpRequest():
                request = f"{probe.method} {probe.target} as {probe.identity}"
                return self.replies.get(request, Silence("nobody listens"))
            case Transaction(once=True):
                return known.ask(probe, lambda: database.send(probe), keep=_answered)[0]
            case Transaction() | Query() | Snapshot():
                return database.send(probe)
            case _:
                raise AssertionError(probe)

    @property
    def version(self) -> int:
        """server_version_num of the server (150018)."""
        with psycopg.connect(self.admin) as connection:
            return connection.info.server_version

    def execute(self, statements: str) -> None:
        with psycopg.connect(self.admin) as connection:
            must_know(statements, connection.info.server_version)
            connection.execute(statements.encode())

    @contextmanager
    def changed(self, do: str, undo: str) -> Iterator[None]:
        self.execute(do)
        try:
            yield
        finally:
            self.execute(undo)


def _answered(evidence: Evidence) -> bool:
    return isinstance(evidence, Answers)


def red(outcomes: Mapping[str, Outcome]) -> set[str]:
    return {title for title, outcome in outcomes.items() if isinstance(outcome, Failed)}


def undecided(outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    return {title: outcome.reason for title, outcome in outcomes.items() if isinstance(outcome, Inconclusive)}
