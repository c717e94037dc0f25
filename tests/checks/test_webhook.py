"""Webhook deliveries: right, or wrong in one thing."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.evidence import Evidence, Mark, Paused, Reply, Silence, Values, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Pause, Variables
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare, reply

NOW = datetime(2030, 1, 1, tzinfo=UTC)
AT = int(NOW.timestamp())
CLOCK = Values({}, NOW)
KEY = b"the sender and the endpoint share it"
STRIPE = """
path: /hooks
scheme: stripe
secret: a-secret-of-the-endpoint
event: {id: "evt_{mark}", type: ping}
runbook: WC-22
"""
SVIX = f"""
path: /hooks
scheme: svix
secret: whsec_{base64.b64encode(KEY).decode()}
event: {{id: "evt_{{mark}}", type: ping}}
"""
EFFECT = (
    STRIPE
    + "effect: {'GET /events?id=evt_{mark}': {as: shopper, json: {$.total: 1}}}\nheaders: {apikey: anon}\n"
)
LOOK = "GET /events?id=evt_{mark} as shopper"
OK, BAD = reply(200), reply(400, '{"error": "invalid signature"}')
REFUSALS = (
    "without a signature",
    "signed with another key",
    "signed too long ago",
    "changed after it was signed",
)


def check(title: str, text: str = STRIPE) -> Check:
    (found,) = (one for one in declare("webhook", text) if title in one.title)
    return found


def sent(title: str, text: str = STRIPE, marks: int = 2) -> list[HttpRequest]:
    given = tuple(Mark(f"m{number}") for number in range(1, marks + 1))
    probes = asked(check(title, text), (CLOCK, *given))[1]
    return [probe for probe in probes if isinstance(probe, HttpRequest)]


def header(request: HttpRequest, name: str) -> str:
    return dict(request.headers)[name]


def stripe(at: int, body: bytes, key: bytes = b"a-secret-of-the-endpoint") -> str:
    return f"t={at},v1={hmac.new(key, b'%d.%b' % (at, body), hashlib.sha256).hexdigest()}"


def svix(ident: str, at: int, body: bytes) -> str:
    text = b"%b.%d.%b" % (ident.encode(), at, body)
    return "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()


def test_each_way_to_be_wrong_is_a_check_that_writes() -> None:
    checks = declare("webhook", EFFECT)

    assert [one.title for one in checks] == [
        "webhook: a signed delivery is accepted and takes effect",
        *(f"webhook: a delivery {wrong} is refused" for wrong in REFUSALS),
        "webhook: a delivery that comes again takes effect once",
    ]
    assert [one.spend for one in checks] == [
        Spend(requests=6, writes=1),
        *[Spend(requests=2, writes=2)] * 4,
        Spend(requests=9, writes=3),
    ]
    assert {one.phase for one in checks} == {Phase.WRITE}
    assert {one.runbook for one in checks} == {("WC-22",)}
    assert [one.weakness.cwe for one in checks if one.weakness] == [
        "CWE-347",
        "CWE-347",
        "CWE-294",
        "CWE-347",
        "CWE-294",
    ]
    assert [sorted(one.identities) for one in checks] == [["shopper"], [], [], [], [], ["shopper"]]


def test_a_signed_delivery_of_stripe_is_what_stripe_sends() -> None:
    first, second = asked(check("is accepted", EFFECT), (CLOCK, Mark("m1")))

    assert first == (Variables(()), NewMark())
    body = b'{"id":"evt_m1","type":"ping"}'
    assert second == (
        HttpRequest(
            method="POST",
            target="/hooks",
            headers=(
                ("Content-Type", "application/json"),
                ("apikey", "anon"),
                ("Stripe-Signature", stripe(AT, body)),
            ),
            body=body,
            writes=True,
            fresh=True,
            purpose="signed delivery",
        ),
    )


def test_a_signed_delivery_of_svix_is_what_svix_sends() -> None:
    (request,) = sent("is accepted", SVIX, marks=1)

    assert request.body == b'{"id":"evt_m1","type":"ping"}'
    assert request.headers[1:] == (
        ("svix-id", "msg_m1"),
        ("svix-timestamp", str(AT)),
        ("svix-signature", svix("msg_m1", AT, request.body)),
    )


def test_the_example_that_svix_publishes_is_signed_alike() -> None:
    from pytest_deploycheck.checks.posture.signatures import SCHEMES, Delivery

    body = b'{"test": 2432232314}'
    scheme = SCHEMES["svix"]
    key = scheme.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    delivery = Delivery(id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body=body, signed=body)

    assert dict(scheme.sign(key, delivery, "svix"))["svix-signature"] == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_other_header_names_may_be_given() -> None:
    (request,) = sent("is accepted", SVIX + "header: webhook\n", marks=1)

    assert [name for name, _ in request.headers[1:]] == [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]


def test_an_unsigned_delivery_lacks_only_the_signature() -> None:
    wrong, control = sent("without a signature")
    assert [name for name, _ in wrong.headers] == ["Content-Type"]
    assert header(control, "Stripe-Signature") == stripe(AT, control.body or b"")
    assert wrong.body != control.body

    wrong, _ = sent("without a signature", SVIX)
    assert [name for name, _ in wrong.headers[1:]] == ["svix-id", "svix-timestamp"]


def test_a_forged_delivery_is_signed_with_another_key() -> None:
    wrong, _ = sent("another key")
    right = stripe(AT, wrong.body or b"")

    assert header(wrong, "Stripe-Signature") != right
    assert header(wrong, "Stripe-Signature").startswith(f"t={AT},v1=")
    assert len(header(wrong, "Stripe-Signature")) == len(right)


def test_a_stale_delivery_is_signed_rightly_but_old() -> None:
    wrong, control = sent("too long ago")
    assert header(wrong, "Stripe-Signature") == stripe(AT - 600, wrong.body or b"")
    assert header(control, "Stripe-Signature") == stripe(AT, control.body or b"")

    wrong, _ = sent("too long ago", STRIPE + "tolerance: 1h\n")
    assert header(wrong, "Stripe-Signature") == stripe(AT - 7200, wrong.body or b"")


def test_a_tampered_delivery_carries_the_signature_of_another_body() -> None:
    _, (control,), (wrong,) = asked(check("changed after"), start(2), OK)

    assert isinstance(control, HttpRequest)
    assert isinstance(wrong, HttpRequest)
    assert json.loads(wrong.body or b"") == {"id": "evt_m2", "type": "ping", "deploycheck_tampered": True}
    assert control.body == b'{"id":"evt_m2","type":"ping"}'
    assert wrong.headers == control.headers


CREATES = (
    EFFECT
    + """
