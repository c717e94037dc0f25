"""Plain HTTP leads to HTTPS, or is closed."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare_one, reply

URL = "http://api.example/v1/health"
FINE = reply(200)


def check(
    text: str = "{path: /health, runbook: WC-32}", base_url: str = "https://api.example:8443/v1"
) -> Check:
    return declare_one("plain_http", text, context(base_url=base_url))


def judged(plain: Evidence, control: Evidence = FINE) -> Outcome:
    return answer(check(), (plain, control))


def to(status: int, location: str) -> Reply:
    return reply(status, location=location)


def test_port_80_is_asked_beside_https() -> None:
    one = check()

    assert asked(one) == (
        (
            HttpRequest(method="GET", target=URL),
            HttpRequest(method="GET", target="/health", purpose="control"),
        ),
    )
    assert (one.title, one.spend, one.phase, one.runbook) == (
        "plain_http: leads to HTTPS or is closed",
        Spend(requests=2),
        Phase.READ,
        ("WC-32",),
    )
    assert one.weakness
    assert one.hint


def test_the_port_of_the_base_url_may_be_asked() -> None:
    (probes,) = asked(check("{path: /health, same_port: true}"))
    assert probes[0] == HttpRequest(method="GET", target="http://api.example:8443/v1/health")

    (probes,) = asked(check("{path: /health, same_port: true}", "https://api.example"))
    assert probes[0] == HttpRequest(method="GET", target="http://api.example:443/health")


def test_another_address_may_be_asked() -> None:
    (probes,) = asked(check("{path: /health, at: 'http://api.example:8080/v1/'}"))

    assert probes[0] == HttpRequest(method="GET", target="http://api.example:8080/v1/health")
    assert check("{path: /health, at: '${PLAIN_URL}'}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{path: /, at: 'http://a.example', same_port: true}", "at and same_port at once"),
        ("{path: /, at: 'https://a.example'}", "'at' is not plain HTTP"),
    ],
)
def test_where_to_ask_must_be_clear(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        check(text)


def test_an_address_of_the_sixth_version_keeps_its_brackets() -> None:
    (probes,) = asked(check(base_url="https://[::1]:8443"))

    assert probes[0] == HttpRequest(method="GET", target="http://[::1]/health")


@pytest.mark.parametrize(
    "plain",
    [
        to(301, "https://api.example/v1/health"),
        to(308, "https://api.example:8443/"),
        to(301, "https://api.example"),
    ],
)
def test_a_redirect_for_good_passes(plain: Reply) -> None:
    assert judged(plain) == Passed()


def test_a_closed_port_passes() -> None:
    assert judged(Silence("cannot connect: [Errno 111] Connection refused")) == Passed(
        f"{URL}: nobody listens"
    )


@pytest.mark.parametrize("plain", [Silence("the connection broke: no response"), reply(400)])
def test_a_port_of_tls_may_refuse_plain_http(plain: Evidence) -> None:
    same = check("{path: /health, same_port: true}", "https://api.example")

    assert answer(same, (plain, FINE)) == Passed("http://api.example:443/health: plain HTTP is refused")
    assert not isinstance(judged(plain), Passed)


@pytest.mark.parametrize(
    ("plain", "fault"),
    [
        (reply(200), "got 200: it is served over plain HTTP"),
        (reply(404), "expected 301 or 308 to https, got 404"),
        (reply(301), "got 301 without a Location"),
        (to(301, "/v1/health/"), "got 301 to /v1/health/, expected https"),
        (to(301, "https://other.example/"), "got 301 to https://other.example/, another host"),
        (to(302, "https://api.example/"), "got 302, which browsers forget; expected 301 or 308"),
    ],
)
def test_what_stays_in_the_clear_is_a_fault(plain: Reply, fault: str) -> None:
    assert judged(plain) == Failed(f"GET {URL}: {fault}")


def test_being_served_is_a_fault_whatever_the_control_says() -> None:
    assert judged(reply(200), Silence("refused")) == Failed(
        f"GET {URL}: got 200: it is served over plain HTTP"
    )


@pytest.mark.parametrize(
    ("plain", "control", "reason"),
    [
        (
            Silence("no complete answer within 10 s"),
            FINE,
            f"GET {URL}: no answer: no complete answer within 10 s",
        ),
        (Withheld("budget spent"), FINE, f"GET {URL}: not sent: budget spent"),
        (reply(429), FINE, f"GET {URL}: rate limited (429)"),
        (
            Silence("cannot connect: no route"),
            Silence("cannot connect: no route"),
            "the control GET /health over HTTPS: no answer: cannot connect: no route",
        ),
        (to(301, "https://api.example/"), reply(503), "the control GET /health over HTTPS: got 503"),
    ],
)
def test_without_https_beside_it_nothing_is_decided(plain: Evidence, control: Evidence, reason: str) -> None:
    assert judged(plain, control) == Inconclusive(reason)


def test_a_base_url_without_tls_has_nothing_to_lead_to() -> None:
    assert answer(check(base_url="http://127.0.0.1:8000")) == Inconclusive(
        "http://127.0.0.1:8000 is plain HTTP itself: there is no HTTPS to lead to"
    )
