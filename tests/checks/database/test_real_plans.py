"""Plans of a real database, of tables too small for any index to be worth it."""

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Claims
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, TENANTS, Wecelebrate

CLAIMS = Claims({"role": "authenticated", "app_metadata": {"client_id": TENANTS[0].id("client")}})


def query(text: str) -> Check:
    return declare_one("plans", f"[{{name: it, {text}}}]", reading(ROWS))


NEWEST = query(
    "sql: select id from orders order by created_at desc limit 5, as: shopper, rows: 5,"
    " avoidable: [Seq Scan, Sort], buffers_per_row: 20, cost: 100000"
)
CHANGE = query(
    "sql: update orders set quantity = 2 where quantity = 9, role: service_role, avoidable: [Seq Scan]"
)


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed | Inconclusive)
    return outcome.reason


def test_the_list_of_a_tenant_can_be_served_by_an_index(shop: Wecelebrate) -> None:
    assert isinstance(shop.outcome(NEWEST, lambda probe: CLAIMS), Passed)


def test_without_the_index_it_cannot(shop: Wecelebrate) -> None:
    do = "drop index orders_created_at_idx"
    undo = "create index orders_created_at_idx on orders (client_id, created_at desc)"
    with shop.changed(do, undo):
        told = reason(shop.outcome(NEWEST, lambda probe: CLAIMS))

    assert told == "Sort can't be avoided: no index serves it"


def test_whose_claims_show_no_row_proves_nothing(shop: Wecelebrate) -> None:
    nobody = Claims({"role": "authenticated"})
    by_index = query("sql: select id from orders, as: shopper, forbidden: [Sort]")

    assert "no row was returned" in reason(shop.outcome(by_index, lambda probe: nobody))


def test_a_change_is_planned_and_changes_nothing(shop: Wecelebrate) -> None:
    outcome = shop.outcome(CHANGE)

    assert reason(outcome) == "Seq Scan on public.orders can't be avoided: no index serves it"


def test_a_change_by_the_tenants_index_passes(shop: Wecelebrate) -> None:
    statement = "update orders set quantity = 2 where client_id = 'TENANT' and reference = 'x'"
    sql = statement.replace("TENANT", TENANTS[0].id("client"))
    check = query(f"sql: {sql}, role: service_role, avoidable: [Seq Scan]")
    outcome = shop.outcome(check)

    assert isinstance(outcome, Passed)
    assert outcome.note.endswith("only planned")


def test_who_may_not_ask_is_told(shop: Wecelebrate) -> None:
    check = query("sql: select id from orders, role: anon, cost: 5")

    assert reason(shop.outcome(check)) == "permission denied for table orders (SQLSTATE 42501)"
