"""What a run would send: in which order, for whom, and what is refused."""

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.identity import Forgery, Login
from pytest_deploycheck.model.plan import Plan
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.plan.build import build, needed_logins
from pytest_deploycheck.plan.price import over_budget
from pytest_deploycheck.report.plan import render
from tests.words import check, contract, environment, identity

LOGIN = Login(target="/login", token="$.token")
IDENTITIES = {
    each.name: each
    for each in (
        identity("ann", login=LOGIN),
        identity("bob", login=LOGIN),
        identity("key", headers=(("apikey", Secret("k")),)),
        identity("old", forgery=Forgery.EXPIRED, of="bob"),
    )
}
READY = check("ready", section="release", phase=Phase.PREPARE, spend=Spend(requests=3))
WRITE = check("order", phase=Phase.WRITE, spend=Spend(requests=5, writes=2), identities=frozenset({"ann"}))
READ = check("GET /", spend=Spend(requests=1), identities=frozenset({"old", "key", "anonymous"}))
ALL = frozenset({READY.id, WRITE.id, READ.id})


def planned(selected: frozenset[str] = ALL, *, allow_writes: bool = False, protected: bool = False) -> Plan:
    where = environment(protected=protected, budget=Budget(requests=100, writes=10, duration=60))
    whole = contract(READY, WRITE, READ, where=where, identities=IDENTITIES)
    return build(whole, selected, allow_writes=allow_writes)


def test_preparation_goes_first_then_logins_reads_and_writes() -> None:
    plan = planned()

    assert [step.id for step in plan.steps] == [
        "release::ready",
        "identities::ann",
        "identities::bob",
        "smoke::GET /",
        "smoke::order",
    ]
    assert plan.total == Spend(requests=11, writes=2)


def test_only_what_is_selected_is_planned_with_what_it_needs() -> None:
    plan = planned(frozenset({READ.id}))

    assert [step.id for step in plan.steps] == ["release::ready", "identities::bob", "smoke::GET /"]


def test_a_selected_login_is_planned() -> None:
    whole = contract(identities=IDENTITIES)

    assert [one.name for one in needed_logins(whole, {"identities::ann", "identities::key"})] == ["ann"]


def test_what_is_refused_is_not_paid_for() -> None:
    refused, allowed = planned(protected=True), planned(protected=True, allow_writes=True)

    assert [step.id for step in refused.steps if step.refused] == ["smoke::order"]
    assert refused.total == Spend(requests=6)
    assert allowed.total == Spend(requests=11, writes=2)


def test_a_plan_is_printed_as_a_table() -> None:
    assert [line.rstrip() for line in render(planned(protected=True))] == [
        "plan: Shop on local (http://shop.test); nothing is sent",
        "   #  phase     requests writes queries  check",
        "   1  prepare          3      0       0  release::ready",
        "   2  prepare          1      0       0  identities::ann",
        "   3  prepare          1      0       0  identities::bob",
        "   4  read             1      0       0  smoke::GET /",
        "   5  write            5      2       0  smoke::order",
        "                                         refused: it writes, and local is protected: "
        "pass --allow-writes to let it write (what it creates, it removes)",
        "      at most          6      0       0",
        "      budget         100     10          60 s",
    ]


def test_queries_that_the_database_decides_on_are_told_by_family_and_not_added_up() -> None:
    actors = [
        check(f"policies [{name}] reads", spend=Spend(queries=1500), queries_for="1 for 16 relations")
        for name in ("ann", "bob")
    ]
    orphans = check("orphans", spend=Spend(queries=2005), queries_for="1 for a foreign key")
    fixed = check("settings", spend=Spend(queries=1))
    whole = contract(
        fixed, *actors, orphans, where=environment(budget=Budget(requests=9, writes=1, duration=60))
    )
    selected = frozenset(each.id for each in whole.checks)

    lines = list(render(build(whole, selected, allow_writes=False)))

    assert [line.rstrip() for line in lines[-5:]] == [
        "      at most          0      0       1",
        "      budget           9      1          60 s",
        "      and queries whose number depends on what the database holds:",
        "        smoke::policies: 1 for 16 relations; at most 1500 in each of 2 checks",
        "        smoke::orphans: 1 for a foreign key; at most 2005",
    ]


def over(requests: int, writes: int) -> str:
    where = environment(budget=Budget(requests=requests, writes=writes))
    return over_budget(build(contract(READY, WRITE, READ, where=where), ALL, allow_writes=False))


def test_a_plan_within_its_budget_is_not_refused() -> None:
    assert over(9, 2) == ""


def test_a_plan_over_its_budget_is_refused_with_the_arithmetic() -> None:
    assert over(8, 1) == (
        "Shop on local: the plan is over budget, nothing was sent\n"
        "    requests: 3 release + 6 smoke = 9, budget 8\n"
        "    writes: 2 smoke = 2, budget 1\n"
        "    raise `budget` of the environment, or select fewer checks with -m or -k"
    )
