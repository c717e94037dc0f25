"""Limits of users: told apart from those of addresses, and from those of other tiers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pytest_deploycheck.model.check import Check, RateLimit
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from tests.checks.contracts import PLACE, context, declare, declare_one
from tests.checks.limiters import LIMIT, Limiter, hold

ADDRESS = RateLimit(requests=LIMIT, window=60.0)
CLIENTS = "[{address: 127.0.0.2}, {address: 127.0.0.3}]"
USER = f"path: /products, as: shopper, limit: {LIMIT}, window: 60s, per: user"
SEVERAL = f"{{{USER}, other: other, clients: {CLIENTS}}}"
TRUSTED = SEVERAL.replace(CLIENTS, "[{headers: {X-Client: '1'}}, {headers: {X-Client: '2'}}]")
Key = Callable[[HttpRequest], str]


def by_source(request: HttpRequest) -> str:
    return request.source or "us"


def by_header(request: HttpRequest) -> str:
    return dict(request.headers).get("X-Client", "us")


def one_for_all(request: HttpRequest) -> str:
    return "us"


@dataclass
class Both(Limiter):
    """Limits each address first, then each user; `users` are their limits, None: there is none."""

    address: Key = by_source
    users: Mapping[str, int | None] = field(default_factory=dict)
    user: Key = lambda request: request.identity

    def serve(self, request: HttpRequest) -> Reply:
        whose = self.users.get(request.identity, LIMIT)
        self.key, self.limit = self.address, LIMIT
        by_address = super().serve(request)
        if not by_address.ok or whose is None:
            return by_address
        self.now -= self.takes
        self.key, self.limit = lambda asked: f"user {self.user(asked)}", whose
        return super().serve(request)


def around(*declared: RateLimit, headers: Mapping[str, str] | None = None) -> Context:
    told = context("security")
    where = Environment(
        name="local", place=PLACE, base_url="https://a.test", headers=tuple((headers or {}).items())
    )
    return replace(told, environment=where, limits=lambda: declared)


def outcome(text: str, limiter: Limiter, *declared: RateLimit) -> Outcome:
    return hold(declare_one("rate_limit", text, around(*declared)), limiter)


def test_a_user_that_sends_as_several_clients_meets_its_own_limit_and_not_that_of_an_address() -> None:
    limiter = Both()

    assert outcome(SEVERAL, limiter, ADDRESS) == Passed("429 after 20 requests, served again after 60 s")
    assert [request.source for request in limiter.sent[:4]] == ["127.0.0.2", "127.0.0.3"] * 2
    last = limiter.sent[LIMIT]
    assert [(each.source, each.identity) for each in limiter.sent[LIMIT:]] == [
        (last.source, who)
        for who in ("shopper", "shopper", "shopper", "shopper", "other", "shopper", "shopper")
    ]


def test_clients_may_be_told_by_a_header_that_the_deployment_believes_us() -> None:
    assert isinstance(outcome(TRUSTED, Both(address=by_header), ADDRESS), Passed)


@pytest.mark.parametrize(("text", "address"), [(SEVERAL, by_source), (TRUSTED, by_header)])
def test_a_users_limit_that_is_off_is_found_although_addresses_have_one(text: str, address: Key) -> None:
    limiter = Both(address=address, users={"shopper": None})

    found = outcome(text, limiter, ADDRESS)

    assert isinstance(found, Failed)
    assert found == Failed(
        "25 requests, none refused; the contract says 20 in 60 s",
        "users are not limited, or each replica counts for itself",
    )


@pytest.mark.parametrize("users", [{}, {"shopper": None}])
def test_clients_that_the_deployment_does_not_tell_apart_show_nothing(users: dict[str, int | None]) -> None:
    limiter = Both(address=one_for_all, users=users)

    assert outcome(SEVERAL, limiter, ADDRESS) == Inconclusive(
        "other is refused too: the limit is not of one user, "
        "or the deployment does not tell the 2 clients apart"
    )


def test_forged_addresses_are_for_the_limit_of_an_address() -> None:
    limiter = Both()
    outcome(SEVERAL, limiter, ADDRESS)

    assert not [request for request in limiter.sent if request.purpose == "forged"]


@pytest.mark.parametrize("requests", [LIMIT, LIMIT + 5])
def test_from_one_address_the_limit_of_a_user_is_not_seen_behind_that_of_an_address(requests: int) -> None:
    limiter = Both()

    assert outcome(f"{{{USER}, other: other}}", limiter, replace(ADDRESS, requests=requests)) == Inconclusive(
        f"the contract lets an address send {requests} requests in 60 s, and one would send up to 39: "
        "what limits the user would not be seen: name several `clients`"
    )
    assert limiter.sent == []


def test_a_limit_of_an_address_on_the_same_path_alone_hides_it_too() -> None:
    declared = replace(ADDRESS, path="/products")

    assert isinstance(outcome(f"{{{USER}, other: other}}", Both(), declared), Inconclusive)


def test_too_few_clients_are_said() -> None:
    assert outcome(SEVERAL, Both(), replace(ADDRESS, requests=15)) == Inconclusive(
        "the contract lets an address send 15 requests in 60 s, and one would send up to 20: "
        "what limits the user would not be seen: name more `clients`"
    )


@pytest.mark.parametrize(
    "declared",
    [
        replace(ADDRESS, requests=39),
        replace(ADDRESS, path="/login"),
        replace(ADDRESS, exempted=True),
        replace(ADDRESS, user="admin"),
    ],
    ids=["higher", "another path", "exempted", "another user"],
)
def test_a_limit_that_is_not_met_hides_nothing(declared: RateLimit) -> None:
    limiter = Limiter(key=lambda request: request.identity)

    assert isinstance(outcome(f"{{{USER}, other: other}}", limiter, declared), Passed)


def test_the_limit_of_an_address_counts_a_gate_that_leaves_its_exemption_out() -> None:
    text = f"{{{USER}, other: other, exempted: true}}"
    told = around(replace(ADDRESS, exempted=True), headers={"x-gate": "1"})

    assert isinstance(hold(declare_one("rate_limit", text, told), Both()), Inconclusive)


def test_without_somebody_else_nobody_knows_whose_limit_it_is() -> None:
    assert outcome(f"{{{USER}}}", Limiter()) == Inconclusive(
        "whether the limit is the user's or its address's was not seen: name `other`"
    )


TIERS = """
  path: /products
  window: 60s
  per: user
  tiers: {free: {as: shopper, limit: 10}, pro: {as: other, limit: 20}}
