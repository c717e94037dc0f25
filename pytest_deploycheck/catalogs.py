"""The database of one environment, asked without a run."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_deploycheck import config
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.evidence import Silence
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.probes.start import Deployment, NotStartedError
from pytest_deploycheck.probes.target import database_of
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.session import load_contract


class NoCatalogError(Exception):
    """The database did not tell its catalog; the message says why, without secrets."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A catalog, and the secrets of the environment by their names: no output may hold them."""

    catalog: Catalog
    secrets: tuple[tuple[str, Secret], ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """The database of a contract's environment, and what its messages must go through."""

    contract: Contract
    database: Database
    redactor: Redactor


def look(path: Path, environment: str) -> Seen:
    """Return the catalog of a contract's environment; a deployment that a run would start is started for it.

    Raises:
        ContractErrors: for mistakes in the contract.
        NoCatalogError: if the database cannot be reached or read.
    """
    with reach(path, environment) as reached:
        seen = reached.database.send(Snapshot())
    if isinstance(seen, Catalog):
        return Seen(seen, reached.contract.secrets)
    reason = seen.reason if isinstance(seen, Silence) else "it told no catalog"
    told = f"the database of {environment} did not answer: {reason}"
    raise NoCatalogError(reached.redactor.clean(told))


@contextmanager
def reach(path: Path, environment: str) -> Iterator[Reached]:
    """Open the database of a contract's environment for a while, as `look` does.

    Raises:
        ContractErrors: for mistakes in the contract.
        NoCatalogError: if there is no database, or the deployment does not start.
    """
    variables = config.variables(path.parent, environment, os.environ)
    redactor = Redactor()
    with _ready(path, environment, variables, redactor) as contract:
        database = database_of(contract.environment, f"snapshot-{uuid.uuid4().hex[:8]}")
        if database is None:
            raise NoCatalogError(f"environment {environment} has no `database`")
        try:
            yield Reached(contract, database, redactor)
        finally:
            database.close()


@contextmanager
def _ready(
    path: Path, environment: str, variables: Mapping[str, str], redactor: Redactor
) -> Iterator[Contract]:
    """The contract with all variables; where the contract starts its deployment, that stands meanwhile."""
    contract = load_contract(path, environment, variables)
    start = contract.environment.start
    if start is None:
        yield _known(contract, redactor)
        return
    deployment = Deployment(start)
    try:
        told = {**variables, **deployment.variables()}
        contract = load_contract(path, environment, told)
        yield _known(contract, redactor)
    except NotStartedError as error:
        raise NoCatalogError(redactor.clean(f"the deployment did not start: {error}")) from error
    finally:
        deployment.stop()


def _known(contract: Contract, redactor: Redactor) -> Contract:
    redactor.add(*(secret.reveal() for _, secret in contract.secrets))
    return contract
