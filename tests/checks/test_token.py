"""What an issued token says."""

import pytest

from pytest_deploycheck.model.evidence import Claims, Evidence, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Inspect
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, declare_one

TOKEN = "{identity: shopper, lifetime: 3600s, claims: {role: authenticated, $.app.tenants: {contains: a}}, runbook: WC-04}"  # noqa: E501 - one line of a contract
GOOD = {"iat": 1000, "exp": 4600, "role": "authenticated", "app": {"tenants": ["a", "b"]}}


def test_a_token_as_it_should_be_passes() -> None:
    check = declare_one("token", TOKEN)

    assert (check.title, check.runbook) == ("token of shopper", ("WC-04",))
    assert check.identities == {"shopper"}
    assert asked(check) == ((Inspect("shopper"),),)
    assert answer(check, Claims(GOOD)) == Passed()


def test_everything_wrong_with_a_token_is_listed() -> None:
    assert answer(declare_one("token", TOKEN), Claims({"iat": 1000, "exp": 87400, "role": "anon"})) == Failed(
        "lifetime: expected 3600 s, got 86400 s\n"
        'claim role: expected "authenticated", got "anon"\n'
        'claim $.app.tenants: expected something that contains "a", got nothing there'
    )


def test_a_token_that_never_ends_has_no_lifetime() -> None:
    check = declare_one("token", "{identity: shopper, lifetime: 1h}")

    assert answer(check, Claims({"iat": 1})) == Failed("lifetime: expected 3600 s, got iat 1 and exp null")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Claims({}), "the token of shopper is not a JWT: nobody can see what it says"),
        (Withheld("its login failed"), "no token of shopper: its login failed"),
        (Silence("timed out"), "no token of shopper: timed out"),
    ],
)
def test_without_claims_nothing_is_decided(evidence: Evidence, reason: str) -> None:
    assert answer(declare_one("token", TOKEN), evidence) == Inconclusive(reason)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{identity: shopper}", "no expectation"), ("{identity: me, lifetime: 1h}", "unknown identity 'me'")],
)
def test_a_token_check_needs_an_identity_and_an_expectation(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("token", text)
