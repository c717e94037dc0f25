"""HTTP checks: what is sent, what is expected, and what keeps a pass from meaning nothing."""

# ruff: noqa: E501 - a contract and its message read best on one line

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.evidence import Evidence, Mark, Silence, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare_one, reply

HEALTH = "- GET /health: {status: 200, json: {$.status: ok}, duration: <3s, runbook: WC-17, hint: look at the logs}"
DENIED = "- GET /api/products [no token]: {status: 401, control: shopper}"
ORDER = """
- order is created, read back and removed:
    as: shopper
    runbook: [WC-20, WC-19]
    steps:
      - GET /api/products: {status: 200, capture: {product: "$.items[0].id"}}
      - POST /api/orders:
          send: {json: {product_id: "{product}", quantity: 1, reference: "{mark}"}}
          status: 201
          creates:
            id: $.id
            delete: DELETE /api/orders/{id}
            find: {"GET /api/orders?reference={mark}": "$.items[*].id"}
          capture: {order: $.id}
      - GET /api/orders/{order}: {status: 200, json: {$.quantity: 1, $.reference: "{mark}"}}
"""
PRODUCTS = reply(body='{"items": [{"id": 7}]}')


def health(evidence: Evidence) -> Outcome:
    return answer(declare_one("http", HEALTH), evidence)


def test_a_check_carries_what_the_contract_says_about_it() -> None:
    check = declare_one("http", HEALTH)

    assert (check.id, check.runbook, check.hint) == ("smoke::GET /health", ("WC-17",), "look at the logs")
    assert (check.phase, check.spend, check.identities) == (Phase.READ, Spend(requests=1), frozenset())
    assert asked(check) == ((HttpRequest(method="GET", target="/health"),),)


def test_a_reply_that_shows_all_passes() -> None:
    assert health(reply(body='{"status": "ok"}')) == Passed()


def test_every_broken_expectation_is_listed() -> None:
    assert health(reply(503, '{"status": "down"}', elapsed=4.2)) == Failed(
        'status: expected 200, got 503 ({"status": "down"})\n'
        '$.status: expected "ok", got "down"\n'
        "duration: expected under 3s, got 4.2 s"
    )


def test_a_body_that_is_not_json_is_shown_once() -> None:
    assert health(reply(body="<h1>Hello</h1>")) == Failed("body: expected JSON, got <h1>Hello</h1>")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("connection refused"), "GET /health: no answer: connection refused"),
        (Withheld("budget spent"), "GET /health: not sent: budget spent"),
        (reply(429, retry_after="30"), "GET /health: rate limited (429, Retry-After 30)"),
        (reply(429), "GET /health: rate limited (429)"),
    ],
)
def test_without_an_answer_nothing_is_decided(evidence: Evidence, reason: str) -> None:
    assert health(evidence) == Inconclusive(reason)


def test_headers_and_body_are_matched() -> None:
    check = declare_one(
        "http", "- GET /: {headers: {X-Frame-Options: DENY, server: {absent: true}}, body: {contains: OK}}"
    )

    assert answer(check, reply(body="OK", x_frame_options="DENY")) == Passed()
    assert answer(check, reply(500, "no", server="nginx")) == Failed(
        "status: expected 2xx, got 500 (no)\n"
        'header X-Frame-Options: expected "DENY", got nothing there\n'
        'header server: expected nothing, got "nginx"\n'
        'body: expected something that contains "OK", got "no"'
    )


def test_a_refusal_with_its_control_passes() -> None:
    check = declare_one("http", DENIED)

    assert asked(check) == (
        (
            HttpRequest(method="GET", target="/api/products"),
            HttpRequest(method="GET", target="/api/products", identity="shopper", purpose="control"),
        ),
    )
    assert check.spend == Spend(requests=2)
    assert check.identities == {"shopper"}
    assert answer(check, (reply(401), reply(200))) == Passed()


def test_without_a_working_control_a_refusal_proves_nothing() -> None:
    assert answer(declare_one("http", DENIED), (reply(401), reply(401, "expired"))) == Inconclusive(
        "the control GET /api/products as shopper: status: expected 2xx, got 401 (expired): "
        "without it a refusal proves nothing"
    )


@pytest.mark.parametrize("control", [reply(200), reply(500)])
def test_being_served_instead_of_refused_is_a_fault_whatever_the_control_says(control: Evidence) -> None:
    assert answer(declare_one("http", DENIED), (reply(200), control)) == Failed(
        "status: expected 401, got 200"
    )


def test_a_deployment_that_is_down_refuses_nothing() -> None:
    outcome = answer(declare_one("http", DENIED), (reply(503), reply(503)))

    assert isinstance(outcome, Inconclusive)


def test_a_forged_token_brings_its_renewed_twin_as_control() -> None:
    check = declare_one("http", "- GET /api: {as: expired, status: 401}")

    ((probe, twin),) = asked(check)
    assert isinstance(probe, HttpRequest)
    assert isinstance(twin, HttpRequest)
    assert (probe.identity, twin.identity, twin.purpose) == ("expired", "expired~renewed", "control")
    assert check.identities == {"expired"}
    assert answer(check, (reply(401), reply(200))) == Passed()
    assert answer(check, (reply(401), reply(401))) == Inconclusive(
        "the control GET /api as expired~renewed: status: expected 2xx, got 401: without it a refusal proves nothing"
    )


