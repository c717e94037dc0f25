"""A rate limit is found, and what a limiter may do wrong: limiters of our own, without a server."""

from dataclasses import replace

import pytest

from pytest_deploycheck.checks.limits.fields import Told, broken_fields, retry_after, told
from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from tests.checks.contracts import declare_one, reply
from tests.checks.limiters import (
    ERROR,
    LIMIT,
    PER_ADDRESS,
    PER_USER,
    STOPPED,
    WINDOW,
    Limiter,
    by_forged,
    by_user,
    failed,
    inconclusive,
    outcome,
)


@pytest.mark.parametrize("used", [0, 7, 19])
def test_a_healthy_limit_is_found_with_no_request_more_than_needed(used: int) -> None:
    limiter = Limiter()
    limiter.meet(used)

    assert outcome(PER_ADDRESS, limiter) == (
        Passed(f"429 after {many(LIMIT - used, 'request')}, served again after 60 s")
    )
    assert len(limiter.sent) == (LIMIT - used) + 1 + 8 + 1
    assert limiter.pauses == [61.0]


def test_a_limit_that_was_used_up_before_is_counted_in_a_window_of_its_own() -> None:
    limiter = Limiter()
    limiter.meet(LIMIT)

    assert outcome(PER_ADDRESS, limiter) == Passed("429 after 0 requests, 429 after 20 requests")


def test_it_is_alone_and_last_and_says_what_it_uses_up() -> None:
    check = declare_one("rate_limit", PER_USER)

    assert check.phase is Phase.EXCLUSIVE
    assert check.title == "GET /products [rate limit per user]"
    assert check.identities == {"shopper", "other"}
    assert check.spend.requests == 2 * (LIMIT + 10 + 9) + 1
    assert check.trips is not None
    assert str(check.trips) == "20 requests in 60 s as shopper"
    assert check.weakness is not None
    assert (check.weakness.cwe, check.weakness.owasp) == ("CWE-770", "API4:2023")


def test_a_limit_of_one_path_says_so() -> None:
    check = declare_one("rate_limit", PER_ADDRESS.replace("}", ", counts: path}"))

    assert check.trips is not None
    assert (check.trips.user, check.trips.path) == (None, "/products")


def test_a_limiter_that_tells_nothing_beforehand_is_counted_again_in_a_window_of_its_own() -> None:
    limiter = Limiter(fields=False)
    limiter.meet(7)

    assert outcome(PER_ADDRESS, limiter) == Passed("429 after 13 requests, 429 after 20 requests")
    assert limiter.pauses == [61.0]


def test_without_waiting_what_the_run_sent_before_cannot_be_told_apart() -> None:
    limiter = Limiter(fields=False, longest_pause=0)
    limiter.meet(7)

    assert inconclusive(PER_ADDRESS, limiter) == (
        "429 after 13 requests; the contract says 20 in 60 s, and what the run sent before counts too; "
        + STOPPED
    )


@pytest.mark.parametrize("fields", [True, False])
def test_a_limiter_that_is_off_is_named(fields: bool) -> None:  # noqa: FBT001 - pytest's parameter
    limiter = Limiter(off=True, fields=fields)

    assert failed(PER_ADDRESS, limiter) == Failed(
        "25 requests, none refused; the contract says 20 in 60 s",
        "the limiter is off, or each replica counts for itself",
    )


def test_a_limiter_that_is_off_is_named_even_if_nobody_may_wait() -> None:
    limiter = Limiter(off=True, fields=False, longest_pause=0)

    assert failed(PER_ADDRESS, limiter).reason == ("50 requests, none refused; the contract says 20 in 60 s")


def test_replicas_that_count_apart_are_found() -> None:
    assert failed(PER_ADDRESS, Limiter(replicas=2)) == Failed(
        "25 requests, none refused; the contract says 20 in 60 s",
        "the same number remained 2 times: so many replicas count apart",
    )


def test_replicas_that_count_apart_are_found_where_nothing_is_told() -> None:
    found = failed(PER_ADDRESS, Limiter(replicas=2, fields=False))

    assert found.reason == "25 requests, none refused; the contract says 20 in 60 s"


def test_a_replica_that_still_serves_after_the_429_is_found() -> None:
    limiter = Limiter(replicas=2)
    limiter.windows = {(1, "us"): (limiter.now + WINDOW, 10), (0, "us"): (limiter.now + WINDOW, 12)}

    assert "served again at once after a 429 whose Retry-After asks to wait 60 s" in (
        failed(PER_ADDRESS, limiter).reason
    )


def test_a_new_window_during_the_count_is_no_fault() -> None:
    limiter = Limiter(fields=False, takes=0.1)
    limiter.meet(1)
    limiter.now += 58.9  # ten more fit into this window

    assert outcome(PER_ADDRESS, limiter) == Passed("429 after 20 requests")
    assert limiter.pauses == [61.0]


def test_a_bucket_that_is_refilled_meanwhile_is_no_fault() -> None:
    limiter = Limiter(limit=22, takes=0.3)
    limiter.fields = False

    assert isinstance(outcome(PER_ADDRESS, limiter), Passed)


