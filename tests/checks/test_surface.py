"""What kinds that walk over routes share."""

from dataclasses import replace

import pytest

from pytest_deploycheck.checks.surface.owned import Source, Sources, find_ids, items_of, sources
from pytest_deploycheck.checks.surface.path import collection, filled, nobodys, parameters, shape
from pytest_deploycheck.checks.surface.walk import may_use, named, nearest_safe, sample, user_of
from pytest_deploycheck.model.evidence import Evidence, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Listing, Route
from pytest_deploycheck.testing import conclude
from tests.checks.contracts import IDENTITIES, PLACE, ROUTES, context, reply

HEALTH, ORDERS, ORDER, REMOVE, USERS = ROUTES
SHOPPER = IDENTITIES["shopper"]


def test_ids_are_filled_into_a_path_and_encoded() -> None:
    path = "/api/sites/{site-id}/orders/{order}"

    assert parameters(path) == ("site-id", "order")
    assert filled(path, {"site-id": "a/b", "order": 7}) == "/api/sites/a%2Fb/orders/7"
    assert collection(path, "site-id") == "/api/sites"
    assert shape(path) == "/api/sites/{}/orders/{}"


def test_an_id_that_nothing_has_is_of_the_sort_of_those_that_are_there() -> None:
    assert nobodys("/orders/{order}") == "/orders/00000000-0000-4000-8000-000000000000"
    assert nobodys("/orders/{order}", {"order": 12}) == nobodys("/orders/{order}", {"order": "12"})
    assert nobodys("/orders/{order}", {"order": 12}) == "/orders/2147483647"


def test_a_variable_in_what_a_path_is_below_is_no_parameter() -> None:
    path = "${PLATFORM_URL}/auth/users/{user}"

    assert parameters(path) == ("user",)
    assert filled(path, {"user": 7}) == "${PLATFORM_URL}/auth/users/7"


def test_ids_come_from_what_an_identity_owns() -> None:
    wanted = sources(ORDER.path, SHOPPER, ROUTES)

    assert wanted == Sources({"order": Source("/api/orders", "$.data[*].id")}, ())
    assert wanted.requests == 1
    asked = HttpRequest(method="GET", target="/api/orders", identity="shopper", once=True, purpose="ids")
    assert next(find_ids(wanted, "shopper")) == (asked,)
    assert next(find_ids(wanted, "shopper", control=True)) == (replace(asked, once=False),)
    assert conclude(find_ids(wanted, "shopper"), reply(body='{"data": [{"id": 1}, {"id": 2}]}')) == {
        "order": (1, 2)
    }


@pytest.mark.parametrize("body", ['[{"id": "x"}]', '{"total": 1, "rows": [{"id": "x"}]}'])
def test_else_from_the_list_that_stands_before_the_parameter(body: str) -> None:
    wanted = sources(ORDER.path, replace(SHOPPER, owns={}), ROUTES)

    assert wanted.found["order"] == Source("/api/orders", Listing())
    assert conclude(find_ids(wanted, "shopper"), reply(body=body)) == {"order": ("x",)}


def test_a_list_that_the_contract_describes_is_read_as_it_says() -> None:
    assert items_of({"page": [1], "data": [{"id": 2}]}, Listing(items="$.data[*]")) == ({"id": 2},)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(403, "no"), "got 403 (no)"),
        (reply(200, "<html>"), "its body is not JSON"),
        (reply(429, retry_after="7"), "rate limited (429, Retry-After 7)"),
        (Silence("refused"), "no answer: refused"),
        (Withheld("not sent: the login failed"), "not sent: the login failed"),
    ],
)
def test_without_a_list_there_are_no_ids(evidence: Evidence, reason: str) -> None:
    found = conclude(find_ids(sources(ORDER.path, SHOPPER, ROUTES), "shopper"), evidence)

    assert found == Inconclusive(f"no ids to ask with: GET /api/orders as shopper: {reason}")


def test_an_empty_list_proves_nothing() -> None:
    found = conclude(find_ids(sources(ORDER.path, SHOPPER, ROUTES), "shopper"), reply(body='{"data": []}'))

    assert found == Inconclusive(
        "no ids to ask with: GET /api/orders as shopper shows none: an empty list proves nothing"
    )


def test_a_parameter_that_nothing_fills_is_named() -> None:
    found = conclude(find_ids(sources("/x/{thing}", SHOPPER, ROUTES), "shopper"))

    assert found == Inconclusive(
        'nothing fills {thing}: say where shopper finds one, owns: {thing: {GET /path: "$.items[*].id"}}'
    )


def test_routes_are_found_by_name_whatever_their_parameters_are_called() -> None:
    assert named(["GET /api/orders/{id}"], context(), ("routes",)) == (ORDER,)
    assert named([], context(), ("routes",)) == ROUTES
    with pytest.raises(Misuse, match="unknown route 'GET /api/order'") as caught:
        named(["GET /health", "GET /api/order"], context(), ("routes",))
    assert (caught.value.at, caught.value.expected) == (("routes", 1), "'GET /api/orders'?")


def test_who_may_use_a_route_proves_that_it_works() -> None:
    assert may_use(ORDERS, SHOPPER)
    assert not may_use(USERS, SHOPPER)
    assert user_of(ORDERS, SHOPPER, context()) == SHOPPER
    assert user_of(USERS, SHOPPER, context()) == IDENTITIES["admin"]
    assert user_of(replace(USERS, roles=("owner",)), SHOPPER, context()) is None


def test_the_safe_route_nearest_to_another_is_its_control() -> None:
    other = Route(method="GET", path="/api/sites", place=PLACE)

    assert nearest_safe(REMOVE, SHOPPER, (*ROUTES, other)) == ORDERS
    assert nearest_safe(REMOVE, SHOPPER, (HEALTH, ORDER)) is None


def test_a_sample_has_every_sort_of_route() -> None:
    routes = (ORDERS, replace(ORDERS, path="/api/sites"), ORDER, USERS)

    assert sample(routes, 3) == (ORDERS, ORDER, USERS)
    assert sample(routes, 9) == (ORDERS, ORDER, USERS, routes[1])
