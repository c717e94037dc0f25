"""How cookies are set."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, reply

COOKIES = """
requests:
  POST /login: {send: {form: {user: a, word: b}}, read_only: true, name: the login}
  GET /account: {as: shopper}
  GET /health: {none: true}
scripts: [XSRF-TOKEN]
runbook: WC-23
"""
GOOD = "session=abc; Path=/; secure; HttpOnly; samesite=lax"
LOGIN = "POST /login"


def check(number: int, text: str = COOKIES) -> Check:
    return declare("cookies", text)[number]


def sets(*cookies: str, status: int = 200) -> Reply:
    return Reply(status=status, headers=tuple(("set-cookie", cookie) for cookie in cookies))


def test_each_request_is_a_check() -> None:
    checks = declare("cookies", COOKIES)

    assert [one.title for one in checks] == [
        "cookies: the login sets only cookies that are protected",
        "cookies: request 2 sets only cookies that are protected",
        "cookies: request 3 sets no cookie",
    ]
    assert asked(checks[0]) == (
        (
            HttpRequest(
                method="POST",
                target="/login",
                headers=(("Content-Type", "application/x-www-form-urlencoded"),),
                body=b"user=a&word=b",
            ),
        ),
    )
    assert asked(checks[1]) == ((HttpRequest(method="GET", target="/account", identity="shopper"),),)
    assert {(one.spend, one.phase, one.runbook) for one in checks} == {
        (Spend(requests=1), Phase.READ, ("WC-23",))
    }
    assert all(one.weakness and one.hint for one in checks)


@pytest.mark.parametrize(
    "reply_",
    [
        sets(GOOD),
        sets(GOOD, "XSRF-TOKEN=x; Secure; SameSite=Strict"),
        sets(GOOD, "old=; Max-Age=0", "older=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        sets("__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Strict", status=302),
    ],
)
def test_a_protected_cookie_passes(reply_: Reply) -> None:
    assert answer(check(0), reply_) == Passed()


@pytest.mark.parametrize(
    ("cookie", "fault"),
    [
        (
            "s=secret; HttpOnly; SameSite=Lax",
            "cookie s: not Secure, so plain HTTP would carry it",
        ),
        ("s=secret; Secure; SameSite=Lax", "cookie s: not HttpOnly, so scripts can read it"),
        (
            "s=secret; Secure; HttpOnly",
            "cookie s: SameSite: expected Strict or Lax, got nothing",
        ),
        (
            "s=secret; Secure; HttpOnly; SameSite=None",
            "cookie s: SameSite: expected Strict or Lax, got None",
        ),
        (
            "__Host-s=secret; Secure; HttpOnly; SameSite=Lax; Path=/; Domain=app.example",
            "cookie __Host-s: __Host- needs Path=/ and no Domain, or browsers refuse it",
        ),
    ],
)
def test_an_unprotected_cookie_is_named_without_its_value(cookie: str, fault: str) -> None:
    assert answer(check(0), sets(GOOD, cookie)) == Failed(f"{LOGIN}: {fault}")
    assert answer(check(0), sets(cookie, status=401)) == Failed(f"{LOGIN}: {fault}")


def test_other_sites_may_be_allowed() -> None:
    one = check(0, COOKIES + "same_site: [None]\n")

    assert answer(one, sets("s=1; Secure; HttpOnly; SameSite=None")) == Passed()


def test_where_no_cookie_is_declared_one_is_a_fault() -> None:
    assert answer(check(2), reply(200)) == Passed()
    assert answer(check(2), sets(GOOD)) == Failed("GET /health: sets session, expected no cookie")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(200), f"{LOGIN}: sets no cookie; if that is right, none: true says so"),
        (reply(401), f"{LOGIN}: got 401: nobody was given a session"),
        (sets(GOOD, status=500), f"{LOGIN}: got 500: nobody was given a session"),
        (reply(429, retry_after="9"), f"{LOGIN}: rate limited (429, Retry-After 9)"),
        (Silence("refused"), f"{LOGIN}: no answer: refused"),
        (Withheld("budget spent"), f"{LOGIN}: not sent: budget spent"),
    ],
)
def test_without_a_cookie_nothing_is_decided(evidence: Evidence, reason: str) -> None:
    assert answer(check(0), evidence) == Inconclusive(reason)


def test_an_error_shows_no_missing_cookie_either() -> None:
    assert answer(check(2), reply(503)) == Inconclusive("GET /health: got 503: nobody was given a session")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{requests: {POST /login: {}}}", "POST may change the deployment"),
        ("{requests: {GET /: {as: me}}}", "unknown identity 'me'"),
        ("{requests: {GET /: {send: {body: a, form: {b: c}}}}}", "two bodies at once"),
        ("{requests: {'GET /{mark}': {}}}", "unknown name {mark}"),
    ],
)
def test_a_section_that_must_not_be_sent_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("cookies", text)

    assert message in str(caught.value)


def test_some_same_site_must_be_left() -> None:
    with pytest.raises(ValueError, match="no choice is left"):
        declare("cookies", "{requests: {GET /: {}}, same_site: []}")
