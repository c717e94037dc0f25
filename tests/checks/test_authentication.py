"""Every protected route, every bad credential."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pytest_deploycheck.checks.surface.bypass import DETOURS, detours
from pytest_deploycheck.model.check import Check, Severity, Weakness
from pytest_deploycheck.model.evidence import Claims, Evidence, Reply, Silence, Values, Withheld
from pytest_deploycheck.model.identity import PUBLISHED_KEYS, Forgery, Identity, SigningKey
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Inspect, Probe, Variables
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.testing import asked
from tests.checks.contracts import IDENTITIES, LOGIN, OWNS, PLACE, ROUTES, context, declare, reply

SIGNING = SigningKey(key=Secret("shared"))
EPOCH = datetime.fromtimestamp(0, UTC)
ORDERS = '{"data": [{"id": "o1"}], "total": 1}'
REFUSED = reply(401, '{"error": "no"}', www_authenticate="Bearer")
NOBODYS_ORDER = "/api/orders/00000000-0000-4000-8000-000000000000"
ALICE = Identity(name="alice", place=PLACE, login=LOGIN, owns=OWNS)
OPAQUE = Identity(name="robot", place=PLACE, headers=(("X-Api-Key", Secret("k3y")),))


def around(
    signing: SigningKey | None = SIGNING,
    routes: tuple[Route, ...] = ROUTES,
    identities: tuple[Identity, ...] = tuple(IDENTITIES.values()),
) -> Context:
    known = {identity.name: identity for identity in identities}
    return replace(context("security", routes=routes), signing=signing, identities=known)


def made(text: str = "{}", told: Context | None = None) -> dict[str, Check]:
    return {check.title: check for check in declare("authentication", text, told or around())}


def served(request: HttpRequest) -> Evidence:
    """A healthy deployment."""
    who = request.identity
    if who in {"shopper", "admin"} or who.endswith("~renewed"):
        return reply(200, ORDERS)
    if request.purpose == "detour":
        return reply(404, "nothing here")
    return REFUSED


Deployment = Callable[[HttpRequest], Evidence]


def run(check: Check, deployment: Deployment = served, claims: dict[str, object] | None = None) -> Outcome:
    """Hold a check's conversation with a deployment, and see that it spends what it declares."""
    steps, sent = check.steps(), 0
    try:
        probes = next(steps)
        while True:
            sent += sum(isinstance(probe, HttpRequest) for probe in probes)
            probes = steps.send(tuple(_told(probe, deployment, claims) for probe in probes))
    except StopIteration as end:
        assert sent <= check.spend.requests
        result: Outcome = end.value
        return result


def _told(probe: Probe, deployment: Deployment, claims: dict[str, object] | None) -> Evidence:
    if isinstance(probe, Inspect):
        return Claims(claims or {"iss": "here", "aud": "users", "exp": 1})
    if isinstance(probe, Variables):
        return Values(values={}, at=EPOCH)
    assert isinstance(probe, HttpRequest)
    assert not probe.writes
    return deployment(probe)


def but(name: str, evidence: Evidence) -> Deployment:
    """A healthy deployment but for one bad credential."""
    return lambda request: evidence if request.purpose == name else served(request)


def sent_by(check: Check) -> list[HttpRequest]:
    found: list[HttpRequest] = []

    def note(request: HttpRequest) -> Evidence:
        found.append(request)
        return served(request)

    run(check, note)
    return found


