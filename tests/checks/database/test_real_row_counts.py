"""Row counts of a real database."""

from pytest_deploycheck.checks.database.before import write
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.taking import take
from pytest_deploycheck.model.evidence import Contents
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, Wecelebrate

DECLARED = declare_one("row_counts", "{tables: {orders: 30, clients: '>=2', auth.users: 4}}", reading(ROWS))
LOGIN = declare_one("row_counts", "{tables: {orders: 30}}")
BEFORE = declare_one("row_counts", "{before: before.yaml}", reading(ROWS))


def kept(shop: Wecelebrate, bound: int = 1000) -> Contents:
    taken = shop.hold(take("local", ("public", "auth"), Reader(ROWS, 5.0), bound))
    assert not isinstance(taken, Inconclusive)
    before, unknown = taken
    assert unknown == ()
    return Contents(write(before))


def test_all_tenants_rows_are_counted(shop: Wecelebrate) -> None:
    assert shop.outcome(DECLARED) == Passed("3 tables, 36 rows")


def test_a_role_that_would_be_filtered_counts_nothing(shop: Wecelebrate) -> None:
    outcome = shop.outcome(LOGIN)

    assert isinstance(outcome, Inconclusive)
    assert "name a role that sees every row in `database_reader`" in outcome.reason


def test_the_same_rows_are_not_fewer(shop: Wecelebrate) -> None:
    before = kept(shop)
    outcome = shop.outcome(BEFORE, lambda probe: before)

    assert isinstance(outcome, Passed)
    assert outcome.note.startswith("20 tables, ")


def test_rows_lost_in_a_deploy_are_told(shop: Wecelebrate) -> None:
    before = kept(shop)
    do = """
    create table kept as select * from analytics_events where event_type = 'product_viewed' limit 3;
    delete from analytics_events where id in (select id from kept); alter table messages rename to mail
    """
    undo = """
    insert into analytics_events select * from kept; drop table kept; alter table mail rename to messages
    """
    with shop.changed(do, undo):
        outcome = shop.outcome(BEFORE, lambda probe: before)

    assert outcome == Failed(
        "public.analytics_events: 17 rows, 20 before the deploy\n"
        "public.messages: it is not there, 4 before the deploy"
    )


def test_beyond_the_bound_nothing_is_judged(shop: Wecelebrate) -> None:
    before = kept(shop, bound=5)
    outcome = shop.outcome(BEFORE, lambda probe: before)

    assert isinstance(outcome, Inconclusive)
    assert "public.orders: 30 rows, more than 5 before the deploy" in outcome.reason
