"""Tenant isolation: each way into another tenant is tried, and nothing passes without its controls."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route
from tests.checks.contracts import IDENTITIES, PLACE, declare, reply
from tests.checks.isolation.app import (
    ALL,
    DELETE,
    FULL,
    GUESS,
    LIST,
    OWNING,
    PATCH,
    PLANT,
    READ,
    ROUTES,
    TENANTS,
    WRITES,
    App,
    Nth,
    around,
    of,
    outcomes,
    refuses,
    things,
    trespasses,
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


@pytest.mark.parametrize("who", [("shopper", "other"), ("shopper",), ("other",)])
@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_broken_control_never_gives_a_pass(who: tuple[str, ...], status: int) -> None:
    judged = outcomes(lambda: App(broken=refuses(*who, status=status)))

    decided = {title for title, outcome in judged.items() if not isinstance(outcome, Inconclusive)}
    assert not [title for title in decided if "plants" not in title or f"as {who[0]}" in title]


@pytest.mark.parametrize("methods", [frozenset({"GET"}), WRITES])
def test_a_proxy_that_refuses_all_requests_for_things_proves_nothing(methods: frozenset[str]) -> None:
    def broken(request: HttpRequest) -> Reply | None:
        return reply(403, '{"error": "no"}') if request.method in methods and things(request) else None

    judged = outcomes(lambda: App(broken=broken))

    undecided = {READ, GUESS, PATCH, DELETE} if "GET" in methods else {PATCH, DELETE}
    assert {title for title in undecided if isinstance(judged[title], Inconclusive)} == undecided


@pytest.mark.parametrize("body", ["<html>Blocked</html>", "blocked", ""])
def test_a_refusal_by_another_layer_is_told_apart(body: str) -> None:
    app = App(broken=lambda request: reply(403, body) if trespasses(request) else None)

    for title in (READ, PATCH, f"{LIST} [query client_id]", PLANT.replace("body", "query")):
        outcome = of(title, app)
        assert isinstance(outcome, Inconclusive), title
        assert "another layer" in outcome.reason


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
