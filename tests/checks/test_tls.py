"""The public name and its certificate."""

from datetime import UTC, datetime

import pytest

from pytest_deploycheck.model.evidence import (
    Addresses,
    Agreed,
    Certificate,
    Declined,
    Distrusted,
    Evidence,
    Silence,
    Withheld,
)
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Downgrade, Handshake, Lookup
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare_one

HERE = Addresses(("127.0.0.1", "::1"))
ENDS = datetime(2030, 1, 1, tzinfo=UTC)


DECLINED = (Declined("alert 70, protocol version"),) * 2


def certificate(protocol: str = "TLSv1.3", days_left: float = 90.0) -> Certificate:
    return Certificate(protocol=protocol, subject_names=("api.example",), not_after=ENDS, days_left=days_left)


def test_the_name_is_that_of_the_base_url() -> None:
    check = declare_one("tls", "{runbook: WC-32}", context(base_url="https://api.example:8443/v1"))

    assert (check.title, check.independent, check.runbook) == ("tls", True, ("WC-32",))
    assert asked(check) == (
        (
            Lookup("api.example"),
            Handshake("api.example", 8443),
            Downgrade("api.example", 8443, "TLSv1.1"),
            Downgrade("api.example", 8443, "TLSv1"),
        ),
    )
    assert answer(check, (HERE, certificate(), *DECLINED)) == Passed("TLSv1.3, certificate until 2030-01-01")


def test_another_host_may_be_named() -> None:
    check = declare_one("tls", "{host: www.example}")

    assert asked(check)[0][:2] == (Lookup("www.example"), Handshake("www.example", 443))


def test_a_pending_base_url_is_no_trouble_before_the_start() -> None:
    assert declare_one("tls", "{}", context(base_url="${URL}/v1")).title == "tls"


def test_everything_wrong_is_listed() -> None:
    check = declare_one("tls", "{addresses: [127.0.0.1], days_left: 30, protocol: TLSv1.3}")

    assert answer(check, (HERE, certificate("TLSv1.2", 3.25), *DECLINED)) == Failed(
        "api.example: resolves to ::1, expected only 127.0.0.1\n"
        "api.example: the certificate ends on 2030-01-01, in 3.2 days; expected at least 30\n"
        "api.example: expected TLSv1.3 or newer, got TLSv1.2"
    )


def test_an_address_may_be_written_in_any_form() -> None:
    check = declare_one("tls", "{addresses: ['127.0.0.1', '0:0:0:0:0:0:0:1']}")

    assert isinstance(answer(check, (HERE, certificate(), *DECLINED)), Passed)


def test_a_certificate_that_is_not_trusted_fails_with_the_reason() -> None:
    seen = (HERE, Distrusted("the certificate has expired"), *DECLINED)

    assert answer(declare_one("tls", "{}"), seen) == Failed("api.example: the certificate has expired")


@pytest.mark.parametrize(
    ("offers", "named"),
    [
        ((Agreed("TLSv1.1"), Agreed("TLSv1")), "TLSv1.1 and TLSv1"),
        ((Agreed("TLSv1"), Agreed("TLSv1")), "TLSv1"),
        ((Declined("closed"), Agreed("TLSv1")), "TLSv1"),
        ((Agreed("TLSv1.1"), Silence("no answer in time")), "TLSv1.1"),
    ],
)
def test_an_old_version_beside_a_new_one_fails(offers: tuple[Evidence, ...], named: str) -> None:
    assert answer(declare_one("tls", "{}"), (HERE, certificate(), *offers)) == Failed(
        f"api.example: {named} is offered too, to whoever asks for nothing newer"
    )


@pytest.mark.parametrize("silence", [Silence("no answer in time"), Withheld("time is over")])
def test_whether_an_old_version_is_offered_may_stay_open(silence: Silence | Withheld) -> None:
    seen = (HERE, certificate(), Declined("closed"), silence)

    assert answer(declare_one("tls", "{}"), seen) == Inconclusive(
        f"whether api.example:443 offers TLSv1 is not known: {silence.reason}"
    )


def test_old_versions_may_be_offered_for_a_reason() -> None:
    check = declare_one("tls", "{old_protocols: terminals of 2012}")

    assert asked(check) == ((Lookup("api.example"), Handshake("api.example", 443)),)
    assert answer(check, (HERE, certificate())) == Passed(
        "TLSv1.3, certificate until 2030-01-01; older versions not tried: terminals of 2012"
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
    assert answer(declare_one("tls", "{}"), (*evidence, *DECLINED)) == Inconclusive(reason)


def test_a_base_url_without_a_host_decides_nothing() -> None:
    check = declare_one("tls", "{}", context(base_url="https://"))

    assert answer(check) == Inconclusive("no host to connect to in 'https://'")
