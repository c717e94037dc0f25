"""Security headers on answers and on errors."""

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare, reply

HEADERS = "{paths: [/health], errors: {/nothing-here: 404, /api/products: 401}, as: shopper, runbook: WC-23}"
GOOD = {
    "x_content_type_options": "nosniff",
    "x_frame_options": "DENY",
    "strict_transport_security": "max-age=31536000; includeSubDomains",
    "referrer_policy": "no-referrer",
    "server": "nginx",
}


def check(name: str, text: str = HEADERS, base_url: str = "https://api.example") -> Check:
    (found,) = (one for one in declare("headers", text, context(base_url=base_url)) if name in one.title)
    return found


def answers(**changed: str | None) -> tuple[Reply, ...]:
    headers = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    return tuple(reply(status, "", 0.1, **headers) for status in (200, 404, 401))


def judged(name: str, **changed: str | None) -> Outcome:
    return answer(check(name), answers(**changed))


def test_each_protection_is_a_check_of_every_path() -> None:
    checks = declare("headers", HEADERS)

    assert [one.title for one in checks] == [
        "headers: the content type is not guessed",
        "headers: no other site may frame it",
        "headers: browsers are told to stay on HTTPS",
        "headers: no path leaks as a referrer",
        "headers: no software and version is announced",
    ]
    for one in checks:
        (probes,) = asked(one)
        assert [(probe.method, probe.target, probe.identity) for probe in probes] == [  # type: ignore[union-attr]  # all of them are requests
            ("GET", "/health", "shopper"),
            ("GET", "/nothing-here", "shopper"),
            ("GET", "/api/products", "anonymous"),
        ]
        assert (one.spend, one.phase, one.runbook) == (Spend(requests=3), Phase.READ, ("WC-23",))
        assert one.identities == {"shopper"}
        assert one.weakness
        assert one.hint
        assert answer(one, answers()) == Passed()


@pytest.mark.parametrize(
    ("name", "changed", "fault"),
    [
        (
            "guessed",
            {"x_content_type_options": None},
            "X-Content-Type-Options: expected nosniff, got nothing",
        ),
        (
            "guessed",
            {"x_content_type_options": "sniff"},
            'X-Content-Type-Options: expected nosniff, got "sniff"',
        ),
        (
            "frame",
            {"x_frame_options": None},
            "X-Frame-Options: expected DENY or SAMEORIGIN, got nothing; and no frame-ancestors",
        ),
        (
            "frame",
            {"x_frame_options": "ALLOWALL"},
            'X-Frame-Options: expected DENY or SAMEORIGIN, got "ALLOWALL"; and no frame-ancestors',
        ),
        (
            "frame",
            {"content_security_policy": "default-src 'none'; frame-ancestors *"},
            "frame-ancestors: expected 'none', 'self' or named hosts, got everybody",
        ),
        (
            "HTTPS",
            {"strict_transport_security": None},
            "Strict-Transport-Security: expected at least 180 days, got nothing",
        ),
        (
            "HTTPS",
            {"strict_transport_security": "max-age=86400"},
            "Strict-Transport-Security: expected at least 180 days, got 1 day",
        ),
        (
            "HTTPS",
            {"strict_transport_security": "includeSubDomains"},
            'Strict-Transport-Security: expected at least 180 days, got "includeSubDomains"',
        ),
        ("referrer", {"referrer_policy": None}, "Referrer-Policy: expected no-referrer, got nothing"),
        (
            "referrer",
            {"referrer_policy": "no-referrer, unsafe-url"},
            'Referrer-Policy: expected no-referrer, got "no-referrer, unsafe-url"',
        ),
        ("announced", {"server": "nginx/1.25.3"}, "announced: Server: nginx/1.25.3"),
        ("announced", {"x_powered_by": "Express"}, "announced: x-powered-by: Express"),
    ],
)
def test_a_header_that_protects_nobody_is_named_for_each_path(
    name: str, changed: dict[str, str | None], fault: str
) -> None:
    assert judged(name, **changed) == Failed(
        f"GET /health (200): {fault}\nGET /nothing-here (404): {fault}\nGET /api/products (401): {fault}"
    )


