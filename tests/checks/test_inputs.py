"""Inputs that make no sense."""

import json

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, reply

QUERY = "{control: /api/products, queries: ['/api/products?search='], as: shopper, runbook: WC-21}"
BODY = """
control: /api/products
bodies: {POST /api/orders: {product: {id: "{input}"}, quantity: 1}}
as: shopper
"""
FINE, REFUSED = reply(200), reply(422, '{"error": "invalid"}')
MARKUP = "<script>deploycheck()</script><img src=x onerror=deploycheck()>"


def check(words: str, text: str = BODY) -> Check:
    (found,) = (one for one in declare("inputs", text) if one.title.endswith(words))
    return found


def sent(words: str, text: str = BODY) -> HttpRequest:
    probe = asked(check(words, text))[0][0]
    assert isinstance(probe, HttpRequest)
    return probe


def test_each_input_is_a_check_beside_a_control() -> None:
    checks = (*declare("inputs", QUERY), *declare("inputs", BODY))

    assert [one.title for one in checks] == [
        "inputs: GET /api/products?search= takes SQL-like text",
        "inputs: GET /api/products?search= takes markup",
        "inputs: GET /api/products?search= takes a null byte",
        "inputs: GET /api/products?search= takes a long text",
        "inputs: POST /api/orders refuses malformed JSON",
        "inputs: POST /api/orders refuses JSON of the wrong type",
        "inputs: POST /api/orders refuses an oversized body",
        "inputs: POST /api/orders refuses JSON nested too deep",
        "inputs: POST /api/orders refuses SQL-like text as a value",
        "inputs: POST /api/orders refuses markup as a value",
        "inputs: POST /api/orders refuses a null byte as a value",
        "inputs: POST /api/orders refuses an object where a text belongs",
        "inputs: POST /api/orders refuses a number beyond all bounds",
    ]
    control = HttpRequest(method="GET", target="/api/products", identity="shopper", purpose="control")
    assert {asked(one)[0][1] for one in checks} == {control}
    assert {(one.spend, one.phase) for one in checks} == {(Spend(requests=2), Phase.READ)}
    assert all(one.weakness and one.hint and one.identities == {"shopper"} for one in checks)
    assert checks[0].runbook == ("WC-21",)


def test_a_query_is_percent_encoded() -> None:
    assert sent("SQL-like text", QUERY).target == (
        "/api/products?search=%27%20OR%20%271%27%3D%271%27%3B%20--"
    )
    assert sent("a null byte", QUERY).target == "/api/products?search=deploycheck%00"
    assert len(sent("a long text", QUERY).target) < 8000


IDS = "{control: /api/products, paths: ['/api/orders/{input}/lines'], as: shopper}"


def test_what_is_no_id_is_refused_or_nobodys() -> None:
    checks = declare("inputs", IDS)
    (odd, _) = asked(checks[0])[0]

    assert [one.title for one in checks] == [
        "inputs: GET /api/orders/{input}/lines refuses SQL-like text",
        "inputs: GET /api/orders/{input}/lines refuses markup",
        "inputs: GET /api/orders/{input}/lines refuses a null byte",
    ]
    assert isinstance(odd, HttpRequest)
    assert odd.target == "/api/orders/%27%20OR%20%271%27%3D%271%27%3B%20--/lines"
    assert answer(checks[0], (reply(404), FINE)) == Passed()
    assert answer(checks[0], (reply(500), FINE)) == Failed(
        "GET /api/orders/{input}/lines with SQL-like text: got 500, a server error"
    )
    assert answer(checks[0], (FINE, FINE)) == Failed(
        "GET /api/orders/{input}/lines with SQL-like text: expected 4xx, got 200"
    )


def test_no_body_can_be_valid() -> None:
    for words in ("malformed JSON", "an oversized body"):
        with pytest.raises(ValueError, match=r"Expecting value|Unterminated string"):
            json.loads(sent(words).body or b"")
    assert json.loads(sent("wrong type").body or b"") == ["deploycheck"]
    assert (sent("too deep").body or b"").startswith(b"[[[[")
    assert max(len(sent(one.title).body or b"") for one in declare("inputs", BODY)) <= 256 * 1024
    assert {sent(one.title).writes for one in declare("inputs", BODY)} == {False}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("SQL-like text as a value", "' OR '1'='1'; --"),
        ("markup as a value", MARKUP),
        ("a null byte as a value", "deploycheck\0"),
        ("an object where a text belongs", {"deploycheck": []}),
        ("a number beyond all bounds", 10**400),
    ],
)
def test_an_odd_value_stands_where_the_contract_says(words: str, value: object) -> None:
    assert json.loads(sent(words).body or b"") == {"product": {"id": value}, "quantity": 1}
    assert sent(words).headers == (("Content-Type", "application/json"),)


