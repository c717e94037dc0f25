"""Roles: who may use a route is served, who may not is refused, and nothing passes without its control."""

from dataclasses import replace

import pytest

from pytest_deploycheck.checks.surface.bypass import DETOURS
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Owned, Route, Scope
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import LOGIN, PLACE, context, declare, reply

ROLES = "{identities: [shopper, admin]}"
BOTH = "{identities: [shopper, admin], detours: 0}"
USERS = Route(method="GET", path="/api/admin/users", place=PLACE, roles=("admin",))
ORDERS = Route(method="GET", path="/api/orders", place=PLACE, scope=Scope.LIST)
JSON = '{"data": []}'
NO = '{"error": "forbidden"}'


def around(*routes: Route, owns: dict[str, Owned] | None = None) -> Context:
    people = (
        Identity(name="shopper", place=PLACE, tenant="a", login=LOGIN),
        Identity(name="admin", place=PLACE, tenant="a", login=LOGIN, roles=("admin",), owns=owns or {}),
        Identity(name="auditor", place=PLACE, tenant="a", login=LOGIN, roles=("auditor",)),
    )
    return replace(
        context("security"), identities={each.name: each for each in people}, routes=routes or (ORDERS, USERS)
    )


def check(title: str, text: str = BOTH, where: Context | None = None) -> Check:
    (found,) = (each for each in declare("authorization", text, where or around()) if title in each.title)
    return found


def refusal(*evidence: Evidence, text: str = BOTH) -> Outcome:
    return answer(check("refused", text), evidence)


def test_each_identity_is_tried_on_each_route_with_roles() -> None:
    checks = declare("authorization", BOTH, around())

    assert [each.title for each in checks] == [
        "GET /api/admin/users as shopper is refused",
        "GET /api/admin/users as admin is served",
    ]
    assert [each.spend for each in checks] == [Spend(requests=3), Spend(requests=1)]
    assert [each.weakness and each.weakness.cwe for each in checks] == ["CWE-285", "CWE-863"]
    assert {each.phase for each in checks} == {Phase.READ}
    assert {route for each in checks for route in each.routes} == {"GET /api/admin/users"}
    assert checks[0].identities == {"shopper", "admin"}


def around_the_role(*evidence: Evidence) -> Outcome:
    return answer(check("[detours]", ROLES), evidence)


def test_whom_a_route_refuses_tries_other_ways_to_it() -> None:
    ((control, plain, *others),) = asked(detour := check("[detours]", ROLES))

    assert detour.title == "GET /api/admin/users as shopper is refused [detours]"
    assert detour.weakness is not None
    assert (detour.weakness.cwe, detour.spend) == ("CWE-288", Spend(requests=2 + DETOURS))
    assert all(isinstance(each, HttpRequest) for each in (control, plain, *others))
    assert [each.identity for each in (control, plain) if isinstance(each, HttpRequest)] == [
        "admin",
        "shopper",
    ]
    assert {each.identity for each in others if isinstance(each, HttpRequest)} == {"shopper"}


def test_another_way_that_opens_is_a_fault() -> None:
    shut = [reply(404)] * (DETOURS - 1)

    assert around_the_role(reply(200, JSON), reply(403, NO), reply(403), *shut) == Passed()
    assert around_the_role(reply(200, JSON), reply(403, NO), reply(200), *shut) == Failed(
        "HEAD: reaches what the plain path denies (200)"
    )
    assert isinstance(around_the_role(reply(403, NO), reply(403, NO), reply(403), *shut), Inconclusive)
    assert isinstance(around_the_role(reply(200, JSON), reply(200, JSON), reply(403), *shut), Inconclusive)


def test_a_hidden_route_is_not_told_from_one_that_is_not_there() -> None:
    titles = [
        each.title for each in declare("authorization", ROLES.replace("}", ", hidden: true}"), around())
    ]

    assert not [title for title in titles if "[detours]" in title]


def test_a_refusal_goes_with_the_proof_that_others_are_served_and_that_it_is_let_in_elsewhere() -> None:
    assert asked(check("refused")) == (
        (
            HttpRequest(method="GET", target="/api/admin/users", identity="shopper"),
            HttpRequest(method="GET", target="/api/admin/users", identity="admin", purpose="control"),
            HttpRequest(method="GET", target="/api/orders", identity="shopper", purpose="control"),
        ),
    )
    assert refusal(reply(403, NO), reply(200, JSON), reply(200, JSON)) == Passed()


def test_a_route_with_a_base_of_its_own_is_asked_there() -> None:
    accounts = replace(USERS, path="/accounts", base="https://auth.example/v1")
    checks = declare("authorization", BOTH, around(ORDERS, accounts))

    assert [each.title for each in checks] == [
        "GET /accounts as shopper is refused",
        "GET /accounts as admin is served",
    ]
    assert [each.target for each in asked(checks[0])[0] if isinstance(each, HttpRequest)] == [
        "https://auth.example/v1/accounts",
        "https://auth.example/v1/accounts",
        "/api/orders",
    ]
    assert checks[0].routes == {"GET https://auth.example/v1/accounts"}


