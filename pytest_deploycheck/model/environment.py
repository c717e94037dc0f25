"""A named target, and how to reach it."""

from dataclasses import dataclass, field
from pathlib import Path

from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A command that starts the deployment and runs until it is stopped.

    It writes the variables named in `provides` to the dotenv file that the environment variable
    DEPLOYCHECK_PROVIDES names, once it is up. `timeout` is in seconds.
    """

    command: str
    cwd: Path
    provides: tuple[str, ...] = ()
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a system runs.

    `base_url` ends without a slash. `replicas` are base URLs of single instances, where they can be
    reached. `ca` is a PEM file of trust anchors beside the system's. `timeout` is in seconds, for one
    exchange. `database_reader` is a role that sees every row, which the database's login may become.
    `headers` go with every request to the environment's own origin. `database_variables` are the variables
    that `database` came from.
    """

    name: str
    place: Place
    base_url: str
    database: Secret | None = None
    database_reader: str | None = None
    database_variables: tuple[str, ...] = ()
    protected: bool = False
    replicas: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    ca: Path | None = None
    timeout: float = 10.0
    budget: Budget = field(default_factory=Budget)
    start: Start | None = None
