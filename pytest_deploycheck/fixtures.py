"""The fixtures of Python tests: environment, identity, tokens, http, database, catalog, ledger.

They need `--env`. Everything sent through them is booked on the run's budget, and nothing they show
contains a secret.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import psycopg

    from pytest_deploycheck.clients import Recorder, Tokens, Writes
    from pytest_deploycheck.gates import Gate
    from pytest_deploycheck.model.catalog import Catalog
    from pytest_deploycheck.model.environment import Environment
    from pytest_deploycheck.model.identity import Identity
    from pytest_deploycheck.probes.http import IdentityClient


@pytest.fixture
def _gate(request: pytest.FixtureRequest) -> "Gate":
    from pytest_deploycheck.clients import open_gate

    return open_gate(request)


@pytest.fixture
def _writes(_gate: "Gate", request: pytest.FixtureRequest) -> "Writes":
    from pytest_deploycheck.clients import Writes

    return Writes(_gate, request)


@pytest.fixture
def environment(_gate: "Gate") -> "Environment":
    """The environment that is checked: name, base_url, replicas, protected, budget.

    Waits until the deployment is ready and its version proven. If it isn't, the test is inconclusive.
    Cost to the target: none of its own.
    """
    return _gate.contract.environment


@pytest.fixture
def identity(_gate: "Gate") -> "Callable[[str], Identity]":
    """Look up an identity of the contract: `identity("shopper_a").tenant`.

    Cost to the target: none. Raises KeyError, naming the known ones, for a name that is not there.
    """
    from pytest_deploycheck.clients import identities

    return identities(_gate)


@pytest.fixture
def tokens(_gate: "Gate") -> "Tokens":
    """Bearer tokens of the contract's identities: `tokens["shopper_a"]` is text.

    Each identity logs in once for the whole run, xdist included. A login that fails makes the test
    inconclusive. `tokens.claims("shopper_a")` are the claims, not verified (RFC 7519).
    """
    from pytest_deploycheck.clients import Tokens

    return Tokens(_gate)


@pytest.fixture
def http(_gate: "Gate", _writes: "Writes", request: pytest.FixtureRequest) -> "Iterator[IdentityClient]":
    """An httpx.Client for the environment, anonymous; `http.as_("shopper_a")` is one for an identity.

    Paths are below the base URL. Redirects are not followed unless asked for; credentials never go to
    another origin. Each request is booked on the budget; when that is spent the test is inconclusive.
    Methods that may change the deployment need the marker `writes` or the fixture `ledger`.
    """
    from pytest_deploycheck.clients import http_client

    with http_client(_gate, _writes, request) as client:
        yield client


@pytest.fixture
def database(
    _gate: "Gate", request: pytest.FixtureRequest
) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
    """A psycopg 3 connection to the environment's `database`, read-only, with timeouts.

    Without `database` in the environment, or without an answer, the test is inconclusive.
    """
    from pytest_deploycheck.databases import database_connection

    with database_connection(_gate, request) as connection:
        yield connection


@pytest.fixture
def catalog(_gate: "Gate", request: pytest.FixtureRequest) -> "Catalog":
    """What the environment's database holds: schemas, relations, policies, functions, grants, roles ...

        def test_orders_are_secured(catalog):
            assert catalog.relation("public.orders").row_security

    Read once, in one transaction. What the login may not read is an `Unknown` with the reason, never empty.
    Without `database` in the environment, or without an answer, the test is inconclusive.
    """
    from pytest_deploycheck.databases import catalog

    return catalog(_gate, request)


@pytest.fixture
def ledger(_gate: "Gate", _writes: "Writes", request: pytest.FixtureRequest) -> "Iterator[Recorder]":
    """Records what the test creates before it is created, removes it after the test, proves it gone.

        def test_order(http, ledger):
            shopper = http.as_("shopper_a")
            with ledger.creates(
                "POST /api/orders", identity="shopper_a",
                delete="DELETE /api/orders/{id}",
                find=("GET /api/orders?reference={mark}", "$.items[*].id"),
            ) as order:
                reply = shopper.post("/api/orders", json={"reference": order.mark, "quantity": 1})
                order.id = reply.json()["id"]

    On a protected environment without --allow-writes the test is inconclusive.
    """
    from pytest_deploycheck.clients import recorder

    with recorder(_gate, _writes, request) as recording:
        yield recording
