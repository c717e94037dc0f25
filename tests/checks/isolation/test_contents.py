"""Lists: nothing of the other's stands in the asker's, and an empty list proves nothing."""

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


BELOW = Route(method="GET", path="/api/sites/{site}/orders", place=PLACE, scope=Scope.LIST, listing=LISTING)


def test_a_list_below_something_is_asked_for_at_the_others_path() -> None:
    first, *_ = declare("tenants", "{pairs: [[shopper, other]]}", nested(BELOW))

    assert against(first, with_sites()) == Passed("refused: 404")
    assert isinstance(against(first, with_sites("list")), Failed)