def test_each_path_may_be_asked_several_times_so_that_every_replica_answers() -> None:
    one = check("guessed", HEADERS.replace("runbook", "times: 2, runbook"))

    (probes,) = asked(one)
    assert [probe.fresh for probe in probes] == [True] * 6  # type: ignore[union-attr]  # all of them are requests
    assert one.spend == Spend(requests=6)
    assert answer(one, answers() * 2) == Passed()
    assert answer(one, (*answers(), reply(200), *answers()[1:])) == Failed(
        "GET /health (200): X-Content-Type-Options: expected nosniff, got nothing"
    )


def test_a_header_that_only_errors_lack_is_found() -> None:
    healthy, missing, refused = answers()

    assert answer(check("guessed"), (healthy, reply(404), refused)) == Failed(
        "GET /nothing-here (404): X-Content-Type-Options: expected nosniff, got nothing"
    )
    assert missing.status == 404


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("guessed", {"x_content_type_options": "NoSniff"}),
        ("frame", {"x_frame_options": None, "content_security_policy": "frame-ancestors 'self'"}),
        ("frame", {"x_frame_options": "SAMEORIGIN, sameorigin"}),
        ("frame", {"content_security_policy": "frame-ancestors *, frame-ancestors 'none'"}),
        ("HTTPS", {"strict_transport_security": 'MAX-AGE="15552000"'}),
        ("referrer", {"referrer_policy": "no-referrer, strict-origin-when-cross-origin"}),
        ("announced", {"server": "cloudflare"}),
    ],
)
def test_other_spellings_are_as_good(name: str, changed: dict[str, str | None]) -> None:
    assert judged(name, **changed) == Passed()


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("connection refused"), "GET /health: no answer: connection refused"),
        (Withheld("budget spent"), "GET /health: not sent: budget spent"),
        (reply(429, "", 0.1, retry_after="30", **GOOD), "GET /health: rate limited (429, Retry-After 30)"),
        (reply(503, "", 0.1, **GOOD), "GET /health: expected 2xx, got 503: its headers prove nothing"),
    ],
)
def test_without_the_expected_answer_nothing_passes(evidence: Evidence, reason: str) -> None:
    for one in declare("headers", HEADERS):
        assert answer(one, (evidence, *answers()[1:])) == Inconclusive(reason)


def test_an_error_that_is_none_proves_nothing_but_hides_no_fault() -> None:
    good, _, refused = answers()

    assert answer(check("guessed"), (good, reply(200, "", 0.1, **GOOD), refused)) == Inconclusive(
        "GET /nothing-here: expected 404, got 200: its headers prove nothing"
    )
    assert answer(check("guessed"), (reply(200), Silence("timed out"), refused)) == Failed(
        "GET /health (200): X-Content-Type-Options: expected nosniff, got nothing"
    )


def test_over_plain_http_hsts_is_not_decided() -> None:
    assert answer(check("HTTPS", base_url="http://127.0.0.1:8000")) == Inconclusive(
        "http://127.0.0.1:8000 is plain HTTP, where browsers ignore the header; "
        "without: {hsts: REASON} says why"
    )


def test_a_protection_can_be_left_out_with_a_reason() -> None:
    checks = declare(
        "headers", "{paths: [/], errors: {/no: 404}, without: {hsts: plain, banner: told}, name: site}"
    )

    assert [one.title for one in checks] == [
        "site: the content type is not guessed",
        "site: no other site may frame it",
        "site: no path leaks as a referrer",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{paths: [/], errors: {/no: 200}}", "200 is no error"),
        ("{paths: [/], errors: {/no: 404}, as: me}", "unknown identity 'me'"),
        (
            "{paths: [/], errors: {/no: 404}, "
            "without: {nosniff: a, framing: b, hsts: c, referrer_policy: d, banner: e}}",
            "everything is left out",
        ),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("headers", text)
