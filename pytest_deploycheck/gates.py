"""What stands between a test and its deployment: the conductor, here or in the xdist controller."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from pytest_deploycheck.discover import nearest
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.safety.redact import Redactor


class InconclusiveError(Exception):
    """A check or test could not be decided; the message says why."""


class Gate(Protocol):
    """The way of a test to its deployment."""

    @property
    def contract(self) -> Contract:
        """The contract; complete once the deployment is open."""

    @property
    def planned(self) -> Contract:
        """The contract as far as it is known before anything was started; its checks have their names."""

    @property
    def cause(self) -> str:
        """Why nothing may be sent, or nothing. Waits until the deployment was prepared."""

    @property
    def interrupted(self) -> bool:
        """Whether a check was interrupted that has an outcome nevertheless."""

    def record_of(self, check_id: str) -> Record:
        """The outcome of a declared check."""

    def credentials(self, identity: str) -> Credentials | Withheld:
        """What an identity sends."""

    def take(self, spend: Spend) -> None:
        """Book requests. Raises BudgetSpentError."""


class Gates:
    """The gates of a pytest session, by contract file."""

    def __init__(self, gates: Mapping[Path, Gate], settings: Settings, redactor: Redactor) -> None:
        self.by_path = gates
        self.settings = settings
        self.redactor = redactor

    def over(self, path: Path) -> Gate | None:
        """The gate of the contract nearest above `path`."""
        contract = nearest(path)
        return self.by_path.get(contract) if contract else None


GATES = pytest.StashKey[Gates]()
