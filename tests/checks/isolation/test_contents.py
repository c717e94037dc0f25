"""Lists: nothing of the other's stands in the asker's, and an empty list proves nothing."""

import json
from dataclasses import dataclass, replace

import pytest

from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route, Scope
from tests.checks.contracts import PLACE, declare, reply
from tests.checks.isolation.app import (
    FULL,
    LIST,
    LISTING,
    OWNING,
    READ,
    ROUTES,
    App,
    against,
    around,
    of,
    outcomes,
)
from tests.checks.isolation.nested import nested, with_sites


@pytest.mark.parametrize("routes", [ROUTES, OWNING], ids=["without owners", "with owners"])
def test_a_list_of_everybody_is_found(routes: tuple[Route, ...]) -> None:
    judged = outcomes(lambda: App(faults=frozenset({"list leaks"})), where=around(*routes))

    assert isinstance(judged[LIST], Failed)
    assert isinstance(judged[READ], Inconclusive)


def test_a_declared_tenant_tells_whose_items_are() -> None:
    text = FULL + "tenants: {a: a, b: b}\n"

    assert of(LIST, App(faults=frozenset({"list leaks"})), text, around(*OWNING)) == Failed(
        "3 of 6 items belong to other tenants, the first is 1", hint="the list is not bound to the tenant"
    )


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
        ('{"data": [{"no": 1}]}', "GET /api/orders as other: 1 of 1 item has nothing at $.id"),
    ],
)
def test_contents_that_cannot_be_read_prove_nothing(body: str, reason: str) -> None:
    assert of(LIST, App(broken=lambda request: reply(body=body))) == Inconclusive(reason)


@dataclass
class Counting(App):
    """Says how many items there are: its caller's, or everybody's."""

    counts_all: bool = False
    more: bool = False

    def list(self, tenant: str, query: dict[str, str]) -> Reply:
        data = json.loads(super().list(tenant, query).body)["data"]
        total = len(data) + 1 if self.counts_all else len(data)
        link = '</api/orders?page=2>; rel="next"' if self.more else ""
        return reply(body=json.dumps({"data": data, "total": total}), link=link)


COUNTED = tuple(
    replace(route, listing=replace(LISTING, total="$.total")) if route.scope is Scope.LIST else route
    for route in ROUTES
)
SEARCH = "GET /api/orders as shopper shows nothing of other [reference]"


@pytest.mark.parametrize(("title", "shown"), [(LIST, 3), (SEARCH, 0)])
def test_a_total_that_counts_others_is_found(title: str, shown: int) -> None:
    found = of(title, Counting(counts_all=True), where=around(*COUNTED))

    assert isinstance(found, Failed)
    assert found.reason.endswith(f" as shopper: shows {shown} items, and says that there are {shown + 1}")
    assert isinstance(of(title, Counting(), where=around(*COUNTED)), Passed)


def test_a_total_of_more_pages_tells_nothing() -> None:
    assert isinstance(of(SEARCH, Counting(counts_all=True, more=True), where=around(*COUNTED)), Passed)


def test_a_total_that_is_not_there_proves_nothing() -> None:
    assert of(LIST, App(), where=around(*COUNTED)) == Inconclusive(
        "GET /api/orders as shopper: no number at $.total"
    )


BELOW = Route(method="GET", path="/api/sites/{site}/orders", place=PLACE, scope=Scope.LIST, listing=LISTING)


def test_a_list_below_something_is_asked_for_at_the_others_path() -> None:
    first, *_ = declare("tenants", "{pairs: [[shopper, other]]}", nested(BELOW))

    assert against(first, with_sites()) == Passed("refused: 404")
    assert isinstance(against(first, with_sites("list")), Failed)
