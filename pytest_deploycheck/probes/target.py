"""One environment as checks see it: sends any probe, writes the ledger before anything is created."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.cost import cost
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import (
    Answers,
    Claims,
    Evidence,
    Mark,
    Paused,
    Reply,
    Silence,
    Values,
    Withheld,
)
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.probe import (
    Document,
    Downgrade,
    FileScan,
    Folder,
    Handshake,
    HttpRequest,
    Inspect,
    Lookup,
    NewMark,
    Pause,
    Pgrls,
    Probe,
    Query,
    Snapshot,
    Transaction,
    Variables,
)
from pytest_deploycheck.probes.dns import lookup
from pytest_deploycheck.probes.downgrade import downgrade
from pytest_deploycheck.probes.files import read, scan, walk
from pytest_deploycheck.probes.guard import Guard
from pytest_deploycheck.probes.http import ClientFactory, HttpProbe
from pytest_deploycheck.probes.once import Once
from pytest_deploycheck.probes.tls import handshake
from pytest_deploycheck.safety.budget import Allowance, BudgetSpentError
from pytest_deploycheck.safety.ledger import Entry, Ledger
from pytest_deploycheck.safety.redact import Redactor

if TYPE_CHECKING:
    from pytest_deploycheck.probes.database import Database
    from pytest_deploycheck.probes.load.probe import LoadProbe

CLIENT_ERRORS = range(400, 500)
"""Statuses that say the request was not carried out (RFC 9110, 15.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a target needs beside its contract.

    `credentials` are those of an identity; `identify` tells the id of what an entry of the ledger created,
    from the reply to its creation if there is one. `show` is told how a long probe goes, "" at its end.
    """

    run_id: str
    variables: Mapping[str, str]
    ledger: Ledger
    allowance: Allowance
    redactor: Redactor
    credentials: Callable[[str], Credentials | Withheld]
    identify: Callable[[Entry, Reply | None], str | None]
    show: Callable[[str], None] = lambda _: None


class Target:
    """Sends probes from any thread; trouble comes back as evidence."""

    def __init__(self, contract: Contract, around: Around) -> None:
        self._environment = contract.environment
        self._around = around
        self._marks = 0
        self._lock = threading.Lock()
        self._transactions: Once[Transaction, Evidence] = Once()
        self._requests: Once[HttpRequest, Evidence] = Once()
        guard = guard_of(contract, around.redactor, around.allowance.take)
        self._http = HttpProbe(
            contract.environment,
            ClientFactory(contract.environment, guard),
            credentials=around.credentials,
            time_left=lambda: around.allowance.seconds_left,
        )
        self._database = database_of(contract.environment, around.run_id)
        self._folder = contract.path.parent
        self.load: LoadProbe | None = None
        """What runs load, once it was asked to."""

    def close(self) -> None:
        """Close the connections and the database session."""
        self._http.close()
        if self._database is not None:
            self._database.close()

    def load_probe(self) -> "LoadProbe":
        """Return what runs load; made when it is first asked for."""
        with self._lock:
            if self.load is None:
                self.load = self._new_load_probe()
            return self.load

    def sender(self, check: str) -> Callable[[Probe], Evidence]:
        """Return what sends probes on behalf of a check; the ledger names it."""
        return lambda probe: self.send(probe, check=check)

    def send(self, probe: Probe, *, check: str) -> Evidence:
        """Send `probe` and return what was seen."""
        match probe:
            case HttpRequest(creates=None):
                return self._request(probe)
            case HttpRequest():
                return self._create(probe, check)
            case Query() | Snapshot() | Transaction():
                return self._ask(probe)
            case Handshake():
                return handshake(probe, self._environment.ca, self._environment.timeout)
            case Downgrade():
                return downgrade(probe, self._environment.timeout)
            case Lookup():
                return lookup(probe)
            case LoadRun() | Pgrls():
                return self._apart(probe, check)
            case _:
                return self._local(probe)

    def _local(self, probe: NewMark | Pause | Inspect | Variables | FileScan | Document | Folder) -> Evidence:
        """Answer what needs no network."""
        match probe:
            case NewMark():
                return self._mark()
            case Pause(seconds=seconds):
                return self._pause(seconds)
            case Inspect(identity=identity):
                return self._inspect(identity)
            case Variables(names=names):
                values = {name: self._around.variables.get(name) for name in names}
                return Values(values, datetime.now(UTC))
            case FileScan():
                return scan(probe)
            case Document():
                return read(probe)
            case Folder():
                return walk(probe)

    def _request(self, request: HttpRequest) -> Evidence:
        if not request.once:
            return self._http.send(request)
        seen, known = self._requests.ask(request, lambda: self._http.send(request), keep=_served)
        return replace(seen, again=True) if known and isinstance(seen, Reply) else seen

    def _apart(self, probe: LoadRun | Pgrls, check: str) -> Evidence:
        """Ask what runs in a process of its own."""
        if isinstance(probe, LoadRun):
            return self.load_probe().send(probe, check=check)
        from pytest_deploycheck.probes.pgrls import lint  # psycopg: 55 ms

        return lint(probe, self._environment)

    def _new_load_probe(self) -> "LoadProbe":
        from pytest_deploycheck.probes.load.probe import LoadProbe, Means  # most runs have no load: 10 ms
        from pytest_deploycheck.probes.load.writing import Books

        around = self._around
        books = Books(
            ledger=around.ledger,
            identify=around.identify,
            new_mark=lambda: self._mark().text,
            base_url=self._environment.base_url,
        )
        means = Means(
            credentials=around.credentials, allowance=around.allowance, books=books, show=around.show
        )
        return LoadProbe(self._environment, self._folder, means)

    def _ask(self, query: Query | Snapshot | Transaction) -> Evidence:
        if not isinstance(query, Transaction) or not query.once:
            return self._query(query)
        return self._transactions.ask(query, lambda: self._query(query), keep=_answered)[0]

    def _query(self, query: Query | Snapshot | Transaction) -> Evidence:
        if self._database is None:
            return Withheld(f"environment {self._environment.name} has no `database`")
        try:
            self._around.allowance.take(cost(query))
        except BudgetSpentError as error:
            return Withheld(f"not sent: {error}")
        return self._database.send(query)

    def _create(self, request: HttpRequest, check: str) -> Evidence:
        """Write the ledger, then send: whatever happens in between, the resource can be found."""
        if request.creates is None:
            raise ValueError("a request that creates nothing needs no ledger")
        entry = self._around.ledger.record(
            check=check,
            base_url=self._environment.base_url,
            identity=request.creates.identity or request.identity,
            request=f"{request.method} {request.target}",
            creation=request.creates,
        )
        if resource := self._around.identify(entry, None):
            entry = self._around.ledger.identify(entry, resource)
        evidence = self._http.send(request)
        if isinstance(evidence, Withheld):
            self._around.ledger.close(entry)
        elif isinstance(evidence, Reply):
            resource = self._around.identify(entry, evidence)
            self._around.ledger.answer(entry, resource, refused=evidence.status in CLIENT_ERRORS)
        return evidence

    def _mark(self) -> Mark:
        with self._lock:
            self._marks += 1
            return Mark(f"deploycheck-{self._around.run_id}-{self._marks}-{uuid.uuid4().hex[:8]}")

    def _pause(self, seconds: float) -> Paused:
        began = time.monotonic()
        time.sleep(min(seconds, self._around.allowance.seconds_left))
        return Paused(time.monotonic() - began)

    def _inspect(self, identity: str) -> Evidence:
        credentials = self._around.credentials(identity)
        if isinstance(credentials, Withheld):
            return credentials
        if not credentials.claims:
            return Silence(f"the token of {identity} is not a JWT")
        return Claims(credentials.claims)


def database_of(environment: Environment, run_id: str) -> "Database | None":
    """The database of an environment, if it has one; nothing is opened yet."""
    if environment.database is None:
        return None
    from pytest_deploycheck.probes.database import Database  # psycopg: 55 ms
    from pytest_deploycheck.probes.encryption import Tls

    tls = Tls(protected=environment.protected, ca=environment.ca)
    reader = environment.database_reader
    database = Database(
        environment.database, run_id=run_id, timeout=environment.timeout, reader=reader, tls=tls
    )
    database.source = " and ".join(f"${{{name}}}" for name in environment.database_variables)
    return database


def _served(evidence: Evidence) -> bool:
    return isinstance(evidence, Reply) and evidence.ok


def _answered(evidence: Evidence) -> bool:
    return isinstance(evidence, Answers)


def guard_of(contract: Contract, redactor: Redactor, take: Callable[[Spend], None]) -> Guard:
    """The guard of an environment: credentials may go where the contract itself says that it is served."""
    environment = contract.environment
    logins = (identity.login.target for identity in contract.identities.values() if identity.login)
    bases = (route.base for route in contract.routes)
    return Guard(
        origins=(
            environment.base_url,
            *environment.replicas,
            *(url for url in (*logins, *bases) if "://" in url),
        ),
        own=(name for name, _ in environment.headers),
        redactor=redactor,
        take=take,
    )