def test_who_may_not_and_is_served_is_a_fault_whatever_the_controls_say() -> None:
    assert refusal(reply(200, JSON), reply(500), reply(500)) == Failed(
        "expected 403, got 200", hint="the route ignores the role"
    )


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_another_refusal_than_403_is_a_fault(status: int) -> None:
    assert refusal(reply(status, NO), reply(200, JSON), reply(200, JSON)) == Failed(
        f'expected 403, got {status} ({{"error": "forbidden"}})'
    )


def test_a_hidden_route_may_deny_that_it_is_there() -> None:
    hidden = "{identities: [shopper, admin], hidden: true}"

    assert refusal(reply(404, NO), reply(200, JSON), reply(200, JSON), text=hidden) == Passed()
    assert refusal(reply(401, NO), reply(200, JSON), reply(200, JSON), text=hidden) == Failed(
        'expected 403 or 404, got 401 ({"error": "forbidden"})'
    )


def test_a_proxy_that_answers_403_to_all_proves_nothing() -> None:
    assert refusal(reply(403), reply(403), reply(403)) == Inconclusive(
        "the control GET /api/admin/users as admin: expected 2xx, got 403: "
        "without it a refusal proves nothing"
    )


def test_an_account_that_is_let_in_nowhere_proves_nothing() -> None:
    assert refusal(reply(403, NO), reply(200, JSON), reply(403, "locked")) == Inconclusive(
        "the control GET /api/orders as shopper: expected 2xx, got 403 (locked): "
        "without it a refusal proves nothing"
    )


def test_an_expired_test_token_proves_nothing() -> None:
    only = around(USERS)

    assert answer(check("refused", where=only), (reply(401, NO), reply(200, JSON))) == Inconclusive(
        'got 401 ({"error": "forbidden"}): the credential of shopper is not accepted, '
        "so its role was not looked at"
    )
    assert refusal(reply(401, NO), reply(200, JSON), reply(401, NO)) == Inconclusive(
        'the control GET /api/orders as shopper: expected 2xx, got 401 ({"error": "forbidden"}): '
        "without it a refusal proves nothing"
    )


def test_where_nothing_shows_that_the_account_is_let_in_the_pass_says_so() -> None:
    only = around(USERS)

    assert answer(check("refused", where=only), (reply(403, NO), reply(200, JSON))) == Passed(
        "no route shows that shopper is let in at all"
    )


@pytest.mark.parametrize(
    ("denial", "what"),
    [
        (
            reply(403, "<html>Blocked</html>"),
            "403 (<html>Blocked</html>): it is an HTML page",
        ),
        (reply(403, "Forbidden"), "403 (Forbidden): the application answers JSON, and this is none"),
        (reply(403), "403: the application answers JSON, and this is none"),
    ],
)
def test_a_refusal_by_another_layer_is_told_apart(denial: Reply, what: str) -> None:
    assert refusal(denial, reply(200, JSON), reply(200, JSON)) == Inconclusive(
        f"refused by another layer: {what}; what the application itself would say, nobody knows"
    )


def test_an_application_may_refuse_without_json() -> None:
    bare = BOTH.replace("}", ", bare: true}")

    assert refusal(reply(403), reply(200, JSON), reply(200, JSON), text=bare) == Passed()
    assert isinstance(
        refusal(reply(403, "<!DOCTYPE html>"), reply(200, JSON), reply(200, JSON), text=bare), Inconclusive
    )


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(429, retry_after="7"), "rate limited (429, Retry-After 7)"),
        (Silence("timed out"), "no answer: timed out"),
        (Withheld("no credentials"), "not sent: no credentials"),
    ],
)
def test_without_an_answer_nothing_is_decided(position: int, evidence: Evidence, reason: str) -> None:
    seen: list[Evidence] = [reply(403, NO), reply(200, JSON), reply(200, JSON)]
    seen[position] = evidence

    outcome = refusal(*seen)

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.endswith(reason)


def test_who_may_is_served_or_it_is_a_fault() -> None:
    served = check("served")

    assert answer(served, reply(200, JSON)) == Passed()
    assert answer(served, reply(403, NO)) == Failed(
        'expected 2xx, got 403 ({"error": "forbidden"})', hint="admin has the roles admin"
    )
    assert answer(served, reply(429)) == Inconclusive("GET /api/admin/users as admin: rate limited (429)")


def test_ids_in_paths_are_those_that_somebody_who_may_finds() -> None:
    route = Route(method="GET", path="/api/admin/users/{user}", place=PLACE, roles=("admin",))
    owns = {"user": Owned(path="/api/admin/users", ids="$.data[*].id")}
    found = reply(body='{"data": [{"id": "u1"}]}')
    one = check("users/{user} as shopper", where=around(route, owns=owns))

    rounds = asked(one, found)

    assert [[probe.target for probe in each if isinstance(probe, HttpRequest)] for each in rounds] == [
        ["/api/admin/users"],
        ["/api/admin/users/u1", "/api/admin/users/u1"],
    ]
    assert one.spend == Spend(requests=3)
    assert answer(one, reply(body='{"data": []}')) == Inconclusive(
        "no ids to ask with: GET /api/admin/users as admin shows none: an empty list proves nothing"
    )


