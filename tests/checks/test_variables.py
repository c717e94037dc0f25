"""Variables: set, well formed, never shown."""
# ruff: noqa: E501, RUF027 - a value and its message read best on one line; YAML braces are no f-string

import warnings
from datetime import UTC, datetime

import jwt
import pytest

from pytest_deploycheck.model.evidence import Evidence, Silence, Values, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Variables
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare, declare_one

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = int(NOW.timestamp())
DAY = 86400


def token(**claims: object) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(dict(claims), "k")


def judge(rule: str, value: str | None, key: str = "required") -> Outcome:
    check = declare_one("variables", f"{{{key}: {{NAME: {rule}}}}}")
    return answer(check, Values({"NAME": value}, NOW))


def test_each_variable_is_a_check_of_its_own() -> None:
    one, two = declare("variables", "{runbook: WC-02, required: {A: {}, B: {runbook: WC-03}}}")

    assert (one.id, one.runbook, one.independent) == ("smoke::A", ("WC-02",), True)
    assert (two.title, two.runbook) == ("B", ("WC-02", "WC-03"))
    assert asked(one) == ((Variables(("A",)),),)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("", "x"),
        ("{equals: production}", "production"),
        ("{matches: 'sk_live_[0-9]+'}", "sk_live_1"),
        ("{min_length: 3}", "abc"),
        ("{url: https}", "https://a.example/x"),
        ("{url: any}", "redis://cache:6379"),
        ("{jwt: {role: anon}, days_left: 30}", token(role="anon", exp=SECOND + 40 * DAY)),
        ("{jwt: {role: anon}}", token(role="anon")),
    ],
)
def test_a_value_that_keeps_its_rule_passes(rule: str, value: str) -> None:
    assert judge(rule, value) == Passed()


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("", None, "NAME is not set"),
        ("", "", "NAME is set, but empty"),
        ("{equals: production}", "staging", 'NAME: expected "production", got "staging"'),
        ("{matches: 'sk_live_.+'}", "sk_test_1", "NAME: expected a match for /sk_live_.+/"),
        ("{matches: 'a', min_length: 3}", "ab", "NAME: expected a match for /a/; expected at least 3 characters, got 2"),
        ("{url: https}", "http://a.example", "NAME: expected a URL that begins with https://, got http://"),
        ("{url: https}", "https://", "NAME: not a URL with a host"),
        ("{url: https}", "https://[", "NAME: not a URL"),
        ("{jwt: {role: anon}}", "abc", "NAME: not a JWT"),
        ("{jwt: {role: anon}}", token(role="service_role"), 'NAME: claim role: expected "anon", got "service_role"'),
        ("{jwt: {}}", token(exp=SECOND - DAY), "NAME: expired on 2029-12-31"),
        ("{jwt: {}, days_left: 30}", token(exp=SECOND + DAY), "NAME: expires on 2030-01-02, in 1 day; expected at least 30"),
        ("{jwt: {}, days_left: 30}", token(role="anon"), "NAME: says nothing about its expiry"),
    ],
)  # fmt: skip
def test_a_value_that_breaks_its_rule_is_described_and_not_shown(
    rule: str, value: str | None, reason: str
) -> None:
    assert judge(rule, value) == Failed(reason)


def test_a_secret_is_never_shown() -> None:
    around = context(secrets=(("NAME", Secret("hunter2")),))
    check = declare_one("variables", "{required: {NAME: {equals: hunter3}}}", around)

    assert answer(check, Values({"NAME": "hunter2"}, NOW)) == Failed("NAME: not the expected value")


def test_an_optional_variable_may_be_missing_but_not_wrong() -> None:
    assert judge("{url: https}", None, "optional") == Passed("not set, and optional")
    assert judge("{url: https}", "", "optional") == Failed("NAME is set, but empty")
    assert isinstance(judge("{url: https}", "x", "optional"), Failed)


@pytest.mark.parametrize("evidence", [Withheld("time is over"), Silence("time is over")])
def test_without_the_variables_nothing_is_decided(evidence: Evidence) -> None:
    check = declare_one("variables", "{required: {NAME: }}")

    assert answer(check, evidence) == Inconclusive("NAME could not be read: time is over")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{runbook: WC-02}", "no variable"),
        ("{required: {A: }, optional: {A: }}", "'A' is required and optional"),
        ("{required: {A: {days_left: 3}}}", "days_left of what"),
    ],
)
def test_a_rule_that_says_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("variables", text)
