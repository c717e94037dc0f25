"""Tenant isolation: each way into another tenant is tried, and nothing passes without its controls."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Mark, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Probe
from pytest_deploycheck.model.route import Listing, Owned, Route, Scope
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import IDENTITIES, PLACE, context, declare, reply

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


def test_each_way_in_is_tried_in_both_directions() -> None:
    titles = [check.title for check in declare("tenants", FULL, around())]

    assert [title for title in titles if "as shopper" in title] == list(ALL)
    assert len(titles) == 2 * len(ALL)


@pytest.mark.parametrize("routes", [ROUTES, OWNING], ids=["without owners", "with owners"])
@pytest.mark.parametrize("denied", [403, 404])
@pytest.mark.parametrize("faults", [frozenset[str](), frozenset({"ignores tampering"})])
def test_a_healthy_deployment_passes(routes: tuple[Route, ...], denied: int, faults: frozenset[str]) -> None:
    judged = outcomes(lambda: App(denied=denied, faults=faults), where=around(*routes))

    assert [title for title, outcome in judged.items() if not isinstance(outcome, Passed)] == []


@pytest.mark.parametrize(
    ("fault", "red"),
    [
        ("GET leaks", {READ, f"{READ} [query client_id]", f"{READ} [header x-client-id]", GUESS}),
        ("limit leaks", {f"{LIST} [limit=100]"}),
        ("search leaks", {f"{LIST} [reference]"}),
        (
            "trusts query",
            {f"{title} [query client_id]" for title in (LIST, READ)} | {PLANT.replace("body", "query")},
        ),
        (
            "trusts header",
            {f"{title} [header x-client-id]" for title in (LIST, READ)}
            | {PLANT.replace("body client_id", "header x-client-id")},
        ),
        ("trusts body", {PLANT}),
        ("PATCH leaks", {PATCH}),
        ("PATCH pretends", {PATCH}),
        ("DELETE leaks", {DELETE}),
        ("DELETE pretends", {DELETE}),
    ],
)
def test_each_fault_is_found_by_its_own_checks(fault: str, red: set[str]) -> None:
    faults = frozenset({fault, "ignores tampering"})

    judged = outcomes(lambda: App(faults=faults), where=around(*OWNING))

    found = {title for title, outcome in judged.items() if isinstance(outcome, Failed)}
    assert {title for title in found if "as shopper" in title} == red
    assert len(found) == 2 * len(red)


@pytest.mark.parametrize("routes", [ROUTES, OWNING], ids=["without owners", "with owners"])
def test_a_list_of_everybody_is_found(routes: tuple[Route, ...]) -> None:
    judged = outcomes(lambda: App(faults=frozenset({"list leaks"})), where=around(*routes))

    assert isinstance(judged[LIST], Failed)
    assert isinstance(judged[READ], Inconclusive)


def test_what_was_found_is_said() -> None:
    assert of(READ, App(faults=frozenset({"GET leaks"}))) == Failed(
        "expected 403 or 404, got 200 for what other owns",
        hint="the route looks the id up without the tenant",
    )
    assert of(LIST, App(faults=frozenset({"list leaks"}))) == Failed(
        "6 of 6 items are those of other, the first is 1", hint="the list is not bound to the tenant"
    )
    assert of(f"{LIST} [limit=100]", App(faults=frozenset({"limit leaks"}))) == Failed(
        "3 of 6 items are those of other, the first is 1", hint="the list is not bound to the tenant"
    )
    assert of(LIST, App(faults=frozenset({"list leaks"})), where=around(*OWNING)) == Failed(
        "GET /api/orders as shopper: 6 items belong to 2 tenants"
    )
    assert of(PATCH, App(faults=frozenset({"PATCH pretends"}))) == Failed(
        "got 403, and it was changed: quantity", hint="the route looks the id up without the tenant"
    )
    assert of(DELETE, App(faults=frozenset({"DELETE leaks"}))) == Failed(
        "got 200, and it is gone: its owner gets 404", hint="the route looks the id up without the tenant"
    )
    assert of(PLANT, App(faults=frozenset({"trusts body"}))) == Failed(
        "got 201, and other reads what that created: it is in its tenant",
        hint="take the tenant from the credential, never from the request",
    )


def test_what_was_planted_is_removed_by_whoever_owns_it_now() -> None:
    app = App(faults=frozenset({"trusts body"}))
    before = len(app.orders)

    of(PLANT, app)

    assert len(app.orders) == before + 1  # the honest one, which the ledger removes


def test_a_declared_tenant_tells_whose_items_are() -> None:
    text = FULL + "tenants: {a: a, b: b}\n"

    assert of(LIST, App(faults=frozenset({"list leaks"})), text, around(*OWNING)) == Failed(
        "3 of 6 items belong to other tenants, the first is 1", hint="the list is not bound to the tenant"
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


@pytest.mark.parametrize("who", [("shopper", "other"), ("shopper",), ("other",)])
@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_broken_control_never_gives_a_pass(who: tuple[str, ...], status: int) -> None:
    judged = outcomes(lambda: App(broken=refuses(*who, status=status)))

    decided = {title for title, outcome in judged.items() if not isinstance(outcome, Inconclusive)}
    assert not [title for title in decided if "plants" not in title or f"as {who[0]}" in title]


def things(request: HttpRequest) -> bool:
    return urlsplit(request.target).path != "/api/orders"


@pytest.mark.parametrize("methods", [frozenset({"GET"}), WRITES])
def test_a_proxy_that_refuses_all_requests_for_things_proves_nothing(methods: frozenset[str]) -> None:
    def broken(request: HttpRequest) -> Reply | None:
        return reply(403, '{"error": "no"}') if request.method in methods and things(request) else None

    judged = outcomes(lambda: App(broken=broken))

    undecided = {READ, GUESS, PATCH, DELETE} if "GET" in methods else {PATCH, DELETE}
    assert {title for title in undecided if isinstance(judged[title], Inconclusive)} == undecided


@pytest.mark.parametrize("body", ["<html>Blocked</html>", "blocked", ""])
def test_a_refusal_by_another_layer_is_told_apart(body: str) -> None:
    app = App(broken=lambda request: reply(403, body) if _trespasses(request) else None)

    for title in (READ, PATCH, f"{LIST} [query client_id]", PLANT.replace("body", "query")):
        outcome = of(title, app)
        assert isinstance(outcome, Inconclusive), title
        assert "another layer" in outcome.reason


def _trespasses(request: HttpRequest) -> bool:
    return "client_id" in request.target or (request.purpose == "request" and things(request))


def test_an_application_may_refuse_without_json() -> None:
    app = App(broken=lambda request: reply(403) if _trespasses(request) else None)

    assert isinstance(of(READ, app, FULL + "bare: true\n"), Passed)


@pytest.mark.parametrize("title", ALL)
@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(429, retry_after="7"), "rate limited (429, Retry-After 7)"),
        (Silence("timed out"), "no answer: timed out"),
        (Withheld("no credentials"), "not sent: no credentials"),
    ],
)
def test_without_an_answer_nothing_is_decided(title: str, evidence: Evidence, reason: str) -> None:
    sent: list[HttpRequest] = []
    of(title, App(broken=sent.append))

    assert len(sent) > 1
    for position in range(len(sent)):
        outcome = of(title, App(broken=Nth(position, evidence)))
        assert isinstance(outcome, Inconclusive), position
        assert outcome.reason.endswith(reason), position


@pytest.mark.parametrize("who", ["shopper", "other"])
def test_a_tenant_that_owns_nothing_proves_nothing(who: str) -> None:
    class Empty(App):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.orders = {
                id_: order for id_, order in self.orders.items() if order["client_id"] != TENANTS[who]
            }

    judged = outcomes(Empty)

    reading = [outcome for title, outcome in judged.items() if title.startswith("GET")]
    assert {type(outcome) for outcome in reading} == {Inconclusive}


def test_the_empty_list_is_named() -> None:
    def broken(request: HttpRequest) -> Reply | None:
        return reply(body='{"data": []}') if request.identity == "other" else None

    assert of(LIST, App(broken=broken)) == Inconclusive(
        "GET /api/orders as other is empty: what stands in other lists proves nothing"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html></html>", "GET /api/orders as other: its body is not JSON, so its contents cannot be judged"),
        ('{"data": [{"no": 1}]}', "GET /api/orders as other: 1 of 1 items have nothing at $.id"),
    ],
)
def test_contents_that_cannot_be_read_prove_nothing(body: str, reason: str) -> None:
    assert of(LIST, App(broken=lambda request: reply(body=body))) == Inconclusive(reason)


def test_that_a_refusal_tells_what_exists_is_noted_or_a_fault() -> None:
    told = "403 for what exists, 404 for what does not: that tells ids apart"

    assert of(READ, App()) == Passed(told)
    assert of(READ, App(), FULL + "oracle: strict\n") == Failed(told, hint="answer both alike")
    assert of(READ, App(denied=404), FULL + "oracle: strict\n") == Passed()


def test_another_status_than_those_that_deny_is_a_fault() -> None:
    assert of(READ, App(), FULL + "denied: [404]\n") == Failed('expected 404, got 403 ({"error": "no"})')
    assert of(PATCH, App(denied=400)) == Failed('expected 403 or 404, got 400 ({"error": "no"})')


def test_ids_that_are_no_numbers_leave_nothing_to_guess() -> None:
    class Named(App):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.orders = {f"o{id_}": {**order, "id": f"o{id_}"} for id_, order in self.orders.items()}

    assert of(GUESS, Named()) == Passed("its ids are not numbers: there is nothing to count up or down")


def test_numbers_next_to_ones_own_are_tried() -> None:
    leak = frozenset({"GET leaks"})

    assert of(GUESS, App()) == Passed("tried 1, 3, 5, 7")
    assert of(GUESS, App(faults=leak)) == Failed(
        "1, next to its own, is served and belongs to another tenant",
        hint="the route looks the id up without the tenant",
    )


def test_a_guess_that_is_served_and_nobodys_is_undecided_unless_it_says_its_tenant() -> None:
    def hidden(request: HttpRequest) -> Reply | None:
        third = reply(body='{"id": 7, "client_id": "c"}')
        return third if request.target == "/api/orders/7" else None

    assert of(GUESS, App(broken=hidden)) == Inconclusive(
        "7 is served and in no list: whose it is, nobody can tell"
    )
    assert isinstance(of(GUESS, App(broken=hidden), where=around(*OWNING)), Failed)


def test_a_change_is_tried_only_on_what_the_run_created_and_reread_by_its_owner() -> None:
    (check,) = (each for each in declare("tenants", FULL, around()) if each.title == PATCH)
    sent: list[HttpRequest] = []
    against(check, App(broken=sent.append))

    assert [f"{each.method} {each.target} {each.identity}" for each in sent] == [
        "POST /api/orders other",
        "GET /api/orders/1001 other",
        "GET /api/orders/1001 other",
        "GET /api/orders shopper",
        "PATCH /api/orders/1001 shopper",
        "GET /api/orders/1001 other",
        "PATCH /api/orders/1001 other",
    ]
    assert (check.phase, check.tenant) == (Phase.WRITE, "b")
    assert check.spend == Spend(requests=11, writes=4)


def test_what_differs_between_two_readings_anyway_is_no_change() -> None:
    count = iter(range(100))
    app = App()

    def ticking(probe: Probe) -> Evidence:
        got = app(probe)
        if not (isinstance(probe, HttpRequest) and isinstance(got, Reply) and things(probe)):
            return got
        return reply(got.status, json.dumps({**json.loads(got.body), "read_at": next(count)}))

    (check,) = (each for each in declare("tenants", FULL, around()) if each.title == PATCH)
    assert isinstance(against(check, ticking), Passed)


def test_without_something_of_its_own_no_change_is_tried() -> None:
    (check,) = (
        each for each in declare("tenants", "{pairs: [[shopper, other]]}", around()) if each.title == DELETE
    )

    assert check.spend == Spend()
    assert answer(check) == Inconclusive(
        "nothing tells how to create what DELETE /api/orders/{order} could change without harm: "
        "a key `create` whose `delete` has this path"
    )


def test_a_creation_that_fails_leaves_nothing_to_try() -> None:
    def broken(request: HttpRequest) -> Reply | None:
        return reply(500, "boom") if request.method == "POST" else None

    assert of(PATCH, App(broken=broken)) == Inconclusive(
        "the control POST /api/orders as other: expected 201, got 500 (boom): there is nothing to try with"
    )


def test_where_the_other_reads_everything_a_planted_thing_is_nobodys() -> None:
    assert of(PLANT, App(faults=frozenset({"trusts body", "GET leaks"}))) == Inconclusive(
        "other reads what shopper owns: reading cannot tell whose it is"
    )


def test_names_in_a_creation_are_what_its_creator_owns() -> None:
    text = FULL.replace("quantity: 1", 'quantity: 1, product: "{product}"')
    owns = {"product": Owned(path="/api/products", ids="$.data[*].id")}
    identities = {
        name: replace(each, owns={**each.owns, **owns}) if name == "other" else each
        for name, each in IDENTITIES.items()
    }
    (check,) = (
        each
        for each in declare("tenants", text, replace(around(), identities=identities))
        if each.title == PATCH
    )
    products = reply(body='{"data": [{"id": 5}]}')

    (request,) = asked(check, Mark("m"), products)[2]
    assert isinstance(request, HttpRequest)
    assert request.body == b'{"quantity":1,"product":5,"reference":"m"}'


def borrowing(*faults: str) -> Callable[[Probe], Evidence]:
    """Orders of products; a product belongs to the tenant that its id begins with."""
    app = App(faults=frozenset(faults))

    def answers(probe: Probe) -> Evidence:
        if not isinstance(probe, HttpRequest):
            return app(probe)
        tenant = TENANTS[probe.identity]
        if probe.target == "/api/products":
            return reply(body=json.dumps([{"id": f"{tenant}1"}, {"id": f"{tenant}2"}]))
        product = json.loads(probe.body or b"{}").get("product", tenant)[0]
        if product != tenant and "trusts products" not in faults:
            return reply(404, '{"error": "no such product"}')
        owner = next(name for name, each in TENANTS.items() if each == product)
        return app(replace(probe, identity=owner) if probe.method == "POST" else probe)

    return answers


def test_what_the_other_owns_cannot_be_used_to_create_something_there() -> None:
    text = FULL.replace("quantity: 1", 'quantity: 1, product: "{product}"')
    products = Route(method="GET", path="/api/products/{product}", place=PLACE)
    listed = Route(method="GET", path="/api/products", place=PLACE)
    checks = declare("tenants", text, around(*ROUTES, listed, products))
    (check,) = (
        each
        for each in checks
        if each.title == "POST /api/orders as shopper plants nothing at other [its product]"
    )

    assert against(check, borrowing()) == Passed("refused: 404")
    assert isinstance(against(check, borrowing("trusts products")), Failed)


NESTED = Route(method="GET", path="/api/sites/{site}/orders/{order}", place=PLACE, scope=Scope.ITEM)
BELOW = Route(method="GET", path="/api/sites/{site}/orders", place=PLACE, scope=Scope.LIST, listing=LISTING)


def nested(*routes: Route) -> Context:
    owns = {
        "site": Owned(path="/api/sites", ids="$.data[*].id"),
        "order": Owned(path="/api/orders", ids="$.data[*].id"),
    }
    identities = {name: replace(IDENTITIES[name], owns=owns) for name in ("shopper", "other")}
    return replace(around(*routes), identities=identities)


def with_sites(leaks: str = "") -> Callable[[Probe], Evidence]:
    app = App()

    def answers(probe: Probe) -> Evidence:
        assert isinstance(probe, HttpRequest)
        tenant = TENANTS[probe.identity]
        match urlsplit(probe.target).path.split("/")[2:]:
            case ["sites"]:
                return reply(body=json.dumps({"data": [{"id": f"s{tenant}"}]}))
            case ["sites", site, "orders"]:
                allowed = site == f"s{tenant}" or leaks == "list"
                return app.list(site[1:], {}) if allowed else reply(404, '{"error": "no"}')
            case ["sites", site, "orders", id_]:
                if leaks == "thing" and site == f"s{tenant}":
                    return reply(body=json.dumps(app.orders[id_]))
                return app.one(probe, tenant, id_) if site == f"s{tenant}" else reply(404, '{"error": "no"}')
            case _:
                return app(probe)

    return answers


def test_a_nested_thing_is_tried_below_the_others_and_below_ones_own() -> None:
    text = "{pairs: [[shopper, other]], guess: false}"
    first, within, *_ = declare("tenants", text, nested(NESTED))

    assert within.title == f"{first.title} [below its own]"
    assert isinstance(against(first, with_sites()), Passed)
    assert isinstance(against(within, with_sites()), Passed)
    assert isinstance(against(first, with_sites("thing")), Passed)
    assert isinstance(against(within, with_sites("thing")), Failed)


def test_a_list_below_something_is_asked_for_at_the_others_path() -> None:
    first, *_ = declare("tenants", "{pairs: [[shopper, other]]}", nested(BELOW))

    assert against(first, with_sites()) == Passed("refused: 404")
    assert isinstance(against(first, with_sites("list")), Failed)


def test_all_pairs_of_different_tenants_are_tried_if_none_is_named() -> None:
    titles = [check.title for check in declare("tenants", "{queries: []}", around(ROUTES[0]))]

    assert titles == [
        "GET /api/orders as shopper shows nothing of other",
        "GET /api/orders as other shows nothing of shopper",
        "GET /api/orders as other shows nothing of admin",
        "GET /api/orders as admin shows nothing of other",
    ]


def test_who_may_not_use_a_route_anyway_is_not_tried() -> None:
    admins = replace(ROUTES[0], path="/api/admin/users", roles=("admin",))

    titles = [check.title for check in declare("tenants", "{}", around(ROUTES[0], admins))]

    assert not [title for title in titles if "admin/users" in title]


def test_every_check_says_what_its_failure_means() -> None:
    checks = declare("tenants", FULL, around())

    assert {(each.weakness.cwe, each.weakness.owasp) for each in checks if each.weakness} == {
        ("CWE-639", "API1:2023")
    }
    assert all(each.weakness for each in checks)


def test_every_check_says_which_route_it_decides_about() -> None:
    listed = {route.title for route in ROUTES}

    assert {line for check in declare("tenants", FULL, around()) for line in check.routes} == {
        *listed,
        "POST /api/orders",
    }
    assert {line for check in declare("tenants", "{}", around()) for line in check.routes} == {
        line for line in listed if line.startswith("GET")
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{pairs: [[shopper, othr]]}", "unknown identity 'othr'"),
        ("{pairs: [[shopper, expired]]}", "'expired' has no credential of its own"),
        ("{pairs: [[shopper, admin]]}", "shopper and admin are not of different tenants"),
        ("{routes: [GET /nothing]}", "unknown route 'GET /nothing'"),
        ("{tenants: {c: 1}}", "no identity has the tenant 'c'"),
        (
            "{search: {'GET /api/orders/{order}': {q: $.x}}}",
            "'GET /api/orders/{order}' is no list that is tried",
        ),
        ("{create: {orders: {}}}", "'orders' is not a request line"),
        ("{create: {POST /api/orders: {send: {json: {}}}}}", "nothing says how it is undone"),
        (
            "{create: {POST /o: {as: shopper, creates: {id: '{mark}', delete: 'DELETE /o/{id}'}}}}",
            "'as' has no meaning here",
        ),
        (
            "{create: {POST /o: {creates: {id: '{mark}', delete: 'DELETE /o/{id}'}}}}",
            "what it creates carries no mark, so nobody could find it again",
        ),
        (
            "{tampering: {body: [t]}, create: {POST /o: {send: {body: '{mark}'}, "
            "creates: {id: '{mark}', delete: 'DELETE /o/{id}'}}}}",
            "no member can be set in its body",
        ),
    ],
)
def test_what_would_check_nothing_or_do_harm_is_a_mistake(text: str, message: str) -> None:
    text = text.replace("{c: 1}", "{c: x}")
    with pytest.raises(Misuse) as caught:
        declare("tenants", text, around())

    assert caught.value.message == message


def test_a_contract_without_tenants_has_nothing_to_try() -> None:
    public = Route(method="GET", path="/health", place=PLACE, public=True)

    with pytest.raises(Misuse) as caught:
        declare("tenants", "{}", around(public))
    assert caught.value.message == "no route of the contract belongs to tenants"

    alone = replace(around(), identities={"shopper": IDENTITIES["shopper"]})
    with pytest.raises(Misuse) as caught:
        declare("tenants", "{}", alone)
    assert caught.value.message == "no two identities of different tenants"
