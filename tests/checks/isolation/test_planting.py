"""What names another tenant is refused, or belongs to whoever creates it."""

import json
from collections.abc import Callable
from dataclasses import replace

from pytest_deploycheck.model.evidence import Evidence, Mark
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Owned, Route
from pytest_deploycheck.testing import asked
from tests.checks.contracts import IDENTITIES, PLACE, declare, reply
from tests.checks.isolation.app import FULL, PATCH, PLANT, ROUTES, TENANTS, App, against, around, of


def test_what_was_planted_is_removed_by_whoever_owns_it_now() -> None:
    app = App(faults=frozenset({"trusts body"}))
    before = len(app.orders)

    of(PLANT, app)

    assert len(app.orders) == before + 1  # the honest one, which the ledger removes


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
