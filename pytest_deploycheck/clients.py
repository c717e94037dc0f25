"""What the fixtures hand to Python tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import pytest

from pytest_deploycheck.gates import GATES, Gate, InconclusiveError
from pytest_deploycheck.markers import WRITES
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.evidence import Mark, Withheld
from pytest_deploycheck.model.identity import Credentials, Identity
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.probe import NewMark
from pytest_deploycheck.probes.http import ClientFactory, IdentityClient
from pytest_deploycheck.probes.target import Around, Target, guard_of
from pytest_deploycheck.reach import CLEANUP
from pytest_deploycheck.run.cleanup import identify
from pytest_deploycheck.run.janitor import Janitor
from pytest_deploycheck.safety.budget import Allowance, BudgetSpentError
from pytest_deploycheck.safety.ledger import Entry, Ledger, folder_of


class UndeclaredWriteError(Exception):
    """A test sent a request that may change the deployment without having declared it."""


def open_gate(request: pytest.FixtureRequest) -> Gate:
    """The gate over a test, once its deployment may be asked.

    Raises:
        pytest.UsageError: without an environment, or without a contract above the test.
        InconclusiveError: if the deployment is not ready.
    """
    gates = request.config.stash.get(GATES, None)
    if gates is None:
        raise pytest.UsageError("this test verifies a deployment: name one with --env=NAME")
    gate = gates.over(request.path)
    if gate is None:
        raise pytest.UsageError(f"no deploycheck.yaml above {request.path}")
    if gate.cause:
        raise InconclusiveError(gate.cause)
    return gate


def identities(gate: Gate) -> Callable[[str], Identity]:
    """Look up the contract's identities by name."""
    known = gate.contract.identities

    def find(name: str) -> Identity:
        if name not in known:
            raise KeyError(f"the contract has no identity {name!r}, only {', '.join(sorted(known))}")
        return known[name]

    return find


def credentials(gate: Gate, name: str) -> Credentials:
    """What an identity sends.

    Raises:
        InconclusiveError: if its login failed.
    """
    if name != ANONYMOUS:
        identities(gate)(name)
    got = gate.credentials(name)
    if isinstance(got, Withheld):
        raise InconclusiveError(got.reason)
    return got


class Tokens:
    """Bearer tokens by identity."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __getitem__(self, name: str) -> str:
        """The token of an identity, as text."""
        token = credentials(self._gate, name).token
        if token is None:
            raise KeyError(f"{name} has no token")
        return token.reveal()

    def claims(self, name: str) -> dict[str, Any]:
        """The claims of an identity's token, not verified; empty if it is not a JWT."""
        return dict(credentials(self._gate, name).claims)


class Writes:
    """Whether a test may write, and whether it declared that it does."""

    def __init__(self, gate: Gate, request: pytest.FixtureRequest) -> None:
        self._environment = gate.contract.environment
        self._allowed = request.config.stash[GATES].settings.allow_writes or not self._environment.protected
        self.declared = request.node.get_closest_marker(WRITES) is not None

    def refuse(self, method: str) -> None:
        """Stop a request that may change the deployment, unless it is declared and allowed."""
        if not self._allowed:
            raise InconclusiveError(
                f"{method} not sent: {self._environment.name} is protected, and writes need --allow-writes"
            )
        if not self.declared:
            raise UndeclaredWriteError(
                f"{method} may change the deployment: create things inside `with ledger.creates(...)`, "
                f"or mark the test with @pytest.mark.{WRITES}"
            )


@contextmanager
def http_client(gate: Gate, writes: Writes, request: pytest.FixtureRequest) -> Iterator[IdentityClient]:
    """An anonymous client for a test; it and the clients it became are closed after the test."""
    redactor = request.config.stash[GATES].redactor
    guard = guard_of(gate.contract, redactor, _taker(gate))
    factory = ClientFactory(gate.contract.environment, guard)

    with ExitStack() as closing:

        @cache
        def become(identity: str) -> IdentityClient:
            headers = {name: value.reveal() for name, value in credentials(gate, identity).headers}
            client = closing.enter_context(factory.client(headers=headers, refuse=writes.refuse))
            client.become = become
            return client

        yield become(ANONYMOUS)


class Created:
    """A resource in the making. Set `id` as soon as the reply tells it."""

    def __init__(self, ledger: Ledger, entry: Entry) -> None:
        self._ledger = ledger
        self.entry = entry

    @property
    def mark(self) -> str:
        """The unique text to put into the resource, by which `find` finds it again."""
        return self.entry.creation.mark

    @property
    def id(self) -> str | None:
        """The id under which the deployment knows the resource."""
        return self.entry.resource

    @id.setter
    def id(self, value: object) -> None:
        self.entry = self._ledger.answer(self.entry, str(value))


class Recorder:
    """The `ledger` fixture: what the test creates is removed after it."""

    def __init__(self, *, check: str, target: Target, ledger: Ledger, base_url: str, writes: Writes) -> None:
        self._check = check
        self._send = target.sender(check)
        self._ledger = ledger
        self._base_url = base_url
        self._writes = writes

    @contextmanager
    def creates(
        self,
        request: str,
        *,
        identity: str,
        delete: str,
        find: tuple[str, str],
        gone: str | None = None,
    ) -> Iterator[Created]:
        """Write down what the block is about to create; inside it, requests may write.

        `request`, `delete`, `gone` and the first of `find` are request lines ("DELETE /api/orders/{id}");
        `gone` must answer 404 or 410 afterwards (by default GET on the path of `delete`). `find` is a
        request with {mark} and the JSONPath (RFC 9535) to the ids in its reply.
        """
        self._writes.declared = True
        self._writes.refuse(request.partition(" ")[0])
        mark = self._send(NewMark())
        if not isinstance(mark, Mark):
            raise TypeError("a target answers NewMark with a mark")
        creation = Creation(
            mark=mark.text,
            identify="$",
            delete=delete,
            gone=gone or f"GET {delete.partition(' ')[2]}",
            find=find[0],
            found=find[1],
        )
        entry = self._ledger.record(
            check=self._check, base_url=self._base_url, identity=identity, request=request, creation=creation
        )
        yield Created(self._ledger, entry)


@contextmanager
def recorder(gate: Gate, writes: Writes, request: pytest.FixtureRequest) -> Iterator[Recorder]:
    """A recorder for a test; what it recorded is removed after the test.

    Raises:
        AssertionError: naming what could not be removed.
    """
    contract = gate.contract
    gates = request.config.stash[GATES]
    check = request.node.nodeid
    ledger = Ledger(folder_of(contract.path.parent, contract.environment.name), gates.settings.run_id)
    around = Around(
        run_id=gates.settings.run_id,
        variables={},
        ledger=ledger,
        allowance=Allowance(CLEANUP),
        redactor=gates.redactor,
        credentials=gate.credentials,
        identify=identify,
    )
    target = Target(contract, around)
    try:
        yield Recorder(
            check=check, target=target, ledger=ledger, base_url=contract.environment.base_url, writes=writes
        )
        mine = [entry for entry in ledger.open_entries() if entry.check == check]
        left = Janitor(ledger, target.sender(check), gates.redactor).remove(mine).leftovers
        if left:
            raise AssertionError("could not be removed: " + "; ".join(left))
    finally:
        target.close()
        ledger.release()


def _taker(gate: Gate) -> Callable[[Spend], None]:
    def take(spend: Spend) -> None:
        try:
            gate.take(spend)
        except BudgetSpentError as error:
            raise InconclusiveError(str(error)) from None

    return take
