"""Error answers that tell nothing about the code."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare, reply

ERRORS = """
control: /health
missing: /nothing-here
unauthorized: /api/products
forbidden: /api/admin/users
malformed: POST /api/orders
invalid: POST /api/orders
wrong_method: /health
as: shopper
runbook: WC-21
"""
FINE = reply(200)
STATUSES = {
    "missing": 404,
    "credential": 401,
    "forbidden": 403,
    "malformed": 400,
    "no sense": 422,
    "method": 405,
}


def check(word: str, text: str = ERRORS) -> Check:
    around = context(secrets=(("API_KEY", Secret("a-key-that-is-ours")), ("SHORT", Secret("page"))))
    (found,) = (one for one in declare("errors", text, around) if word in one.title)
    return found


def error(status: int = 404, body: str = '{"error": "there is no such page"}', kind: str = "") -> Reply:
    return reply(status, body, 0.1, content_type=kind or "application/json; charset=utf-8")


def test_each_error_is_provoked_beside_a_control() -> None:
    checks = declare("errors", ERRORS)

    assert [one.title for one in checks] == [
        "errors: the answer to a missing page tells nothing about the code",
        "errors: the answer to a request without a credential tells nothing about the code",
        "errors: the answer to a forbidden request tells nothing about the code",
        "errors: the answer to malformed JSON tells nothing about the code",
        "errors: the answer to JSON that makes no sense tells nothing about the code",
        "errors: the answer to a method that is not offered tells nothing about the code",
    ]
    assert [asked(one)[0][0] for one in checks] == [
        HttpRequest(method="GET", target="/nothing-here", identity="shopper"),
        HttpRequest(method="GET", target="/api/products"),
        HttpRequest(method="GET", target="/api/admin/users", identity="shopper"),
        *(
            HttpRequest(
                method="POST",
                target="/api/orders",
                identity="shopper",
                headers=(("Content-Type", "application/json"),),
                body=body,
            )
            for body in (b'{"deploycheck": ', b'["deploycheck"]')
        ),
        HttpRequest(method="PROPFIND", target="/health", identity="shopper"),
    ]
    assert {asked(one)[0][1] for one in checks} == {
        HttpRequest(method="GET", target="/health", purpose="control")
    }
    assert {(one.spend, one.phase, one.runbook) for one in checks} == {
        (Spend(requests=2), Phase.READ, ("WC-21",))
    }
    assert {one.weakness.cwe for one in checks if one.weakness} == {"CWE-209"}


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_an_error_that_tells_nothing_passes(word: str, status: int) -> None:
    assert answer(check(word), (error(status), FINE)) == Passed()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            "Traceback (most recent call last):",
            "tells a stack trace: Traceback (most recent call last)",
        ),
        (
            "Error: x\\n    at handler (/srv/app/orders.mjs:12:7)",
            "tells a stack trace: at handler (/srv/app/orders.mjs:12:7)",
        ),
        (
            "at com.shop.Orders.create(Orders.java:17)",
            "tells a stack trace: at com.shop.Orders.create(Orders.java:17)",
        ),
        ("goroutine 1 [running]:", "tells a stack trace: goroutine 1 ["),
        ("<b>x.php</b> on line <b>7</b>", "tells a stack trace: .php</b> on line <b>7"),
        (
            "because you have <code>DEBUG = True</code>",
            "tells a debug page: <code>DEBUG = True</code>",
        ),
        ("<title>Werkzeug Debugger</title>", "tells a debug page: Werkzeug Debugger"),
        ("syntax error at or near 'x'", "tells SQL: syntax error at or near"),
        (
            "select failed: SELECT id FROM orders WHERE x",
            "tells SQL: SELECT id FROM orders",
        ),
        (
            "violates foreign key constraint orders_client",
            "tells SQL: violates foreign key constraint",
        ),
        (
            "cannot open /srv/app/config/prod.env",
            "tells the path of a file: /srv/app/config/prod.env",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----", "holds a private key"),
        ("postgresql://app:hunter22@db/shop", "holds the password of a database"),
        ("sk_live_abcdefghij12", "holds a secret key of Stripe"),
        ("wrong key a-key-that-is-ours", "holds the value of API_KEY"),
    ],
)
def test_an_error_that_tells_too_much_is_quoted_without_the_secret(body: str, fault: str) -> None:
    seen = error(404, f'{{"error": "{body}"}}')
    outcome = answer(check("missing"), (seen, FINE))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[0] == f"GET /nothing-here (404): {fault}"
    assert "hunter22" not in outcome.reason
    assert "a-key-that-is-ours" not in outcome.reason


@pytest.mark.parametrize(
    "body",
    [
        '{"error": "no page at /api/nothing-here, see https://docs.example/errors.py"}',
        '{"error": {"code": "not_found", "message": "please select one from the list"}}',
        '{"message": "column is required", "line": 7, "page": "online"}',
        '{"error": "unexpected end of JSON on line 1 column 17"}',
        '{"error": "update the order and set a quantity"}',
    ],
)
def test_plain_words_are_no_leak(body: str) -> None:
    assert answer(check("missing"), (error(404, body), FINE)) == Passed()


def test_a_leak_is_a_fault_whatever_status_and_control() -> None:
    leak = error(200, "Traceback (most recent call last):")

    assert answer(check("missing"), (leak, Silence("refused"))) == Failed(
        "GET /nothing-here (200): tells a stack trace: Traceback (most recent call last)"
    )


def test_what_should_be_forbidden_and_is_shown_is_no_leak_of_an_error() -> None:
    shown = reply(200, '{"key": "a-key-that-is-ours"}')

    assert answer(check("forbidden"), (shown, FINE)) == Inconclusive(
        "GET /api/admin/users: expected 403, got 200: another answer than meant"
    )
    assert isinstance(answer(check("forbidden"), (error(403, "a-key-that-is-ours"), FINE)), Failed)


def test_a_server_error_is_a_fault() -> None:
    assert answer(check("malformed"), (error(500, "oops"), FINE)) == Failed(
        "POST /api/orders (500): a server error, where the request was wrong (oops)"
    )
    assert answer(check("malformed"), (error(502, ""), FINE)) == Failed(
        "POST /api/orders (502): a server error, where the request was wrong"
    )
    assert answer(check("method"), (error(501), FINE)) == Passed()


def test_errors_are_json_unless_the_contract_says_otherwise() -> None:
    html, lie = error(kind="text/html"), error(body="no JSON")
    nothing = Reply(status=404, body=b"{}")

    assert answer(check("missing"), (html, FINE)) == Failed(
        "GET /nothing-here (404): expected JSON, got text/html"
    )
    assert isinstance(answer(check("missing"), (lie, FINE)), Failed)
    assert answer(check("missing"), (nothing, FINE)) == Failed(
        "GET /nothing-here (404): expected JSON, got no content type"
    )
    assert answer(check("missing"), (error(kind="application/problem+json"), FINE)) == Passed()
    assert answer(check("missing", ERRORS + "json: false\n"), (html, FINE)) == Passed()


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((Silence("refused"), FINE), "GET /nothing-here: no answer: refused"),
        ((Withheld("budget spent"), FINE), "GET /nothing-here: not sent: budget spent"),
        ((reply(429, retry_after="9"), FINE), "GET /nothing-here: rate limited (429, Retry-After 9)"),
        ((error(), Silence("refused")), "the control GET /health: no answer: refused"),
        (
            (error(), reply(404)),
            "the control GET /health: got 404: is it the application that answers?",
        ),
        (
            (error(403), FINE),
            "GET /nothing-here: expected 404, got 403: another answer than meant",
        ),
        (
            (reply(200), FINE),
            "GET /nothing-here: expected 404, got 200: another answer than meant",
        ),
    ],
)
def test_without_the_error_that_was_meant_nothing_passes(evidence: tuple[Evidence, ...], reason: str) -> None:
    assert answer(check("missing"), evidence) == Inconclusive(reason)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{control: /}", "no error to look at"),
        ("{control: /, missing: /no, as: me}", "unknown identity 'me'"),
        ("{control: /, malformed: GET /orders}", "'GET /orders' sends no body"),
        ("{control: /, malformed: DELETE /orders}", "'DELETE /orders' may remove something"),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("errors", text)
