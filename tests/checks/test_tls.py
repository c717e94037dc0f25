"""The public name and its certificate."""

from datetime import UTC, datetime

import pytest

from pytest_deploycheck.model.evidence import Addresses, Certificate, Distrusted, Evidence, Silence, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Handshake, Lookup
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare_one

HERE = Addresses(("127.0.0.1", "::1"))
ENDS = datetime(2030, 1, 1, tzinfo=UTC)


def certificate(protocol: str = "TLSv1.3", days_left: float = 90.0) -> Certificate:
    return Certificate(protocol=protocol, subject_names=("api.example",), not_after=ENDS, days_left=days_left)


def test_the_name_is_that_of_the_base_url() -> None:
    check = declare_one("tls", "{runbook: WC-32}", context(base_url="https://api.example:8443/v1"))

    assert (check.title, check.independent, check.runbook) == ("tls", True, ("WC-32",))
    assert asked(check) == ((Lookup("api.example"), Handshake("api.example", 8443)),)
    assert answer(check, (HERE, certificate())) == Passed("TLSv1.3, certificate until 2030-01-01")


def test_another_host_may_be_named() -> None:
    assert asked(declare_one("tls", "{host: www.example}")) == (
        (Lookup("www.example"), Handshake("www.example", 443)),
    )


def test_a_pending_base_url_is_no_trouble_before_the_start() -> None:
    assert declare_one("tls", "{}", context(base_url="${URL}/v1")).title == "tls"


def test_everything_wrong_is_listed() -> None:
    check = declare_one("tls", "{addresses: [127.0.0.1], days_left: 30, protocol: TLSv1.3}")

    assert answer(check, (HERE, certificate("TLSv1.2", 3.25))) == Failed(
        "api.example: resolves to ::1, expected only 127.0.0.1\n"
        "api.example: the certificate ends on 2030-01-01, in 3.2 days; expected at least 30\n"
        "api.example: expected TLSv1.3 or newer, got TLSv1.2"
    )


def test_an_address_may_be_written_in_any_form() -> None:
    check = declare_one("tls", "{addresses: ['127.0.0.1', '0:0:0:0:0:0:0:1']}")

    assert isinstance(answer(check, (HERE, certificate())), Passed)


def test_a_certificate_that_is_not_trusted_fails_with_the_reason() -> None:
    assert answer(declare_one("tls", "{}"), (HERE, Distrusted("the certificate has expired"))) == Failed(
        "api.example: the certificate has expired"
    )


def test_plain_http_fails_unless_the_contract_says_why() -> None:
    plain = context(base_url="http://127.0.0.1:8000")

    assert answer(declare_one("tls", "{}", plain)) == Failed(
        "http://127.0.0.1:8000 is plain HTTP", hint="plain_http: REASON, where that is right"
    )
    assert answer(declare_one("tls", "{plain_http: inside the cluster}", plain)) == Passed(
        "plain HTTP: inside the cluster"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((Silence("no such name"), certificate()), "api.example was not looked up: no such name"),
        ((HERE, Silence("connection refused")), "no handshake with api.example:443: connection refused"),
        ((HERE, Withheld("time is over")), "no handshake with api.example:443: time is over"),
    ],
)
def test_without_an_answer_nothing_is_decided(evidence: tuple[Evidence, ...], reason: str) -> None:
    assert answer(declare_one("tls", "{}"), evidence) == Inconclusive(reason)


def test_a_base_url_without_a_host_decides_nothing() -> None:
    check = declare_one("tls", "{}", context(base_url="https://"))

    assert answer(check) == Inconclusive("no host to connect to in 'https://'")
