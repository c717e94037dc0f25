"""Routes of the OpenAPI document that nobody asks for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.checks import kinds
from pytest_deploycheck.config import load
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence, Silence
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Described
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import PLACE, ROUTES, context, declare, declare_one, reply

DESCRIBED = tuple(replace(route, described=True) for route in ROUTES)
DOCUMENT = json.dumps(
    {"openapi": "3.1.0", "paths": {"/orders": {"get": {}}, "/orders/{id}": {"get": {}, "put": {}}}}
)
ALL_BUT_ONE = ("GET /health", "GET /api/orders", "GET /api/orders/{id}", "DELETE /api/orders/17")


def around(*lines: str, path: str | None = None, complete: bool = True) -> Context:
    document = Described(place=PLACE, path=path, complete=complete)
    told = context("security", routes=DESCRIBED)
    return replace(told, described=document, asked=lambda: frozenset(lines))


def coverage(told: Context) -> Check:
    return declare_one("coverage", "{}", told)


def test_a_route_that_nobody_asks_for_is_a_fault_if_all_must_be() -> None:
    check = coverage(around(*ALL_BUT_ONE))

    assert (check.spend.requests, check.independent) == (0, True)
    assert answer(check, ()) == Failed(
        "1 of 5 routes is neither asked for nor excluded: GET /api/admin/users"
    )


def test_else_it_is_told_and_no_more() -> None:
    assert answer(coverage(around(*ALL_BUT_ONE, complete=False)), ()) == Passed(
        "1 of 5 routes is neither asked for nor excluded: GET /api/admin/users"
    )


def test_where_all_are_asked_for_nothing_is_left() -> None:
    assert answer(coverage(around(*ALL_BUT_ONE, "GET /api/admin/users")), ()) == Passed()


def test_an_excluded_route_is_not_missed() -> None:
    told = replace(around(*ALL_BUT_ONE), routes=DESCRIBED[:-1], excluded=DESCRIBED[-1:])

    assert answer(coverage(told), ()) == Passed()


def test_a_route_below_something_else_covers_none_of_the_document() -> None:
    lines = (*ALL_BUT_ONE, "GET https://auth.example/api/admin/users")

    assert isinstance(answer(coverage(around(*lines)), ()), Failed)


def test_a_served_document_is_fetched_and_compared() -> None:
    told = replace(around("GET /orders", "GET /orders/{order}", path="/openapi.json"), routes=())
    check = coverage(told)

    assert asked(check) == ((HttpRequest(method="GET", target="/openapi.json", purpose="OpenAPI document"),),)
    assert check.spend.requests == 1
    assert answer(check, reply(body=DOCUMENT)) == Failed(
        "1 of 3 routes is neither asked for nor excluded: PUT /orders/{id}"
    )


def test_a_file_and_what_is_served_are_compared_together() -> None:
    told = around("GET /orders", "GET /orders/{order}", *ALL_BUT_ONE, path="/openapi.json")

    assert answer(coverage(told), reply(body=DOCUMENT)) == Failed(
        "2 of 8 routes are neither asked for nor excluded: GET /api/admin/users, PUT /orders/{id}"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(404, "gone"), "GET /api.json: got 404 (gone): no OpenAPI document is served there"),
        (reply(200, "<html>"), "GET /api.json: its body is not JSON"),
        (reply(200, "{}"), "GET /api.json: no OpenAPI document: it has no key 'openapi'"),
    ],
)
def test_a_document_that_is_not_served_is_a_fault(evidence: Evidence, reason: str) -> None:
    assert answer(coverage(around(path="/api.json")), evidence) == Failed(reason)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [(Silence("timed out"), "no answer: timed out"), (reply(429), "rate limited (429)")],
)
def test_without_an_answer_nobody_knows(evidence: Evidence, reason: str) -> None:
    assert answer(coverage(around(path="/api.json")), evidence) == Inconclusive(f"GET /api.json: {reason}")


def test_without_a_document_there_is_nothing_to_cover() -> None:
    with pytest.raises(Misuse, match="no OpenAPI document"):
        declare("coverage", "{}", replace(around(), described=None))


def test_whoever_reads_the_document_must_be_known() -> None:
    with pytest.raises(Misuse, match="unknown identity 'me'"):
        declare("coverage", "{as: me}", around(path="/api.json"))


def test_requests_of_http_checks_count_without_their_query() -> None:
    (check,) = declare("http", "- GET /orders?page=2 [second page]: {status: 200}")

    assert check.routes == {"GET /orders"}


CONTRACT = """
system: Shop
environments: {local: {base_url: "https://api.example/v1"}}
openapi: {file: api.yaml, require_coverage: true}
signing: {key: a-secret-of-sixteen}
identities:
  ann: {login: {path: "/login?by=password", json: {name: ann}, token: $.t}}
  bob: {login: {url: "https://api.example/v1/sessions", method: PUT, token: $.t}}
  old: {forge: expired, of: bob}
  carl: {login: {path: /never, token: $.t}}
smoke:
  - GET /orders: {as: ann, status: 200}
  - GET /orders [old]: {as: old, status: 401}
security: {coverage: {}}
"""
ROUTES_OF_IT = {"/orders": "get", "/login": "post", "/sessions": "put", "/never": "post"}


def test_logins_of_identities_that_checks_use_are_asked_for(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {path: {method: {}} for path, method in ROUTES_OF_IT.items()},
    }
    (tmp_path / "api.yaml").write_text(json.dumps(document))
    (tmp_path / "deploycheck.yaml").write_text(CONTRACT)

    contract = load(tmp_path / "deploycheck.yaml", "local", {}, kinds=kinds())

    (check,) = (each for each in contract.checks if each.section == "" and "coverage" in each.title)
    assert answer(check, ()) == Failed("1 of 4 routes is neither asked for nor excluded: POST /never")
