"""A plan that would trip a declared rate limit by itself is refused, with the arithmetic."""

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, RateLimit
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.identity import Forgery, Login
from pytest_deploycheck.plan.build import build
from pytest_deploycheck.plan.price import over_limit
from tests.words import check, contract, identity

ANN = identity(login=Login(target="/login", token="$.token"))
FORGED = identity("forged", forgery=Forgery.EXPIRED, of="ann")
READY = check("ready", section="release", phase=Phase.PREPARE, spend=Spend(requests=60))
NOBODYS = check("GET /a", spend=Spend(requests=3))
ANNS = check("GET /b", spend=Spend(requests=2), identities=frozenset({"ann"}))
FORGERS = check("GET /c", spend=Spend(requests=2), identities=frozenset({"forged"}))
WRITES = check("POST /d", phase=Phase.WRITE, spend=Spend(requests=1, writes=1))


def limits(*limits: RateLimit) -> Contract:
    tried = (
        check(f"limit {number}", phase=Phase.EXCLUSIVE, spend=Spend(requests=99), trips=limit)
        for number, limit in enumerate(limits)
    )
    return contract(READY, NOBODYS, ANNS, FORGERS, WRITES, *tried, identities={"ann": ANN, "forged": FORGED})


def told(declared: Contract, *selected: Check) -> str:
    ids = {each.id for each in selected or declared.checks}
    return over_limit(build(declared, ids, allow_writes=True), declared)


def test_what_is_just_within_a_limit_is_no_trouble() -> None:
    assert told(limits(RateLimit(requests=10, window=60))) == ""


def test_an_address_sends_everything_but_readiness_counts_once() -> None:
    assert told(limits(RateLimit(requests=9, window=60))) == (
        "Shop on local: the plan would trip a rate limit, nothing was sent\n"
        "    deploycheck.yaml:3:5: 9 requests in 60 s from one address: "
        "1 release + 1 identities + 8 smoke = 10\n"
        "    raise the limit of this environment, or select fewer checks with -m or -k"
    )


def test_a_user_sends_what_its_checks_and_forgeries_of_it_send() -> None:
    assert told(limits(RateLimit(requests=4, window=60, user="ann"))) == ""
    assert "3 requests in 60 s as ann: 4 smoke = 4" in told(
        limits(RateLimit(requests=3, window=60, user="ann"))
    )


def test_of_a_limit_that_counts_one_path_only_logins_there_are_known() -> None:
    assert told(limits(RateLimit(requests=1, window=60, path="/login"))) == ""
    assert told(limits(RateLimit(requests=0, window=60, path="/elsewhere"))) == ""
    assert ": 1 identities = 1" in told(limits(RateLimit(requests=0, window=60, path="/login")))


def test_only_what_is_selected_counts_and_the_limit_holds_even_if_it_is_not() -> None:
    declared = limits(RateLimit(requests=3, window=60))

    assert told(declared, WRITES) == ""
    assert "1 release + 3 smoke = 4" in told(declared, NOBODYS)


def test_what_is_refused_sends_nothing() -> None:
    declared = limits(RateLimit(requests=9, window=60))
    protected = contract(
        *declared.checks,
        where=declared.environment.__class__(
            name="prod", place=declared.environment.place, base_url="http://shop.test", protected=True
        ),
        identities=declared.identities,
    )
    plan = build(protected, {each.id for each in protected.checks}, allow_writes=False)

    assert over_limit(plan, protected) == ""