def test_a_query_may_be_searched_for_or_refused() -> None:
    for one in declare("inputs", QUERY):
        assert answer(one, (FINE, FINE)) == Passed()
        assert answer(one, (reply(400), FINE)) == Passed()


def test_a_body_must_be_refused() -> None:
    for one in declare("inputs", BODY):
        assert answer(one, (REFUSED, FINE)) == Passed()
        assert answer(one, (reply(413), FINE)) == Passed()
        assert isinstance(answer(one, (reply(201), FINE)), Failed)


def test_a_body_that_was_carried_out_is_a_fault() -> None:
    assert answer(check("wrong type"), (reply(201), FINE)) == Failed(
        "POST /api/orders with JSON of the wrong type: expected 4xx, got 201"
    )
    assert answer(check("markup", QUERY), (reply(302), FINE)) == Failed(
        "GET /api/products with markup: expected 2xx or 4xx, got 302"
    )


@pytest.mark.parametrize("control", [FINE, Silence("refused")])
def test_a_server_error_is_a_fault_whatever_the_control_says(control: Evidence) -> None:
    assert answer(check("a null byte", QUERY), (reply(500, "oops"), control)) == Failed(
        "GET /api/products with a null byte: got 500, a server error (oops)"
    )
    assert answer(check("too deep"), (reply(502), control)) == Failed(
        "POST /api/orders with JSON nested too deep: got 502, a server error"
    )


def test_a_message_of_the_database_is_a_fault() -> None:
    seen = reply(400, "syntax error at or near '1'")

    assert answer(check("SQL-like text", QUERY), (seen, FINE)) == Failed(
        "GET /api/products with SQL-like text: tells SQL: syntax error at or near"
    )
    assert answer(check("a null byte", QUERY), (seen, FINE)) == Passed()


def test_markup_is_a_fault_only_where_a_browser_would_run_it() -> None:
    one = check("markup", QUERY)
    page = f"<p>nothing found for {MARKUP}</p>"

    assert answer(one, (reply(200, page, 0.1, content_type="text/html; charset=utf-8"), FINE)) == Failed(
        "GET /api/products with markup: the answer, text/html, repeats it as it is"
    )
    assert answer(one, (reply(200, page, 0.1, content_type="application/json"), FINE)) == Passed()
    assert answer(one, (reply(200, "&lt;script&gt;", 0.1, content_type="text/html"), FINE)) == Passed()


POSTED = "POST /api/orders with malformed JSON"


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((Silence("the connection broke"), FINE), f"{POSTED}: no answer: the connection broke"),
        ((Withheld("budget spent"), FINE), f"{POSTED}: not sent: budget spent"),
        ((reply(429), FINE), f"{POSTED}: rate limited (429)"),
        ((REFUSED, reply(429)), "the control GET /api/products: rate limited (429)"),
        (
            (REFUSED, reply(401)),
            "the control GET /api/products: got 401: without it a refusal proves nothing",
        ),
        ((reply(401), FINE), f"{POSTED}: got 401, so nobody has read the input"),
        ((reply(403), FINE), f"{POSTED}: got 403, so nobody has read the input"),
        ((reply(404), FINE), f"{POSTED}: got 404, so nobody has read the input"),
    ],
)
def test_what_nobody_has_read_was_not_refused(evidence: tuple[Reply, Reply], reason: str) -> None:
    assert answer(check("malformed JSON"), evidence) == Inconclusive(reason)


def test_a_value_may_name_what_is_not_there() -> None:
    assert answer(check("SQL-like text as a value"), (reply(404), FINE)) == Passed()


def test_a_whole_body_needs_no_document() -> None:
    text = "{control: /, bodies: {'PUT ${HOST}/x': null}}"
    checks = declare("inputs", text)

    assert [one.title for one in checks] == [
        one.title for one in declare("inputs", text.replace("${HOST}", "https://api.example"))
    ]
    assert [one.title.rpartition("refuses ")[2] for one in checks] == [
        "malformed JSON",
        "JSON of the wrong type",
        "an oversized body",
        "JSON nested too deep",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{control: /}", "nothing takes an input"),
        ("{control: /, queries: ['/x?a='], as: me}", "unknown identity 'me'"),
        ("{control: /, bodies: {DELETE /x: null}}", "'DELETE /x' sends no body"),
        ("{control: /, bodies: {POST /x: {a: 1}}}", "'POST /x' would be sent as it is"),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("inputs", text)


def test_a_query_needs_a_parameter() -> None:
    with pytest.raises(ValueError, match="ends in no parameter"):
        declare("inputs", "{control: /, queries: [/api/products]}")