def test_a_forged_write_never_sends_its_twins_write() -> None:
    check = declare_one(
        "http",
        "- POST /orders: {as: expired, read_only: true, status: 401, control: {GET /orders: {as: shopper}}}",
    )

    ((_, control, twin),) = asked(check)
    assert control == HttpRequest(method="GET", target="/orders", identity="shopper", purpose="control")
    assert twin == HttpRequest(method="GET", target="/orders", identity="expired~renewed", purpose="control")


def test_a_control_of_its_own_may_expect_more() -> None:
    check = declare_one(
        "http",
        "- GET /admin: {as: shopper, status: 403, control: {GET /admin: {as: other, json: {$.ok: true}}}}",
    )

    assert answer(check, (reply(403), reply(200, '{"ok": true}'))) == Passed()
    assert answer(check, (reply(403), reply(200, '{"ok": false}'))) == Inconclusive(
        "the control GET /admin as other: $.ok: expected true, got false: without it a refusal proves nothing"
    )


def test_steps_hand_on_what_they_captured() -> None:
    check = declare_one("http", ORDER)
    created = reply(201, '{"id": "o/1"}')

    rounds = asked(check, Mark("dc-1"), PRODUCTS, created)

    assert rounds[0] == (NewMark(),)
    assert rounds[2] == (
        HttpRequest(
            method="POST",
            target="/api/orders",
            identity="shopper",
            headers=(("Content-Type", "application/json"),),
            body=b'{"product_id":7,"quantity":1,"reference":"dc-1"}',
            writes=True,
            creates=Creation(
                mark="dc-1",
                identify="$.id",
                delete="DELETE /api/orders/{id}",
                gone="GET /api/orders/{id}",
                find="GET /api/orders?reference=dc-1",
                found="$.items[*].id",
            ),
            purpose="step 2",
        ),
    )
    (read,) = rounds[3]
    assert isinstance(read, HttpRequest)
    assert read.target == "/api/orders/o%2F1"
    assert (
        answer(check, Mark("dc-1"), PRODUCTS, created, reply(body='{"quantity": 1, "reference": "dc-1"}'))
        == Passed()
    )


def test_a_writing_check_says_so_and_counts_its_removal() -> None:
    check = declare_one("http", ORDER)

    assert (check.phase, check.tenant) == (Phase.WRITE, "a")
    assert check.spend == Spend(requests=7, writes=2)
    assert check.runbook == ("WC-20", "WC-19")


def test_a_broken_step_is_named_and_the_rest_is_not_sent() -> None:
    check = declare_one("http", ORDER)

    assert answer(check, Mark("dc-1"), PRODUCTS, reply(500, "boom")) == Failed(
        "step 2, POST /api/orders as shopper: status: expected 201, got 500 (boom)"
    )
    assert answer(check, Mark("dc-1"), reply(body='{"items": []}')) == Failed(
        "step 1, GET /api/products as shopper: capture product: nothing there at $.items[0].id"
    )
    assert answer(check, Mark("dc-1"), Silence("timed out")) == Inconclusive(
        "step 1, GET /api/products as shopper: no answer: timed out"
    )


def test_query_form_and_headers_are_encoded() -> None:
    check = declare_one(
        "http",
        "- POST /search: {read_only: true, status: 2xx, send: "
        "{query: {q: [a b, c]}, form: {x: 1, y: true}, headers: {X-Version: 2}}}",
    )

    assert asked(check) == (
        (
            HttpRequest(
                method="POST",
                target="/search?q=a+b&q=c",
                headers=(("Content-Type", "application/x-www-form-urlencoded"), ("X-Version", "2")),
                body=b"x=1&y=true",
            ),
        ),
    )


def test_the_clients_own_id_needs_no_search() -> None:
    check = declare_one(
        "http", '- PUT /things/{mark}: {status: 201, creates: {id: "{mark}", delete: "DELETE /things/{id}"}}'
    )

    (request,) = asked(check, Mark("m1"))[1]
    assert isinstance(request, HttpRequest)
    assert request.target == "/things/m1"
    assert request.creates == Creation(
        mark="m1", identify="m1", delete="DELETE /things/{id}", gone="GET /things/{id}"
    )
    assert check.spend == Spend(requests=3, writes=2)


def test_a_variable_that_is_still_pending_is_no_name() -> None:
    check = declare_one("http", "- GET ${AUTH_URL}/settings: {status: 200}")

    (request,) = asked(check)[0]
    assert isinstance(request, HttpRequest)
    assert request.target == "${AUTH_URL}/settings"


def test_without_an_answer_of_the_control_nothing_is_decided() -> None:
    assert answer(declare_one("http", DENIED), (reply(401), Withheld("no credential"))) == Inconclusive(
        "the control GET /api/products as shopper: not sent: no credential"
    )