creates:
  by: admin
  id: $.id
  delete: DELETE /events/{id}
  find: {"GET /events?id=evt_{mark}": "$.data[*].id"}
"""
)


def test_what_a_delivery_creates_is_removed() -> None:
    checks = declare("webhook", CREATES)
    creation = Creation(
        mark="m1",
        identify="$.id",
        delete="DELETE /events/{id}",
        gone="GET /events/{id}",
        find="GET /events?id=evt_m1",
        found="$.data[*].id",
        identity="admin",
    )

    assert [one.spend for one in checks] == [
        Spend(requests=10, writes=2),
        *[Spend(requests=10, writes=4)] * 4,
        Spend(requests=13, writes=4),
    ]
    assert [sorted(one.identities) for one in checks[:2]] == [["admin", "shopper"], ["admin"]]
    (delivery,) = sent("is accepted", CREATES, marks=1)
    assert delivery.creates == creation
    wrong, control = sent("another key", CREATES)
    assert wrong.creates == creation
    assert control.creates == replace(creation, mark="m2", find="GET /events?id=evt_m2")
    (again, _) = asked(check("comes again", CREATES), start(), OK, ONCE)[3]
    assert isinstance(again, HttpRequest)
    assert again.creates is None


def start(marks: int = 1) -> tuple[Evidence, ...]:
    return (CLOCK, *(Mark(f"m{number}") for number in range(1, marks + 1)))


@pytest.mark.parametrize("wrong", REFUSALS)
def test_what_is_wrong_must_be_refused_beside_a_control(wrong: str) -> None:
    one = check(wrong)

    def judged(refused: Evidence, control: Evidence) -> Outcome:
        in_turn = wrong == "changed after it was signed"
        return answer(one, start(2), *((control, refused) if in_turn else ((refused, control),)))

    post = f"POST /hooks: a delivery {wrong}"

    assert judged(BAD, OK) == Passed()
    assert judged(OK, OK) == Failed(f"{post} got 200")
    assert judged(OK, Silence("refused")) == Failed(f"{post} got 200")
    assert judged(reply(500, "oops"), OK) == Failed(f"{post}: expected 4xx, got 500 (oops)")
    assert judged(reply(302), OK) == Failed(f"{post}: expected 4xx, got 302")
    assert judged(BAD, reply(403)) == Inconclusive(
        "the control, a signed delivery, got 403: without it a refusal proves nothing"
    )
    assert one.hint


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((Silence("refused"), OK), "a delivery without a signature: no answer: refused"),
        ((reply(429), OK), "a delivery without a signature: rate limited (429)"),
        ((BAD, Withheld("budget spent")), "the control, a signed delivery: not sent: budget spent"),
        ((BAD, reply(429)), "the control, a signed delivery: rate limited (429)"),
    ],
)
def test_without_both_answers_nothing_is_refused(evidence: tuple[Evidence, ...], reason: str) -> None:
    assert answer(check("without a signature"), start(2), evidence) == Inconclusive(reason)


@pytest.mark.parametrize("title", ["is accepted", "without a signature", "comes again"])
def test_without_a_mark_or_the_time_nothing_is_sent(title: str) -> None:
    one = check(title)
    marks = 2 if title == "without a signature" else 1
    nothing = Inconclusive("no mark or no time was given, so nothing was sent")

    assert answer(one, (CLOCK, *[Withheld("no")] * marks)) == nothing
    assert answer(one, (Withheld("no"), *[Mark("m")] * marks)) == nothing


def test_a_right_delivery_that_is_refused_is_a_fault() -> None:
    one = check("is accepted")

    assert answer(one, start(), BAD) == Failed(
        'POST /hooks: expected 2xx, got 400 ({"error": "invalid signature"})'
    )
    assert one.hint == "was the endpoint's secret changed with this deploy, and the sender's not?"
    assert answer(one, start(), Silence("refused")) == Inconclusive("POST /hooks: no answer: refused")
    assert answer(one, start(), reply(429)) == Inconclusive("POST /hooks: rate limited (429)")
    assert answer(one, start(), OK) == Passed("whether it took effect was not looked at: `effect` says where")


ONCE, TWICE, NONE = reply(body='{"total": 1}'), reply(body='{"total": 2}'), reply(body='{"total": 0}')
SLEPT = Paused(0.5)
NEVER: tuple[Evidence, ...] = (NONE, *(SLEPT, NONE) * 4)


def test_an_effect_may_take_a_moment() -> None:
    one = check("is accepted", EFFECT)

    rounds = asked(one, start(), OK, NONE, SLEPT)
    assert rounds[2] == (
        HttpRequest(method="GET", target="/events?id=evt_m1", identity="shopper", purpose="effect"),
    )
    assert rounds[3] == (Pause(0.5),)
    assert answer(one, start(), OK, ONCE) == Passed()
    assert answer(one, start(), OK, NONE, SLEPT, ONCE) == Passed()


def test_an_effect_that_never_shows_is_a_fault() -> None:
    assert answer(check("is accepted", EFFECT), start(), OK, *NEVER) == Failed(
        f"{LOOK}: $.total: expected 1, got 0 (looked 5 times, every 0.5 s)"
    )
    assert answer(check("is accepted", EFFECT), start(), OK, Silence("refused")) == Inconclusive(
        f"{LOOK}: no answer: refused"
    )


def test_a_replay_is_the_very_same_request_and_the_same_event_signed_anew() -> None:
    rounds = asked(check("comes again", EFFECT), start(), OK, ONCE, (OK, OK), SLEPT)

    (first,) = rounds[1]
    assert isinstance(first, HttpRequest)
    same, anew = rounds[3]
    assert isinstance(anew, HttpRequest)
    assert same == replace(first, purpose="the same again")
    assert (anew.body, anew.target) == (first.body, first.target)
    assert dict(anew.headers).keys() == dict(first.headers).keys()
    assert anew.headers != first.headers
    assert rounds[4] == (Pause(0.5),)


@pytest.mark.parametrize("second", [OK, reply(409)])
def test_a_replay_takes_effect_once_whatever_it_is_told(second: Reply) -> None:
    assert answer(check("comes again", EFFECT), start(), OK, ONCE, (OK, second), SLEPT, ONCE) == Passed()


def test_a_replay_that_takes_effect_again_is_a_fault() -> None:
    assert answer(check("comes again", EFFECT), start(), OK, ONCE, (OK, OK), SLEPT, TWICE) == Failed(
        f"after the repetition: {LOOK}: $.total: expected 1, got 2"
    )


def test_a_replay_that_breaks_the_endpoint_is_a_fault() -> None:
    failed = Failed("POST /hooks: the same delivery again got 500 (duplicate key)")

    assert (
        answer(check("comes again", EFFECT), start(), OK, ONCE, (OK, reply(500, "duplicate key"))) == failed
    )
    assert answer(check("comes again"), start(), OK, (reply(500, "duplicate key"), OK)) == failed


def test_without_an_effect_a_replay_is_only_answered() -> None:
    one = check("comes again is answered without an error")

    assert answer(one, start(), OK, (OK, OK)) == Passed(
        "whether it took effect once was not looked at: `effect` says where"
    )
    assert one.spend == Spend(requests=3, writes=3)


def test_a_replay_of_what_never_arrived_proves_nothing() -> None:
    one = check("comes again", EFFECT)

    assert answer(one, start(), BAD) == Inconclusive(
        'the first delivery got 400 ({"error": "invalid signature"}): there is nothing to repeat'
    )
    assert answer(one, start(), Silence("refused")) == Inconclusive("POST /hooks: no answer: refused")
    assert answer(one, start(), OK, *NEVER) == Inconclusive(
        f"after the first delivery: {LOOK}: $.total: expected 1, got 0 (looked 5 times, every 0.5 s)"
    )
    assert answer(one, start(), OK, ONCE, (OK, reply(429))) == Inconclusive(
        "POST /hooks again: rate limited (429)"
    )
    assert answer(one, start(), OK, ONCE, (OK, OK), SLEPT, Withheld("time is over")) == Inconclusive(
        f"{LOOK}: not sent: time is over"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STRIPE.replace("{mark}", "1"), "no {mark} in the event"),
        (SVIX.replace("whsec_", "whsec_!"), "the secret is none of svix's"),
        (STRIPE + "effect: {GET /events: {json: {$.total: 1}}}", "'GET /events' shows any event"),
        (STRIPE + "effect: {'GET /e/{mark}': {as: me, status: 200}}", "unknown identity 'me'"),
        (STRIPE + "effect: {'GET /e/{mark}': {as: shopper}}", "no expectation"),
        (CREATES.replace("by: admin", ""), "nobody removes what it creates"),
        (CREATES.replace("by: admin", "by: me"), "unknown identity 'me'"),
        (CREATES.replace("/events/{id}", "/events"), "removes no particular resource"),
        (
            STRIPE + "effect: {'POST /e/{mark}': {status: 200, read_only: true}}",
            "'POST /e/{mark}' does more than look",
        ),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("webhook", text)

    assert message in str(caught.value)


def test_a_secret_that_only_the_start_gives_is_no_mistake_and_is_shown_nowhere() -> None:
    assert declare("webhook", SVIX.replace("whsec_", "${HOOK_SECRET}"))
    with pytest.raises(ValueError, match="no secret"):
        declare("webhook", STRIPE.replace("a-secret-of-the-endpoint", "''"))
    assert "a-secret-of-the-endpoint" not in repr(check("is accepted").steps)