def test_the_cheap_set_is_tried_on_every_route_and_the_whole_on_a_sample() -> None:
    titles = list(made("{sample: 1}"))

    assert titles == [
        "GET /api/orders [no credential]",
        "GET /api/orders [expired]",
        "GET /api/orders [wrong signature]",
        "GET /api/orders [unsigned]",
        "GET /api/orders [foreign key]",
        "GET /api/orders [known key]",
        "GET /api/orders [claims]",
        "GET /api/orders [tampered]",
        "GET /api/orders [in the URL]",
        "GET /api/orders [detours]",
        "GET /api/orders/{order} [no credential]",
        "GET /api/orders/{order} [expired]",
        "GET /api/orders/{order} [wrong signature]",
        "DELETE /api/orders/{order} [no credential]",
        "DELETE /api/orders/{order} [expired]",
        "DELETE /api/orders/{order} [wrong signature]",
        "GET /api/admin/users [no credential]",
        "GET /api/admin/users [expired]",
        "GET /api/admin/users [wrong signature]",
    ]


def test_a_local_stack_may_sign_with_a_published_key_and_it_is_said() -> None:
    published = SigningKey(key=Secret(PUBLISHED_KEYS[Forgery.SUPABASE_KEY]))
    local = around(published)
    prod = replace(local, environment=replace(local.environment, protected=True))
    tried, said = "GET /api/orders [known key]", "authentication [known key]"

    here, there = made("{}", local), made("{}", prod)

    assert (tried in here, said in here) == (False, True)
    assert (tried in there, said in there) == (True, False)
    assert run(here[said]) == Passed(
        lacking="signing key of its own: `signing` is one that everybody knows, "
        "which only a local stack may use"
    )


def test_a_strangers_token_whose_time_is_over_proves_nothing() -> None:
    check = made("{strangers: [other]}")["GET /api/orders [as other]"]

    assert run(check) == Passed()
    assert run(check, claims={"sub": "a key without an end"}) == Passed()
    assert run(check, claims={"exp": 0}) == Inconclusive(
        "the token of other has expired: that alone is a reason to refuse it"
    )


def test_routes_may_be_left_out() -> None:
    titles = list(made("{sample: 0, except: [GET /api/admin/users, 'DELETE /api/orders/{id}']}"))

    assert {title.partition(" [")[0] for title in titles} == {"GET /api/orders", "GET /api/orders/{order}"}


def test_a_healthy_deployment_passes_and_each_check_spends_what_it_says() -> None:
    signing = SigningKey(key=Secret("pem"), algorithm="RS256")

    for check in made("{strangers: [other]}", around(signing)).values():
        assert run(check) == Passed(), check.title
        assert len(sent_by(check)) == check.spend.requests
        assert check.spend.writes == 0
        assert check.weakness is not None
        assert check.hint
        assert check.routes == {check.title.partition(" [")[0]}


def test_the_control_goes_with_what_must_be_refused() -> None:
    (round_one,) = asked(made()["GET /api/orders [no credential]"])
    requests = [probe for probe in round_one if isinstance(probe, HttpRequest)]

    assert [(each.purpose, each.identity, each.headers) for each in requests] == [
        ("control", "shopper", ()),
        ("no credential", "anonymous", ()),
        ("empty header", "anonymous", (("Authorization", ""),)),
        ("malformed header", "anonymous", (("Authorization", "Bearer"),)),
        ("wrong scheme", "anonymous", (("Authorization", "Basic bm9ib2R5Om5vYm9keQ=="),)),
        ("nonsense", "anonymous", (("Authorization", "Bearer this-is-no-credential"),)),
        ("right token, wrong scheme", "shopper~wrong_scheme", ()),
    ]


def test_a_route_with_roles_is_proven_by_somebody_who_has_one() -> None:
    check = made()["GET /api/admin/users [expired]"]

    assert [request.identity for request in sent_by(check)] == ["admin~renewed", "admin~expired"]
    assert check.identities == {"admin"}


def test_a_path_is_filled_with_what_the_control_owns() -> None:
    requests = sent_by(made()["GET /api/orders/{order} [wrong signature]"])

    assert [(each.target, each.identity) for each in requests] == [
        ("/api/orders", "shopper"),
        ("/api/orders/o1", "shopper"),
        ("/api/orders/o1", "shopper~wrong_key"),
    ]


