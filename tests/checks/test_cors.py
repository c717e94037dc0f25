"""Allowed origins, and those that only look like one."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, reply

APP = "https://app.example"
CORS = """
path: /version
origins: [https://app.example]
credentials: true
preflight: PATCH /api/orders
headers: [Authorization, Content-Type]
max_age: 1h
runbook: WC-07
"""
SIMPLE = "{path: /version, origins: [https://app.example], credentials: true}"
REFUSED = {
    "a foreign origin": "https://attacker.example",
    "the null origin": "null",
    "a subdomain of an allowed origin": "https://attacker.app.example",
    "an allowed origin with a suffix": "https://app.example.attacker.example",
    "an allowed origin with a prefix": "https://notapp.example",
    "an allowed origin with a letter for a dot": "https://appxexample",
    "an allowed origin with another scheme": "http://app.example",
    "an allowed origin with another port": "https://app.example:8443",
}


def check(title: str, text: str = CORS) -> Check:
    (found,) = (one for one in declare("cors", text) if one.title == f"cors: {title}")
    return found


def simple(origin: str | None = APP, credentials: str | None = "true", status: int = 200) -> Reply:
    said = {
        "access_control_allow_origin": origin,
        "access_control_allow_credentials": credentials,
        "vary": "Accept, Origin",
    }
    return reply(status, "", 0.1, **{name: value for name, value in said.items() if value is not None})


def preflight(
    origin: str | None = APP,
    methods: str = "GET, PATCH",
    headers: str = "authorization, content-type",
    age: str = "600",
) -> Reply:
    said = {"access_control_allow_methods": methods, "access_control_allow_headers": headers}
    return reply(
        204,
        "",
        0.1,
        access_control_max_age=age,
        access_control_allow_credentials="true",
        **({"access_control_allow_origin": origin} if origin else {}),
        **said,
    )


def test_each_origin_is_a_check_and_each_trick_too() -> None:
    assert [one.title for one in declare("cors", CORS)] == [
        "cors: an allowed origin is let in",
        "cors: an allowed origin passes the preflight",
        *(f"cors: {trick} is refused" for trick in REFUSED),
    ]


def test_an_allowed_origin_asks_as_a_browser_does() -> None:
    one, two = check("an allowed origin is let in"), check("an allowed origin passes the preflight")

    assert asked(one) == ((HttpRequest(method="GET", target="/version", headers=(("Origin", APP),)),),)
    assert asked(two) == (
        (
            HttpRequest(
                method="OPTIONS",
                target="/api/orders",
                headers=(
                    ("Origin", APP),
                    ("Access-Control-Request-Method", "PATCH"),
                    ("Access-Control-Request-Headers", "authorization,content-type"),
                ),
            ),
        ),
    )
    assert (one.spend, two.spend, one.phase, one.runbook) == (Spend(1), Spend(1), Phase.READ, ("WC-07",))
    assert answer(one, simple()) == Passed()
    assert answer(two, preflight()) == Passed()


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (simple(None), f"Access-Control-Allow-Origin: expected {APP}, got nothing"),
        (
            simple("https://other.example"),
            f'Access-Control-Allow-Origin: expected {APP}, got "https://other.example"',
        ),
        (simple("*"), "Access-Control-Allow-Origin: * does not go with credentials"),
        (simple(credentials=None), "Access-Control-Allow-Credentials: expected true, got nothing"),
    ],
)
def test_an_allowed_origin_that_a_browser_would_keep_out(seen: Reply, fault: str) -> None:
    assert answer(check("an allowed origin is let in"), seen) == Failed(f"GET /version from {APP}: {fault}")


def test_without_credentials_everybody_may_be_let_in_but_not_with_them() -> None:
    one = check(
        "an allowed origin is let in", "{path: /version, origins: [https://app.example], credentials: false}"
    )

    assert answer(one, simple("*", None)) == Passed()
    assert answer(one, simple()) == Failed(
        f"GET /version from {APP}: Access-Control-Allow-Credentials: expected nothing, got true"
    )


def test_an_echo_that_caches_may_mix_up_is_noted() -> None:
    seen = reply(access_control_allow_origin=APP, access_control_allow_credentials="true")

    assert answer(check("an allowed origin is let in"), seen) == Passed(
        "no Vary: Origin, so a cache may hand the answer for one origin to another"
    )


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (preflight(None), f"Access-Control-Allow-Origin: expected {APP}, got nothing"),
        (
            preflight(methods="GET"),
            'Access-Control-Allow-Methods: expected PATCH in it, got "GET"',
        ),
        (preflight(methods="*"), 'Access-Control-Allow-Methods: expected PATCH in it, got "*"'),
        (
            preflight(headers="content-type"),
            'Access-Control-Allow-Headers: expected Authorization in it, got "content-type"',
        ),
        (preflight(age="86400"), "Access-Control-Max-Age: expected at most 3600, got 86400"),
    ],
)
def test_a_preflight_that_a_browser_would_not_accept(seen: Reply, fault: str) -> None:
    assert answer(check("an allowed origin passes the preflight"), seen) == Failed(
        f"the preflight of PATCH /api/orders from {APP}: {fault}"
    )


def test_a_preflight_must_succeed() -> None:
    seen = Reply(status=401, headers=preflight().headers)

    assert answer(check("an allowed origin passes the preflight"), seen) == Failed(
        f"the preflight of PATCH /api/orders from {APP}: status: expected 2xx, got 401"
    )


@pytest.mark.parametrize(("trick", "origin"), REFUSED.items())
def test_each_trick_is_asked_with_its_control_and_refused(trick: str, origin: str) -> None:
    one = check(f"{trick} is refused")

    (probes,) = asked(one)
    assert [dict(probe.headers)["Origin"] for probe in probes] == [origin, origin, APP, APP]  # type: ignore[union-attr]  # all of them are requests
    assert (one.spend, one.weakness and one.weakness.cwe) == (Spend(requests=4), "CWE-942")
    assert one.hint.startswith("compare the whole origin with a list; as it is, ")
    assert answer(one, (simple(None, None), preflight(None), simple(), preflight())) == Passed()
    assert answer(one, (simple(APP), preflight(APP), simple(), preflight())) == Passed()
    assert answer(one, (simple(None, None, status=403), preflight(None), simple(), preflight())) == Passed()


@pytest.mark.parametrize(("trick", "origin"), REFUSED.items())
def test_a_trick_that_is_let_in_is_a_finding(trick: str, origin: str) -> None:
    one = check(f"{trick} is refused")

    assert answer(one, (simple(origin), preflight(None), simple(), preflight())) == Failed(
        f"GET /version from {origin}: Access-Control-Allow-Origin: {origin}, with credentials"
    )
    assert answer(one, (simple(None), preflight(origin), simple(), preflight())) == Failed(
        f"OPTIONS /api/orders from {origin}: Access-Control-Allow-Origin: {origin}, with credentials"
    )


def test_everybody_is_let_in_by_a_star_whatever_the_control_says() -> None:
    one = check("a foreign origin is refused", SIMPLE)

    assert answer(one, (simple("*", None), simple(None))) == Failed(
        "GET /version from https://attacker.example: Access-Control-Allow-Origin: *"
    )
    assert answer(one, (simple("*"), Silence("timed out"))) == Failed(
        "GET /version from https://attacker.example: Access-Control-Allow-Origin: *, with credentials"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (
            (simple(None), simple(None)),
            f"the control GET /version from {APP}: is not let in: without it a refusal proves nothing",
        ),
        (
            (simple(None), simple(status=404)),
            f"the control GET /version from {APP}: got 404: without it a refusal proves nothing",
        ),
        (
            (simple(None, status=500), simple()),
            "GET /version from https://attacker.example: got 500, so nothing was refused",
        ),
        ((simple(None), Silence("refused")), f"GET /version from {APP}: no answer: refused"),
        (
            (Withheld("budget spent"), simple()),
            "GET /version from https://attacker.example: not sent: budget spent",
        ),
        ((simple(None), simple(status=429)), f"GET /version from {APP}: rate limited (429)"),
    ],
)
def test_without_a_working_control_a_refusal_proves_nothing(
    evidence: tuple[Evidence, ...], reason: str
) -> None:
    assert answer(check("a foreign origin is refused", SIMPLE), evidence) == Inconclusive(reason)


def test_an_allowed_origin_is_not_decided_by_an_error() -> None:
    assert answer(check("an allowed origin is let in"), simple(status=503)) == Inconclusive(
        f"GET /version from {APP}: expected 2xx, got 503: its headers prove nothing"
    )
    assert answer(check("an allowed origin is let in"), Silence("refused")) == Inconclusive(
        f"GET /version from {APP}: no answer: refused"
    )
    assert answer(check("an allowed origin passes the preflight"), simple(status=429)) == Inconclusive(
        f"the preflight of PATCH /api/orders from {APP}: rate limited (429)"
    )


def test_several_origins_are_counted_and_what_is_allowed_is_no_trick() -> None:
    text = "{path: /, origins: [https://a.example, 'http://a.example'], credentials: false, as: shopper}"
    checks = declare("cors", text)

    titles = [one.title for one in checks]
    assert "cors: an allowed origin is let in [2]" in titles
    assert "cors: an allowed origin with a suffix is refused [2]" in titles
    assert not [title for title in titles if "another scheme" in title]
    assert {one.identities for one in checks} == {frozenset({"shopper"})}


def test_an_origin_of_a_variable_has_the_same_titles_before_it_is_known() -> None:
    before = declare("cors", SIMPLE.replace("https://app.example", "'${ORIGIN}'"))

    assert [one.title for one in before] == [one.title for one in declare("cors", SIMPLE)]


@pytest.mark.parametrize(
    "origin", ["https://app.example/", "app.example", "*", "https://APP.example", "https://", ""]
)
def test_what_no_browser_sends_is_a_mistake(origin: str) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        declare("cors", f"{{path: /, origins: ['{origin}'], credentials: true}}")


def test_an_unknown_identity_is_a_mistake() -> None:
    with pytest.raises(Misuse, match="unknown identity 'me'"):
        declare("cors", "{path: /, origins: [https://a.example], credentials: true, as: me}")
