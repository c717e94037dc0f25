"""Orders of two tenants in memory, and how a check is held against them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence, Mark, Reply
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.outcome import Outcome
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Probe
from pytest_deploycheck.model.route import Listing, Route, Scope
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import PLACE, context, declare, reply

LISTING = Listing(items="$.data[*]", id="$.id")
ROUTES = (
    Route(method="GET", path="/api/orders", place=PLACE, scope=Scope.LIST, listing=LISTING),
    Route(method="GET", path="/api/orders/{order}", place=PLACE, scope=Scope.ITEM),
    Route(method="PATCH", path="/api/orders/{order}", place=PLACE, scope=Scope.ITEM, body={"quantity": 9}),
    Route(method="DELETE", path="/api/orders/{order}", place=PLACE, scope=Scope.ITEM),
)
OWNING = tuple(
    replace(
        route,
        listing=Listing(items=LISTING.items if route.scope is Scope.LIST else "$[*]", owner="$.client_id"),
    )
    for route in ROUTES
)
FULL = """
pairs: [[shopper, other]]
search: {GET /api/orders: {reference: $.reference}}
tampering: {query: [client_id], headers: [x-client-id], body: [client_id]}
create:
  POST /api/orders:
    send: {json: {quantity: 1, reference: "{mark}"}}
    status: 201
    creates:
      id: $.id
      delete: DELETE /api/orders/{id}
      find: {"GET /api/orders?reference={mark}": "$.data[*].id"}
"""
WRITES = frozenset({"PATCH", "DELETE", "POST"})
TENANTS = {"shopper": "a", "other": "b"}


@dataclass
class App:
    """An API of two tenants in memory. `faults` are what it does wrong; `status` is how it denies."""

    faults: frozenset[str] = frozenset()
    denied: int = 403
    unknown: int = 404
    broken: Callable[[HttpRequest], Evidence | None] = lambda request: None
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: int = 0

    def __post_init__(self) -> None:
        for number in range(1, 7):
            tenant = "ab"[number % 2]
            order = {"id": number, "client_id": tenant, "reference": f"r-{number}", "quantity": 1}
            self.orders[str(number)] = order

    def __call__(self, probe: Probe) -> Evidence:
        if isinstance(probe, NewMark):
            return Mark("m-1")
        assert isinstance(probe, HttpRequest)
        if (evidence := self.broken(probe)) is not None:
            return evidence
        path = urlsplit(probe.target)
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        tenant = self.tenant_of(probe, query)
        if tenant is None:
            return reply(403, '{"error": "another tenant"}')
        if path.path == "/api/orders":
            return self.create(probe, tenant) if probe.method == "POST" else self.list(tenant, query)
        return self.one(probe, tenant, path.path.rpartition("/")[2])

    def tenant_of(self, probe: HttpRequest, query: dict[str, str]) -> str | None:
        own = TENANTS[probe.identity]
        for where, named in (
            ("query", query.get("client_id")),
            ("header", dict(probe.headers).get("x-client-id")),
        ):
            if named and f"trusts {where}" in self.faults:
                own = named
            elif named and named != own and "ignores tampering" not in self.faults:
                return None
        return own

    def list(self, tenant: str, query: dict[str, str]) -> Reply:
        wanted = query.get("reference")
        leaks = "list leaks" in self.faults or (wanted and "search leaks" in self.faults)
        leaks = leaks or ("limit" in query and "limit leaks" in self.faults)
        found = [each for each in self.orders.values() if leaks or each["client_id"] == tenant]
        found = [each for each in found if wanted in (None, each["reference"])]
        return reply(body=json.dumps({"data": found}))

    def create(self, probe: HttpRequest, tenant: str) -> Reply:
        data = json.loads(probe.body or b"{}")
        if data.get("client_id", tenant) != tenant and "trusts body" not in self.faults:
            return reply(403, '{"error": "another tenant"}')
        self.created += 1
        order = {"id": 1000 + self.created, "client_id": tenant, **data}
        self.orders[str(order["id"])] = order
        return reply(201, json.dumps(order))

    def one(self, probe: HttpRequest, tenant: str, id_: str) -> Reply:
        order = self.orders.get(id_)
        if order is None:
            return reply(self.unknown, '{"error": "not found"}')
        allowed = order["client_id"] == tenant or f"{probe.method} leaks" in self.faults
        if allowed or f"{probe.method} pretends" in self.faults:
            if probe.method == "PATCH":
                order |= json.loads(probe.body or b"{}")
            if probe.method == "DELETE":
                del self.orders[id_]
        return reply(body=json.dumps(order)) if allowed else reply(self.denied, '{"error": "no"}')


def around(*routes: Route) -> Context:
    return replace(context("tenant_isolation"), routes=routes or ROUTES)


def against(check: Check, app: Callable[[Probe], Evidence]) -> Outcome:
    """Hold the conversation with an application; it must not ask for more than it declared."""
    rounds: list[tuple[Evidence, ...]] = []
    while len(probes := asked(check, *rounds)) > len(rounds):
        rounds.append(tuple(app(probe) for probe in probes[-1]))
    sent = [probe for each in probes for probe in each if isinstance(probe, HttpRequest)]
    assert len(sent) <= check.spend.requests
    assert len([each for each in sent if each.writes]) <= check.spend.writes
    assert {each.method for each in sent if not each.writes} <= SAFE_METHODS
    assert {each.identity for each in sent} <= check.identities
    return answer(check, *rounds)


def outcomes(app: Callable[[], App], text: str = FULL, where: Context | None = None) -> dict[str, Outcome]:
    return {check.title: against(check, app()) for check in declare("tenants", text, where or around())}


def of(title: str, app: App, text: str = FULL, where: Context | None = None) -> Outcome:
    (check,) = (each for each in declare("tenants", text, where or around()) if each.title == title)
    return against(check, app)


LIST = "GET /api/orders as shopper shows nothing of other"
READ = "GET /api/orders/{order} as shopper shows nothing of other"
GUESS = "GET /api/orders/{order} as shopper guesses nothing of other"
PATCH = "PATCH /api/orders/{order} as shopper changes nothing of other"
DELETE = "DELETE /api/orders/{order} as shopper changes nothing of other"
PLANT = "POST /api/orders as shopper plants nothing at other [body client_id]"
ALL = (
    LIST,
    f"{LIST} [limit=100]",
    f"{LIST} [query client_id]",
    f"{LIST} [header x-client-id]",
    f"{LIST} [reference]",
    READ,
    f"{READ} [query client_id]",
    f"{READ} [header x-client-id]",
    GUESS,
    PATCH,
    DELETE,
    "POST /api/orders as shopper plants nothing at other [query client_id]",
    "POST /api/orders as shopper plants nothing at other [header x-client-id]",
    PLANT,
)


@dataclass
class Nth:
    """Answers one request, and leaves the others to the application."""

    position: int
    evidence: Evidence
    asked: int = -1

    def __call__(self, request: HttpRequest) -> Evidence | None:
        self.asked += 1
        return self.evidence if self.asked == self.position else None


def refuses(
    *identities: str, status: int = 403, body: str = '{"error": "no"}'
) -> Callable[[HttpRequest], Reply | None]:
    return lambda request: reply(status, body) if request.identity in identities else None


def things(request: HttpRequest) -> bool:
    return urlsplit(request.target).path != "/api/orders"


def trespasses(request: HttpRequest) -> bool:
    return "client_id" in request.target or (request.purpose == "request" and things(request))