def test_what_could_change_something_is_asked_for_what_nobody_has_and_never_by_the_control() -> None:
    requests = sent_by(made()["DELETE /api/orders/{order} [no credential]"])

    assert (requests[0].method, requests[0].target, requests[0].identity) == ("GET", "/api/orders", "shopper")
    assert {(each.method, each.target, each.identity) for each in requests[1:]} == {
        ("DELETE", NOBODYS_ORDER, "anonymous")
    }


def test_a_change_without_an_id_is_tried_with_no_users_credential_and_an_empty_body() -> None:
    creates = Route(method="POST", path="/api/orders", place=PLACE)
    checks = made(told=around(routes=(*ROUTES, creates)))

    assert [title for title in checks if title.startswith("POST")] == ["POST /api/orders [no credential]"]
    control, *others = sent_by(checks["POST /api/orders [no credential]"])
    assert (control.method, control.target) == ("GET", "/api/orders")
    assert {(each.identity, each.body) for each in others} == {("anonymous", b"{}")}


@pytest.mark.parametrize(
    ("title", "name", "severity", "cwe"),
    [
        ("no credential", "no credential", Severity.CRITICAL, "CWE-306"),
        ("no credential", "nonsense", Severity.CRITICAL, "CWE-306"),
        ("no credential", "right token, wrong scheme", Severity.CRITICAL, "CWE-306"),
        ("expired", "expired", Severity.HIGH, "CWE-613"),
        ("wrong signature", "wrong key", Severity.CRITICAL, "CWE-347"),
        ("unsigned", "no signature", Severity.CRITICAL, "CWE-347"),
        ("unsigned", "alg none mixed", Severity.CRITICAL, "CWE-347"),
        ("key confusion", "key confusion", Severity.CRITICAL, "CWE-347"),
        ("foreign key", "kid path", Severity.CRITICAL, "CWE-347"),
        ("claims", "endless", Severity.HIGH, "CWE-345"),
        ("foreign key", "x5c", Severity.CRITICAL, "CWE-347"),
        ("foreign key", "jwk", Severity.CRITICAL, "CWE-347"),
        ("claims", "not yet valid", Severity.HIGH, "CWE-345"),
        ("claims", "wrong audience", Severity.HIGH, "CWE-345"),
        ("tampered", "tampered role", Severity.CRITICAL, "CWE-347"),
        ("in the URL", "in query", Severity.LOW, "CWE-598"),
        ("as other", "as other", Severity.HIGH, "CWE-287"),
    ],
)
def test_a_bad_credential_that_is_let_in_is_a_finding(
    title: str, name: str, severity: Severity, cwe: str
) -> None:
    signing = SigningKey(key=Secret("pem"), algorithm="RS256")
    check = made("{strangers: [other]}", around(signing))[f"GET /api/orders [{title}]"]

    assert run(check, but(name, reply(200, ORDERS))) == Failed(f"{name}: served (200)")
    assert check.weakness == Weakness(severity, cwe, "API2:2023")


@pytest.mark.parametrize(
    ("evidence", "fault"),
    [
        (reply(403, "no"), "expired: expected 401, got 403 (no)"),
        (reply(302), "expired: expected 401, got 302"),
        (reply(500, "Traceback"), "expired: not handled: got 500 (Traceback)"),
    ],
)
def test_another_refusal_is_a_finding_too(evidence: Reply, fault: str) -> None:
    assert run(made()["GET /api/orders [expired]"], but("expired", evidence)) == Failed(fault)


def test_a_header_that_cannot_be_read_may_be_a_bad_request_unless_strict() -> None:
    bad = but("malformed header", reply(400))

    assert run(made()["GET /api/orders [no credential]"], bad) == Passed()
    assert run(made("{strict: true}")["GET /api/orders [no credential]"], bad) == Failed(
        "malformed header: expected 401, got 400"
    )


