"""What the contract may say about row-level security, and which checks it becomes."""

import pytest

from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.evidence import Claims, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Inspect, Snapshot
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare

LEAST = "{tenant: client_id, claim: app_metadata.client_id}"


def test_everybody_gets_a_check_for_reading_and_one_for_writing() -> None:
    made = declare("policies", LEAST)

    assert [check.title for check in made] == [
        "policies [anonymous] reads",
        "policies [anonymous] writes",
        "policies [signed in without a tenant] reads",
        "policies [signed in without a tenant] writes",
        "policies [shopper] reads",
        "policies [shopper] writes",
        "policies [other] reads",
        "policies [other] writes",
        "policies [admin] reads",
        "policies [admin] writes",
        "policies [shopper without sub] reads",
        "policies [shopper without sub] writes",
        "policies [shopper with forged user metadata] reads",
        "policies [shopper with forged user metadata] writes",
        "policies [service_role] reads",
    ]


def test_nothing_is_written_and_everybody_logs_in() -> None:
    for check in declare("policies", LEAST):
        assert check.phase is Phase.READ
        assert (check.spend.writes, check.spend.requests) == (0, 0)
        assert check.identities == {"shopper", "other", "admin"}


def test_lists_are_asked_for_by_who_acts_as_itself() -> None:
    text = "{tenant: t, claim: c, routes: {orders: GET /api/orders}}"
    asking = {check.title for check in declare("policies", text) if check.spend.requests}

    assert asking == {f"policies [{name}] reads" for name in ("shopper", "other", "admin")}


def test_actors_of_the_contract_act_too() -> None:
    text = (
        "{tenant: t, tenants: {a: '1', b: '2'}, identities: [shopper, other], name: rls,"
        " actors: {support: {as: shopper, roles: [support]}}, readers: {support: [orders], '*': [news]}}"
    )

    titles = [check.title for check in declare("policies", text)]

    assert {"rls [support] reads", "rls [support] writes"} <= set(titles)
    assert not any("admin" in title for title in titles)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{tenant: t}", "nothing says the ids of tenants"),
        ("{claim: c}", "nothing says whose rows are whose"),
        ("{tenant: t, claim: c, identities: [shopper, admin]}", "no two identities of different tenants"),
        ("{tenant: t, claim: c, identities: [nobody]}", "unknown identity 'nobody'"),
        ("{tenant: t, tenants: {c: '1'}}", "no identity that acts has the tenant 'c'"),
        ("{tenant: t, claim: c, actors: {x: {as: expired}}}", "'expired' does not act itself"),
        ("{tenant: t, claim: c, actors: {x: {as: shopper, tenants: [c]}}}", "has the tenant 'c'"),
        ("{tenant: t, claim: c, shared: {a: why}, private: {public.a: why}}", "'public.a' is declared twice"),
        ("{tenant: t, claim: c, tables: {a: {tenant: x, sql: y}}}", "'a' tells its tenant twice"),
        ("{tenant: t, claim: c, writers: {amdin: [a]}}", "nobody who acts has the role 'amdin'"),
        ("{tenant: t, claim: c, functions: [{call: f()}]}", "'f\\(\\)' names no tenant"),
        ("{tenant: t, claim: c, routes: {a: GET /api/order}}", "unknown route 'GET /api/order'"),
        ("{tenant: t, claim: c, routes: {a: 'GET /api/orders/{order}'}}", "is no list"),
    ],
)
def test_what_contradicts_itself_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("policies", text)


def test_the_catalog_and_the_tokens_come_first() -> None:
    (first, *_) = asked(declare("policies", LEAST)[0])

    assert first == (Snapshot(), Inspect("shopper"), Inspect("other"), Inspect("admin"))


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("connection refused"), "the database did not answer: connection refused"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_a_catalog_nothing_is_decided(evidence: Silence | Withheld, reason: str) -> None:
    for check in declare("policies", LEAST):
        assert answer(check, (evidence, *[Claims({})] * 3)) == Inconclusive(reason)
