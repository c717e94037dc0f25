"""Logins: one request, a token, and what is said when there is none."""

# ruff: noqa: E501 - a reply and its message read best on one line

import json

import pytest

from pytest_deploycheck.auth.login import login_steps
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.identity import Credentials, Identity, Login, Source
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.testing import conclude
from tests.auth.tokens import CLAIMS, TOKEN
from tests.checks.contracts import PLACE, reply

LOGIN = Login(
    target="/auth/v1/token",
    token="$.access_token",
    body=b'{"email": "a@shop.example", "password": "correct horse"}',
)
SHOPPER = Identity(name="shopper", place=PLACE, login=LOGIN)


def log_in(evidence: Evidence, login: Login = LOGIN) -> Credentials | Failed | Inconclusive:
    return conclude(login_steps(Identity(name="shopper", place=PLACE, login=login)), evidence)


def granted(token: object = TOKEN) -> Reply:
    return reply(body=json.dumps({"access_token": token}))


def test_a_login_sends_what_the_contract_says_and_no_more() -> None:
    assert next(login_steps(SHOPPER)) == (
        HttpRequest(method="POST", target="/auth/v1/token", body=LOGIN.body, purpose="login"),
    )


def test_a_login_gives_the_token_and_its_claims() -> None:
    assert log_in(granted()) == Credentials(
        (("Authorization", Secret(f"Bearer {TOKEN}")),), Secret(TOKEN), CLAIMS
    )


def test_a_token_may_go_in_another_header_and_need_not_be_a_jwt() -> None:
    login = Login(target="/login", token="$.access_token", header="X-Token", scheme="")

    assert log_in(granted("opaque"), login) == Credentials((("X-Token", Secret("opaque")),), Secret("opaque"))


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (
            reply(400, '{"error": "invalid_grant", "error_description": "a@shop.example or correct horse is wrong"}'),
            "login of shopper: got 400 (*** or *** is wrong)",
        ),
        (reply(502, "<h1>Bad  gateway</h1>"), "login of shopper: got 502 (<h1>Bad gateway</h1>)"),
        (reply(401), "login of shopper: got 401"),
        (reply(302, "[]"), "login of shopper: got 302 ([])"),
        (reply(200, "ok"), "login of shopper: got 200, but its body is not JSON"),
        (reply(200, "{}"), "login of shopper: got 200, but no token at $.access_token"),
        (reply(200, '{"access_token": null}'), "login of shopper: got 200, but no token at $.access_token"),
    ],
)  # fmt: skip
def test_a_login_without_a_token_fails_and_shows_no_secret(evidence: Evidence, reason: str) -> None:
    assert log_in(evidence) == Failed(reason)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("connection refused"), "login of shopper: no answer: connection refused"),
        (Withheld("budget spent"), "login of shopper: not sent: budget spent"),
        (reply(429), "login of shopper: rate limited (429)"),
    ],
)
def test_without_an_answer_nobody_knows_whether_logins_work(evidence: Evidence, reason: str) -> None:
    assert log_in(evidence) == Inconclusive(reason)


WHENCE = "the email is ${SHOP_EMAIL}; the password is ${SHOP_PASSWORD}"


@pytest.mark.parametrize(("status", "hint"), [(401, WHENCE), (400, WHENCE), (404, ""), (502, "")])
def test_refused_credentials_are_told_with_the_variables_they_came_from(status: int, hint: str) -> None:
    sources = (Source("email", "SHOP_EMAIL"), Source("password", "SHOP_PASSWORD"))
    login = Login(target="/login", token="$.t", body=LOGIN.body, sources=sources)

    outcome = log_in(reply(status), login)

    assert outcome == Failed(f"login of shopper: got {status}", hint=hint)


def test_a_form_shows_no_secret_either() -> None:
    login = Login(target="/login", token="$.t", body=b"username=me&password=correct+horse")

    assert log_in(reply(401, "no correct horse"), login) == Failed("login of shopper: got 401 (no ***)")


def test_fixed_headers_need_no_login() -> None:
    headers = (("apikey", Secret("k")), ("Authorization", Secret(f"Bearer {TOKEN}")))

    assert conclude(login_steps(Identity(name="service", place=PLACE, headers=headers))) == Credentials(
        headers, Secret(TOKEN), CLAIMS
    )
    assert conclude(login_steps(Identity(name="key", place=PLACE, headers=headers[:1]))) == Credentials(
        headers[:1]
    )
    assert conclude(login_steps(Identity(name="anonymous", place=PLACE))) == Credentials()