def test_a_refusal_without_a_challenge_is_noted_or_a_fault_if_strict() -> None:
    silent = but("expired", reply(401))

    assert run(made()["GET /api/orders [expired]"], silent) == Passed(
        "401 without WWW-Authenticate (RFC 9110, 11.6.1)"
    )
    assert run(made("{strict: true}")["GET /api/orders [expired]"], silent) == Failed(
        "expired: 401 without WWW-Authenticate (RFC 9110, 11.6.1)"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(403, "blocked"), "got 403 (blocked)"),
        (reply(429), "rate limited (429)"),
        (Silence("timed out"), "no answer: timed out"),
        (Withheld("not sent: no credentials: the login of shopper failed"), None),
    ],
)
def test_a_broken_control_never_gives_a_pass(evidence: Evidence, reason: str | None) -> None:
    reason = reason or "not sent: no credentials: the login of shopper failed"
    for check in made().values():
        outcome = run(check, lambda request: served(request) if request.identity == "anonymous" else evidence)
        assert isinstance(outcome, Inconclusive), check.title
        assert reason in outcome.reason


def test_a_proxy_that_refuses_everybody_proves_nothing() -> None:
    for check in made().values():
        assert isinstance(run(check, lambda _: reply(401, www_authenticate="Bearer")), Inconclusive)


def test_being_served_is_a_finding_whatever_the_control_says() -> None:
    def broken(request: HttpRequest) -> Evidence:
        return reply(502) if request.purpose == "control" else but("no credential", reply())(request)

    assert run(made()["GET /api/orders [no credential]"], broken) == Failed("no credential: served (200)")


def test_a_limiters_word_says_nothing_about_credentials() -> None:
    outcome = run(made()["GET /api/orders [expired]"], but("expired", reply(429, retry_after="9")))

    assert outcome == Inconclusive("expired: rate limited (429, Retry-After 9)")


def test_what_could_not_be_forged_is_named_and_did_not_pass() -> None:
    withheld = Withheld("not sent: only a JWT can be forged, and this identity holds none")

    assert run(made()["GET /api/orders [tampered]"], but("tampered role", withheld)) == Inconclusive(
        "tampered role: not sent: only a JWT can be forged, and this identity holds none"
    )


def test_without_a_key_one_check_says_what_was_not_tried() -> None:
    checks = made(told=around(signing=None))

    assert "GET /api/orders [expired]" not in checks
    assert "GET /api/orders [tampered]" in checks
    assert run(checks["authentication [not forged]"]) == Inconclusive(
        "not tried: expired, key confusion, claims, in the URL: they need the key that tokens are signed "
        "with: declare `signing`, or name the `forgeries` to try"
    )
    assert "authentication [not forged]" not in made("{forgeries: [unsigned]}", around(signing=None))


def test_only_a_token_that_names_its_issuer_can_name_another() -> None:
    check = made()["GET /api/orders [claims]"]
    tried: list[str] = []

    def note(request: HttpRequest) -> Evidence:
        tried.append(request.purpose)
        return served(request)

    assert run(check, note, {"sub": "u"}) == Passed()
    assert tried == ["control", "not yet valid"]


def test_a_fixed_key_is_not_forged_but_left_out_emptied_and_replaced() -> None:
    checks = made("{control: robot}", around(identities=(OPAQUE,), routes=ROUTES[:2]))

    assert list(checks) == ["GET /api/orders [no credential]", "GET /api/orders [detours]"]
    assert [each.headers for each in sent_by(checks["GET /api/orders [no credential]"])][1:] == [
        (),
        (("X-Api-Key", ""),),
        (("X-Api-Key", "this-is-no-credential"),),
    ]


def test_a_route_that_nobody_may_use_is_undecided() -> None:
    checks = made(told=around(identities=(IDENTITIES["shopper"],)))

    assert run(checks["GET /api/admin/users [no credential]"]) == Inconclusive(
        "no identity with a credential of its own has one of the roles admin: "
        "without a control a refusal proves nothing"
    )