def test_where_nobody_finds_an_id_nothing_is_sent() -> None:
    route = Route(method="GET", path="/api/admin/users/{user}", place=PLACE, roles=("admin",))

    outcome = answer(check("as shopper", where=around(route)))

    assert outcome == Inconclusive(
        'nothing fills {user}: say where admin finds one, owns: {user: {GET /path: "$.items[*].id"}}'
    )


DELETE = Route(method="DELETE", path="/api/admin/users/{user}", place=PLACE, roles=("admin",))
POST = Route(method="POST", path="/api/admin/users", place=PLACE, roles=("admin",))


def test_of_what_may_change_the_deployment_only_the_refusal_is_sent_with_an_id_that_nobody_owns() -> None:
    where = around(USERS, DELETE, ORDERS)
    titles = [each.title for each in declare("authorization", BOTH, where)]
    delete = check("DELETE", where=where)

    assert "DELETE /api/admin/users/{user} as admin is served" not in titles
    assert asked(delete) == (
        (
            HttpRequest(
                method="DELETE",
                target="/api/admin/users/00000000-0000-4000-8000-000000000000",
                identity="shopper",
            ),
            HttpRequest(method="GET", target="/api/admin/users", identity="admin", purpose="control"),
            HttpRequest(method="GET", target="/api/orders", identity="shopper", purpose="control"),
        ),
    )
    assert (delete.phase, delete.spend) == (Phase.READ, Spend(requests=3))
    assert answer(delete, (reply(403, NO), reply(200, JSON), reply(200, JSON))) == Passed()


@pytest.mark.parametrize("status", [404, 422])
def test_a_request_that_was_looked_at_before_the_role_is_a_fault(status: int) -> None:
    delete = check("DELETE", where=around(USERS, DELETE, ORDERS))

    assert answer(delete, (reply(status, NO), reply(200, JSON), reply(200, JSON))) == Failed(
        f'expected 403, got {status} ({{"error": "forbidden"}})',
        hint="look at the role before the id and the body; or it is not looked at",
    )


def test_what_does_not_tell_whether_the_role_was_looked_at_is_undecided() -> None:
    where = around(USERS, DELETE, ORDERS)
    hidden = check("DELETE", "{identities: [shopper, admin], hidden: true}", where)

    assert answer(hidden, (reply(404, NO), reply(200, JSON), reply(200, JSON))) == Inconclusive(
        'got 404 ({"error": "forbidden"}): the route is hidden, or nobody has the id: 404 does not tell which'
    )
    assert answer(
        check("DELETE", where=where), (reply(405, NO), reply(200, JSON), reply(200, JSON))
    ) == Inconclusive('got 405 ({"error": "forbidden"}): the empty request is not taken, whoever asks')


def test_a_request_that_only_the_refusal_keeps_from_changing_something_counts_as_a_write() -> None:
    post = check("POST", where=around(USERS, POST))

    ((probe, _),) = asked(post)
    assert isinstance(probe, HttpRequest)
    assert (probe.body, probe.writes) == (b"{}", True)
    assert (post.phase, post.tenant, post.spend) == (Phase.WRITE, "a", Spend(requests=2, writes=1))


def test_without_a_safe_route_of_the_same_roles_a_refused_change_proves_nothing() -> None:
    post = check("POST", where=around(POST, ORDERS))

    assert answer(post, (reply(403, NO), reply(200, JSON))) == Inconclusive(
        'got 403 ({"error": "forbidden"}), which proves nothing: no safe route has the roles admin, '
        "so nobody can be shown to be served without a change"
    )
    assert isinstance(answer(post, (reply(201), reply(200, JSON))), Failed)


def test_where_none_of_the_identities_may_nothing_is_proven() -> None:
    nobody = check("as shopper", "{identities: [shopper, auditor]}", around(USERS))

    assert answer(nobody, reply(403, NO)) == Inconclusive(
        'got 403 ({"error": "forbidden"}), which proves nothing: '
        "none of the identities has the roles admin, so nobody is shown to be served"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{identities: [shopper, shoper]}", "unknown identity 'shoper'"),
        ("{identities: [shopper, anonymous]}", "'anonymous' has no role"),
        ("{identities: [shopper, shopper]}", "shopper, shopper have the same roles"),
        ("{identities: [shopper, admin], routes: [GET /nothing]}", "unknown route 'GET /nothing'"),
        ("{identities: [shopper, admin], routes: [GET /api/orders]}", "'GET /api/orders' has no roles"),
    ],
)
def test_what_would_check_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("authorization", text, around())

    assert caught.value.message == message


def test_a_contract_without_roles_has_nothing_to_try() -> None:
    with pytest.raises(Misuse) as caught:
        declare("authorization", BOTH, around(ORDERS))

    assert caught.value.message == "no route of the contract has roles"


def test_a_forged_identity_has_no_role() -> None:
    with pytest.raises(Misuse) as caught:
        declare("authorization", "{identities: [admin, expired]}")

    assert caught.value.message == "'expired' is forged: no role is looked at"
