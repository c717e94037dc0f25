"""xdist: a worker's gates, which ask the controller's conductors, and what the controller answers."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.run import Record, from_json, to_json
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.run.desk import Address, Desk, Line
from pytest_deploycheck.safety.budget import BudgetSpentError
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.session import Conductor, load_contract


def desk(conductors: Mapping[Path, Conductor]) -> Desk:
    """In the controller: where its workers ask."""
    return Desk(Answers(conductors).methods)


def worker_input(desk: Desk, run_id: str) -> dict[str, str]:
    """What a worker is told: plain data, as xdist wants it."""
    return {"socket": desk.address.socket, "key": desk.address.key, "run_id": run_id}


def gates(
    told: Mapping[str, str], conductors: Mapping[Path, Conductor], redactor: Redactor
) -> "dict[Path, RemoteGate]":
    """In a worker: its gates, by contract file; `conductors` hold what this process loaded."""
    line = Line(Address(told["socket"], told["key"]))
    return {path: RemoteGate(line, conductor, redactor) for path, conductor in conductors.items()}


class RemoteGate:
    """In an xdist worker: asks the controller's conductor."""

    def __init__(self, line: Line, here: Conductor, redactor: Redactor) -> None:
        """Ask through `line`; `here` holds the contract as this process loaded it, and conducts nothing."""
        self._line = line
        self.planned = here.contract
        self._variables = here.known_variables
        self._redactor = redactor
        self.interrupted = False  # the controller is

    @cached_property
    def _key(self) -> str:
        return str(self.planned.path)

    @cached_property
    def contract(self) -> Contract:
        """The contract, complete with what the started deployment told."""
        if not self.planned.pending:
            return self.planned
        told = self._line.ask("variables", self._key, sorted(self.planned.pending))
        contract = load_contract(
            self.planned.path, self.planned.environment.name, {**self._variables, **told}
        )
        self._redactor.add(*(secret.reveal() for _, secret in contract.secrets))
        return contract

    @cached_property
    def cause(self) -> str:
        """Why nothing may be sent, or nothing."""
        return str(self._line.ask("cause", self._key))

    def record_of(self, check_id: str) -> Record:
        """The outcome of a declared check."""
        return from_json(self._line.ask("record", self._key, check_id))

    def credentials(self, identity: str) -> Credentials | Withheld:
        """What an identity sends; the login is the controller's."""
        told = self._line.ask("credentials", self._key, identity)
        if "withheld" in told:
            return Withheld(told["withheld"])
        self._redactor.add(*(value for _, value in told["headers"]), *filter(None, [told["token"]]))
        return Credentials(
            headers=tuple((name, Secret(value)) for name, value in told["headers"]),
            token=Secret(told["token"]) if told["token"] else None,
            claims=told["claims"],
        )

    def take(self, spend: Spend) -> None:
        """Book requests from the budget that all workers share."""
        if refused := self._line.ask("take", self._key, spend.requests, spend.writes, spend.queries):
            raise BudgetSpentError(refused)


class Answers:
    """What the controller answers its workers, as JSON values."""

    def __init__(self, conductors: Mapping[Path, Conductor]) -> None:
        self._conductors = {str(path): conductor for path, conductor in conductors.items()}

    @property
    def methods(self) -> dict[str, Any]:
        """The questions that may be asked."""
        return {name: getattr(self, name) for name in ("variables", "cause", "record", "credentials", "take")}

    def variables(self, key: str, names: list[str]) -> dict[str, str]:
        """The variables that the started deployment told."""
        known = self._conductors[key].variables
        return {name: known[name] for name in names if name in known}

    def cause(self, key: str) -> str:
        """Why nothing may be sent."""
        return self._conductors[key].cause

    def record(self, key: str, check_id: str) -> dict[str, Any]:
        """The outcome of a declared check."""
        return to_json(self._conductors[key].record_of(check_id))

    def credentials(self, key: str, identity: str) -> dict[str, Any]:
        """What an identity sends."""
        got = self._conductors[key].credentials(identity)
        if isinstance(got, Withheld):
            return {"withheld": got.reason}
        return {
            "headers": [[name, value.reveal()] for name, value in got.headers],
            "token": got.token.reveal() if got.token else None,
            "claims": dict(got.claims),
        }

    def take(self, key: str, requests: int, writes: int, queries: int) -> str:
        """Book requests; why not, if not."""
        try:
            self._conductors[key].take(Spend(requests, writes, queries))
        except BudgetSpentError as error:
            return str(error)
        return ""