def test_a_change_without_a_safe_route_beside_it_is_undecided() -> None:
    alone = Route(method="POST", path="/api/orders", place=PLACE)
    check = made(told=around(routes=(alone,)))["POST /api/orders [no credential]"]

    assert run(check) == Inconclusive(
        "no GET route without parameters that shopper may use: without a control a refusal proves nothing"
    )


@pytest.mark.parametrize("number", range(DETOURS))
def test_a_detour_that_reaches_what_is_denied_is_a_finding(number: int) -> None:
    name, request = detours("/api/orders")[number]
    other = '{"total": 7, "data": []}'  # not the same bytes: other tenants' orders, perhaps

    def broken(asked_for: HttpRequest) -> Evidence:
        return reply(200, other) if asked_for == request else served(asked_for)

    assert run(made()["GET /api/orders [detours]"], broken) == Failed(
        f"{name}: reaches what the plain path denies (200)"
    )


PLATFORM = "https://platform.example:8443"


def test_detours_around_a_route_with_a_base_of_its_own_stay_there() -> None:
    here = [request for _, request in detours("/7")]
    there = [request for _, request in detours(f"{PLATFORM}/7")]

    assert [each.target for each in there] == [PLATFORM + each.target for each in here]
    assert [each.headers for each in there] == [each.headers for each in here]


@pytest.mark.parametrize(
    "answer", [reply(200, "<html>"), reply(204), reply(200, json.dumps({"ok": 1})), reply(405)]
)
def test_a_detour_to_something_else_is_none(answer: Reply) -> None:
    def other(request: HttpRequest) -> Evidence:
        return answer if request.purpose == "detour" and request.method != "HEAD" else served(request)

    assert run(made()["GET /api/orders [detours]"], other) == Passed()


def test_a_detour_that_breaks_the_deployment_is_a_finding_of_its_own() -> None:
    def broken(request: HttpRequest) -> Evidence:
        return reply(500, "oops") if request.target.endswith(";x=1") else served(request)

    assert run(made()["GET /api/orders [detours]"], broken) == Failed(
        "path parameter: not handled: got 500 (oops)"
    )


def test_a_token_in_the_url_says_nothing_where_none_is_asked_for() -> None:
    outcome = run(made()["GET /api/orders [in the URL]"], but("no credential", reply(200, ORDERS)))

    assert outcome == Inconclusive("the route is open without any credential: got 200")


def test_where_the_plain_path_is_open_there_is_nothing_to_go_around() -> None:
    assert run(made()["GET /api/orders [detours]"], lambda _: reply(200, ORDERS)) == Inconclusive(
        "the plain path is not denied: got 200: a detour proves nothing"
    )


def test_routes_can_be_chosen() -> None:
    titles = made("{routes: ['GET /api/orders/{id}'], sample: 0}")

    assert {title.partition(" [")[0] for title in titles} == {"GET /api/orders/{order}"}


@pytest.mark.parametrize(
    ("text", "told", "message"),
    [
        ("{control: shoper}", around(), "unknown identity 'shoper'"),
        ("{control: expired}", around(), "'expired' has no credential of its own"),
        ("{strangers: [nobody]}", around(), "unknown identity 'nobody'"),
        ("{routes: [GET /api/order]}", around(), "unknown route 'GET /api/order'"),
        ("{except: [GET /api/order]}", around(), "unknown route 'GET /api/order'"),
        ("{routes: [GET /api/orders], except: [GET /api/orders]}", around(), "no protected route"),
        ("{routes: [GET /health]}", around(), "no protected route"),
        ("{}", around(routes=()), "no protected route"),
        ("{}", around(identities=(IDENTITIES["expired"],)), "nobody is let in"),
    ],
)
def test_what_could_prove_nothing_is_a_mistake(text: str, told: Context, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        made(text, told)