def test_requests_that_take_too_long_prove_nothing() -> None:
    limiter = Limiter(off=True, fields=False, takes=1.0)

    assert (
        inconclusive(PER_ADDRESS, limiter) == "30 requests took 30 s, too slow for 20 in 60 s to be reached"
    )


def test_slow_requests_take_a_few_more_to_show_that_a_limiter_is_off() -> None:
    limiter = Limiter(off=True, fields=False, takes=0.8)

    assert failed(PER_ADDRESS, limiter).reason == "29 requests, none refused; the contract says 20 in 60 s"


def test_another_limit_is_named_by_its_own_fields() -> None:
    assert failed(PER_ADDRESS, Limiter(limit=10)).reason == (
        "the RateLimit fields of the 429 speak of a limit of 10, the contract of 20"
    )


def test_a_lower_limit_of_a_user_is_a_fault_where_nothing_is_told() -> None:
    limiter = Limiter(limit=10, key=by_user, fields=False)

    assert failed(PER_USER, limiter) == Failed(
        "429 after 10 requests; the contract says 20 in 60 s",
        "a lower limit is configured, or another one is met first",
    )


def test_a_lower_limit_of_an_address_may_be_somebody_elses_doing() -> None:
    limiter = Limiter(limit=10, fields=False)

    assert inconclusive(PER_ADDRESS, limiter) == (
        "429 after 10 requests; the contract says 20 in 60 s; somebody else may send from this address"
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"retry_after": "soon"}, "Retry-After: 'soon' is neither seconds nor a date"),
        ({"retry_after": "0"}, "Retry-After: '0' asks for no waiting"),
        ({"ratelimit_remaining": "3"}, "the RateLimit fields of the 429 say that 3 requests remain"),
        (
            {"ratelimit_reset": "30"},
            "Retry-After asks to wait 60 s, the RateLimit fields 30 s: both should mean the same moment",
        ),
        ({"body": "slow down"}, "the 429: body: expected JSON, got slow down"),
        ({"body": "{}"}, 'the 429: $.code: expected "rate_limited", got nothing there'),
    ],
)
def test_a_refusal_that_misleads_is_a_fault(said: dict[str, str], reason: str) -> None:
    assert reason in failed(ERROR, Limiter(refusal=said)).reason.splitlines()


def test_a_refusal_without_retry_after_is_a_fault() -> None:
    assert list(broken_fields(reply(429), LIMIT, WINDOW)) == ["the 429 has no Retry-After"]


def test_a_retry_after_beyond_the_window_is_a_fault() -> None:
    assert list(broken_fields(reply(429, retry_after="3600"), LIMIT, WINDOW)) == [
        "Retry-After: '3600' is 3600 s, longer than the window of 60 s"
    ]


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_forged_address_that_gets_past_the_limit_is_a_fault(name: str) -> None:
    found = failed(PER_ADDRESS, Limiter(key=by_forged(name)))

    assert found.reason.startswith(f"{name}: ")
    assert found.reason.endswith("203.0.113.7 gets past the limit")


@pytest.mark.parametrize("name", ["X-Client-IP", "True-Client-IP", "CF-Connecting-IP"])
def test_what_only_some_proxies_set_is_believed_no_more(name: str) -> None:
    found = failed(PER_ADDRESS, Limiter(key=by_forged(name)))

    assert found.reason == "X-Client-IP, True-Client-IP, CF-Connecting-IP: 203.0.113.7 gets past the limit"


def test_a_limit_of_each_address_in_other_words_is_none() -> None:
    found = failed(PER_ADDRESS, Limiter(key=lambda request: request.target))

    assert found.reason == "another query gets past the limit\na slash more gets past the limit"


def test_another_page_with_a_slash_more_gets_past_nothing() -> None:
    class Router(Limiter):
        def serve(self, request: HttpRequest) -> Reply:
            return reply(200, "<html>") if request.target.endswith("/") else super().serve(request)

    assert isinstance(outcome(PER_ADDRESS, Router()), Passed)


@pytest.mark.parametrize(("says", "is_fault"), [(20, True), (3, True), (2, False)])
def test_fields_that_say_until_the_429_that_more_requests_remain_mislead(
    says: int, *, is_fault: bool
) -> None:
    class Slow(Limiter):
        def serve(self, request: HttpRequest) -> Reply:
            answer = super().serve(request)
            told = dict(answer.headers)
            left = int(told["ratelimit-remaining"]) + says if answer.ok else 0
            return replace(answer, headers=tuple({**told, "ratelimit-remaining": str(left)}.items()))

    found = outcome(PER_ADDRESS, Slow())

    told = f"the RateLimit fields never said that fewer than {says} requests remain, and then came a 429"
    assert (found == Failed(told)) is is_fault
    assert isinstance(found, Passed) is not is_fault


def test_forged_headers_can_be_left_out() -> None:
    limiter = Limiter(key=by_forged("Forwarded"))

    assert isinstance(outcome(PER_ADDRESS.replace("}", ", forged_headers: false}"), limiter), Passed)