"""
RIGHT = {"shopper": 10, "other": 20}


@dataclass
class Tiered(Limiter):
    """Each user has the limit of its tier."""

    users: Mapping[str, int] = field(default_factory=lambda: RIGHT)

    def serve(self, request: HttpRequest) -> Reply:
        self.key, self.limit = lambda asked: asked.identity, self.users[request.identity]
        return super().serve(request)


def tiers(users: Mapping[str, int], text: str = TIERS, **how: Any) -> list[Outcome]:  # noqa: ANN401 - fields
    checks = declare("rate_limit", text, around())
    told = around(*(check.trips for check in checks if check.trips))
    limiter = Tiered(users=users, **how)
    return [_held(check, limiter) for check in declare("rate_limit", text, told)]


def _held(check: Check, limiter: Limiter) -> Outcome:
    limiter.sent.clear()
    return hold(check, limiter)


def test_each_tier_is_a_check_of_its_own_with_its_own_user_and_limit() -> None:
    free, pro = declare("rate_limit", TIERS, around())

    assert (free.title, pro.title) == (
        "GET /products [rate limit per user]: free",
        "GET /products [rate limit per user]: pro",
    )
    assert [str(check.trips) for check in (free, pro)] == [
        "10 requests in 60 s as shopper",
        "20 requests in 60 s as other",
    ]
    assert free.identities == {"shopper", "other"}


@pytest.mark.parametrize("fields", [True, False])
def test_each_tier_is_judged_by_its_own_limit(fields: bool) -> None:  # noqa: FBT001 - pytest's parameter
    free, pro = tiers(RIGHT, fields=fields)

    assert free == Passed("429 after 10 requests, served again after 60 s")
    assert isinstance(pro, Passed)


def test_an_upgrade_that_gets_the_lower_limit_fails() -> None:
    free, pro = tiers({"shopper": 10, "other": 10})

    assert isinstance(free, Passed)
    assert pro == Failed(
        "the RateLimit fields of the 429 speak of a limit of 10, the contract of 20",
        "that is the limit of the tier free",
    )


def test_an_upgrade_that_gets_the_lower_limit_fails_where_nothing_is_told() -> None:
    _, pro = tiers({"shopper": 10, "other": 10}, fields=False)

    assert pro == Failed(
        "429 after 10 requests; the contract says 20 in 60 s", "that is the limit of the tier free"
    )


def test_the_lower_tier_that_gets_the_higher_limit_fails() -> None:
    free, pro = tiers({"shopper": 20, "other": 20})

    assert free == Failed(
        "15 requests, none refused; the contract says 10 in 60 s", "that is the limit of the tier pro"
    )
    assert isinstance(pro, Passed)


def test_tiers_that_were_mixed_up_both_fail() -> None:
    assert [type(each) for each in tiers({"shopper": 20, "other": 10})] == [Failed, Failed]


def test_a_fault_of_one_tier_that_leaves_its_limit_used_up_is_not_anothers() -> None:
    broken = {"retry_after": "soon"}
    free, pro = tiers(RIGHT, refusal=broken)

    assert isinstance(free, Failed)
    assert "is refused too" not in getattr(pro, "reason", "")


def test_who_has_used_up_its_own_limit_shows_nothing_about_anothers() -> None:
    limiter = Tiered()
    limiter.meet(20, HttpRequest(method="GET", target="/products", identity="other"))
    told = around(RateLimit(requests=20, window=60.0, user="other"))
    (free, _) = declare("rate_limit", TIERS, told)

    assert hold(free, limiter) == Inconclusive(
        "other is refused too: the limit is not of one user, or other has used up its own"
    )


def test_a_tier_may_have_a_window_of_its_own_and_the_section_an_other_for_all() -> None:
    text = TIERS.replace("limit: 20}", "limit: 20, window: 1h}") + "  other: admin\n  name: plans\n"
    free, pro = declare("rate_limit", text, around())

    assert (free.title, pro.title) == ("plans: free", "plans: pro")
    assert str(pro.trips) == "20 requests in 3600 s as other"
    assert pro.identities == {"other", "admin"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{path: /a, per: address}", "no limit"),
        ("{path: /a, per: address, limit: 5}", "no limit"),
        (
            f"{{path: /a, per: address, limit: 5, window: 1s, clients: {CLIENTS}}}",
            "several clients have several limits",
        ),
        (TIERS.replace("per: user", "per: address"), "an address is of no tier"),
        (TIERS + "  limit: 5\n", "'limit' beside tiers, which have their own"),
        (TIERS + "  as: admin\n", "'as' beside tiers, which have their own"),
        (TIERS + "  other: shopper\n", "'shopper' shares the limit"),
        (TIERS.replace("as: other", "as: nobody"), "unknown identity 'nobody'"),
        (TIERS.replace("as: other", "as: shopper"), "'shopper' is of free and of pro"),
        (TIERS.replace("window: 60s", "recovers: true"), "the tier 'free' has no window"),
        (TIERS.replace("20", "10"), "free and pro have the same limit: nobody could tell them apart"),
    ],
)
def test_what_would_measure_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse) as caught:
        declare("rate_limit", text, around())

    assert caught.value.message == message


@pytest.mark.parametrize(
    "clients",
    ["[{address: 127.0.0.2}]", "[{}, {}]", "[{address: here}, {address: there}]", "[{headers: {}}, {}]"],
)
def test_clients_that_nothing_tells_apart_are_a_mistake(clients: str) -> None:
    with pytest.raises(ValueError, match="clients"):
        declare("rate_limit", SEVERAL.replace(CLIENTS, clients), around())


def test_an_address_may_be_a_variable_that_is_not_known_yet() -> None:
    assert declare("rate_limit", SEVERAL.replace("127.0.0.2", '"${OTHER_ADDRESS}"'), around())
