"""What the fixtures hand to Python tests of the environment's database: a session, and its catalog."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_deploycheck.gates import GATES, Gate, InconclusiveError
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Silence
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import connect
from pytest_deploycheck.probes.encryption import Tls
from pytest_deploycheck.probes.target import database_of
from pytest_deploycheck.safety.budget import BudgetSpentError

if TYPE_CHECKING:
    import psycopg

_TAKEN = pytest.StashKey[dict[str, Catalog | Silence]]()
"""The catalogs that this process has read, by the path of the contract."""


@contextmanager
def database_connection(
    gate: Gate, request: pytest.FixtureRequest
) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
    """A read-only connection for a test, closed after it."""
    environment = gate.contract.environment
    run_id = request.config.stash[GATES].settings.run_id
    connection = connect(_url(environment), run_id, environment.timeout, _tls(environment))
    if isinstance(connection, str):
        raise InconclusiveError(connection)
    with connection:
        yield connection


def catalog(gate: Gate, request: pytest.FixtureRequest) -> Catalog:
    """The catalog of the environment's database, read once in this process.

    Raises:
        InconclusiveError: if there is no database, no answer, or no budget.
    """
    taken = request.config.stash.setdefault(_TAKEN, {})
    key = str(gate.contract.path)
    if key not in taken:
        taken[key] = _read(gate, request.config.stash[GATES].settings.run_id)
    seen = taken[key]
    if isinstance(seen, Silence):
        raise InconclusiveError(f"the database did not answer: {seen.reason}")
    return seen


def _read(gate: Gate, run_id: str) -> Catalog | Silence:
    environment = gate.contract.environment
    database = database_of(environment, run_id)
    if database is None:
        raise InconclusiveError(_missing(environment))
    try:
        gate.take(Spend(queries=1))
    except BudgetSpentError as error:
        raise InconclusiveError(str(error)) from None
    try:
        seen = database.send(Snapshot())
    finally:
        database.close()
    if not isinstance(seen, Catalog | Silence):
        raise TypeError("a database answers Snapshot with a catalog")
    return seen


def _url(environment: Environment) -> Secret:
    if environment.database is None:
        raise InconclusiveError(_missing(environment))
    return environment.database


def _missing(environment: Environment) -> str:
    return f"environment {environment.name} has no `database`"


def _tls(environment: Environment) -> Tls:
    return Tls(protected=environment.protected, ca=environment.ca)