def test_another_user_is_still_served() -> None:
    assert isinstance(outcome(PER_USER, Limiter(key=by_user)), Passed)
    assert failed(PER_USER, Limiter()).reason == "other is refused too: the limit is not of one user"


def test_a_limit_that_does_not_recover_is_a_fault() -> None:
    assert failed(
        PER_ADDRESS, Limiter(sticks=True, refusal={"retry_after": "1", "ratelimit_reset": "1"})
    ) == (Failed("still 429 after waiting 1 s as Retry-After asks"))


def test_a_recovery_that_nobody_waited_for_is_not_decided() -> None:
    assert inconclusive(PER_ADDRESS, Limiter(longest_pause=0)) == (
        f"whether it recovers was not seen: {STOPPED}"
    )


def test_a_recovery_need_not_be_asked_for() -> None:
    limiter = Limiter(longest_pause=0)

    assert outcome(PER_ADDRESS.replace("}", ", recovers: false}"), limiter) == Passed("429 after 20 requests")


def test_a_path_that_is_not_served_has_nothing_to_limit() -> None:
    class Away(Limiter):
        def serve(self, request: HttpRequest) -> Reply:
            return reply(404)

    limiter = Away()

    assert inconclusive(PER_ADDRESS, limiter) == (
        "the first request got 404, expected 2xx: there is nothing to limit"
    )
    assert len(limiter.sent) == 1


def test_another_status_than_429_is_a_fault() -> None:
    class Overrun(Limiter):
        def serve(self, request: HttpRequest) -> Reply:
            served = super().serve(request)
            return served if served.ok else reply(503)

    assert failed(PER_ADDRESS, Overrun()).reason == "request 21 got 503, expected 2xx, or 429"


def test_a_spent_budget_is_told() -> None:
    class Spent(Limiter):
        def __call__(self, probe: Probe) -> Evidence:
            return Withheld("not sent: the budget of 5 requests is spent")

    assert inconclusive(PER_ADDRESS, Spent()) == ("request 1: not sent: the budget of 5 requests is spent")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Told()),
        ({"ratelimit_limit": "100, 100;w=60", "ratelimit_remaining": "9"}, Told(100, 9, None)),
        ({"ratelimit": "limit=100, remaining=50, reset=30"}, Told(100, 50, 30)),
        ({"ratelimit": '"a";r=50;t=30', "ratelimit_policy": '"a";q=100;w=60'}, Told(100, 50, 30)),
        (
            {
                "ratelimit": '"day";r=900;t=9999, "min";r=5;t=30',
                "ratelimit_policy": '"day";q=1000, "min";q=10',
            },
            Told(10, 5, 30),
        ),
        ({"x_ratelimit_limit": "60", "x_ratelimit_reset": "12"}, Told(60, None, 12)),
        (
            {"x_ratelimit_remaining": "4", "x_ratelimit_reset": "1767225660"}
            | {"date": "Thu, 01 Jan 2026 00:00:00 GMT"},
            Told(None, 4, 60),
        ),
        ({"x_ratelimit_remaining": "4", "x_ratelimit_reset": "1767225660"}, Told(None, 4, None)),
    ],
)
def test_rate_limit_fields_are_read_in_all_their_versions(headers: dict[str, str], expected: Told) -> None:
    assert told(reply(**headers)) == expected  # type: ignore[arg-type]  # all of them are headers


def test_a_retry_after_that_is_a_date_is_held_against_the_replys_own() -> None:
    until = "Thu, 01 Jan 2026 00:00:30 GMT"

    assert retry_after(reply(429, retry_after=until, date="Thu, 01 Jan 2026 00:00:00 GMT")) == 30
    assert retry_after(reply(429, retry_after=until)) is None
    assert list(broken_fields(reply(429, retry_after=until), LIMIT, WINDOW)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{path: /a, limit: 5, window: 1s, per: user}", "a limit per user, and no user"),
        ("{path: /a, as: nobody, limit: 5, window: 1s, per: user}", "unknown identity 'nobody'"),
        ("{path: /a, other: other, limit: 5, window: 1s, per: address}", "'other' shares the limit"),
        ("{path: '/a/{id}', limit: 5, window: 1s, per: address}", "unknown name '{id}'"),
        (
            "{path: /a, method: POST, limit: 5, window: 1s, per: address}",
            "POST may change the deployment, and it is sent until it is refused",
        ),
        (
            "{path: /a, send: {json: 1, body: x}, limit: 5, window: 1s, per: address}",
            "body and json at once",
        ),
    ],
)
def test_a_limit_that_means_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare_one("rate_limit", text)

    assert caught.value.message == message


def test_a_login_that_fails_may_be_tried_until_it_is_refused() -> None:
    text = """
      {path: /login, method: POST, read_only: true, status: 401, send: {json: {email: nobody@shop.test}},
       limit: 20, window: 60s, per: address, counts: path}
    """

    class Login(Limiter):
        def serve(self, request: HttpRequest) -> Reply:
            served = super().serve(request)
            return reply(401) if served.ok and request.body else served

    limiter = Login()

    assert isinstance(outcome(text, limiter), Passed)
    assert {request.method for request in limiter.sent} == {"POST"}
    assert not any(request.writes for request in limiter.sent)
