"""Orphans in a real database: on a healthy one none, on a broken one each is found."""

import pytest

from pytest_deploycheck.model.many import some
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, Wecelebrate

WHOLE = declare_one("orphans", "{}", reading(ROWS))
LOGIN = declare_one("orphans", "{}")
NOBODY = "00000000-0000-4000-8000-000000000000"


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed | Inconclusive)
    return outcome.reason


def test_the_healthy_database_has_none(shop: Wecelebrate) -> None:
    outcome = shop.outcome(WHOLE)
    (keys,) = shop.one("select count(*) from pg_constraint where contype = 'f'")

    assert isinstance(outcome, Passed)
    assert outcome.note.startswith(f"{keys} keys, ")
    assert keys > 20


def test_the_login_alone_would_be_filtered_and_says_so(shop: Wecelebrate) -> None:
    outcome = shop.outcome(LOGIN)

    assert isinstance(outcome, Inconclusive)
    assert "name a role that sees every row in `database_reader`" in outcome.reason


def test_a_row_written_while_triggers_were_off_is_found(shop: Wecelebrate) -> None:
    do = """
    set local session_replication_role = replica;
    update orders set created_by = '00000000-0000-4000-8000-000000000000' where reference = 'ACME-REF-001'
    """
    undo = """
    update orders set created_by = (select id from auth.users where email = 'shopper@acme.example')
    where reference = 'ACME-REF-001'
    """
    with shop.changed(do, undo):
        told = reason(shop.outcome(WHOLE))

    assert told == (
        "public.orders (created_by) → auth.users (id): 1 of 30 rows leads nowhere, "
        f"although orders_created_by_fkey is there: created_by={NOBODY}"
    )


@pytest.mark.parametrize(
    ("key", "rows", "orphans"),
    [
        ("references sites (id)", "('nobody', null)", 1),
        ("references sites (client_id, id)", "('nobody', null), (null, 'nobody')", 0),
        ("references sites (client_id, id) match full", "('nobody', null), (null, 'nobody')", 2),
    ],
)
def test_null_means_what_the_key_says(shop: Wecelebrate, key: str, rows: str, orphans: int) -> None:
    columns = "(a)" if "(id)" in key else "(a, b)"
    do = (
        "create table loose (a uuid, b uuid)",
        " ".join(("insert into loose values", rows.replace("nobody", NOBODY))),
        f"alter table loose add constraint odd foreign key {columns} {key} not valid",
    )
    with shop.changed("; ".join(do), "drop table loose"):
        outcome = shop.outcome(WHOLE)

    assert isinstance(outcome, Failed if orphans else Passed)
    assert orphans == 0 or f"{some(orphans, orphans, 'row', 'leads', 'lead')} nowhere" in reason(outcome)


def test_partitioned_tables_are_looked_at_on_both_sides(shop: Wecelebrate) -> None:
    do = """
    create table days (day int primary key) partition by range (day);
    create table days_1 partition of days for values from (0) to (10);
    create table days_2 partition of days for values from (10) to (20);
    create table visits (day int references days) partition by range (day);
    create table visits_1 partition of visits for values from (0) to (20);
    insert into days values (1), (11);
    insert into visits values (1), (11);
    set local session_replication_role = replica; insert into visits values (12)
    """
    with shop.changed(do, "drop table visits; drop table days"):
        told = reason(shop.outcome(WHOLE))

    assert told == (
        "public.visits (day) → public.days (day): 1 of 3 rows leads nowhere, "
        "although visits_day_fkey is there: day=12"
    )


def test_an_inherited_row_is_no_row_of_the_parent(shop: Wecelebrate) -> None:
    do = """
    create table parent (id int primary key); create table child () inherits (parent);
    create table toy (owner int references parent); create table doll () inherits (toy);
    insert into child values (1); insert into doll values (7);
    set local session_replication_role = replica; insert into toy values (1)
    """
    with shop.changed(do, "drop table doll; drop table toy; drop table child; drop table parent"):
        told = reason(shop.outcome(WHOLE))

    assert told.startswith("public.toy (owner) → public.parent (id): 1 of 1 row leads nowhere")


def test_a_large_table_is_sampled(shop: Wecelebrate) -> None:
    do = """
    create table big (id int primary key, parent int references big);
    insert into big select n, nullif(n - 1, 0) from generate_series(1, 20000) as n; analyze big
    """
    check = declare_one("orphans", "{rows: 5000}", reading(ROWS))
    with shop.changed(do, "drop table big"):
        outcome = shop.outcome(check)

    assert isinstance(outcome, Passed)
    assert outcome.note.endswith("only in part: public.big (a sample of 25 %)")


def test_periods_are_covered_by_several_rows_together(shop: Wecelebrate) -> None:
    (version,) = shop.one("select current_setting('server_version_num')::int")
    if version < 180000:
        pytest.skip("keys with PERIOD are PostgreSQL 18's")
    do = """
    create extension btree_gist;
    create table leases (site int, lease daterange, primary key (site, lease without overlaps));
    create table stays (site int, stay daterange,
      foreign key (site, period stay) references leases (site, period lease));
    insert into leases values (1, '[2026-01-01,2026-02-01)'), (1, '[2026-02-01,2026-03-01)'),
      (2, '[2026-01-01,2026-02-01)'), (2, '[2026-02-02,2026-03-01)');
    insert into stays values (1, '[2026-01-15,2026-02-15)'), (null, '[2026-01-15,2026-02-15)');
    set local session_replication_role = replica;
    insert into stays values (2, '[2026-01-15,2026-02-15)'), (3, '[2026-01-15,2026-02-15)')
    """
    with shop.changed(do, "drop table stays, leases; drop extension btree_gist"):
        told = reason(shop.outcome(WHOLE))

    assert told.startswith(
        "public.stays (site, stay) → public.leases (site, lease): 2 of 3 rows lead nowhere"
    )


def test_odd_names_are_quoted(shop: Wecelebrate) -> None:
    do = """
    create schema "Ärger %s"; create table "Ärger %s"."a""b" ("Üb %(x)s" int primary key, "select" int);
    alter table "Ärger %s"."a""b" add foreign key ("select") references "Ärger %s"."a""b" ("Üb %(x)s");
    insert into "Ärger %s"."a""b" values (1, 1)
    """
    with shop.changed(do, 'drop schema "Ärger %s" cascade'):
        assert isinstance(shop.outcome(WHOLE), Passed)


def test_a_table_that_the_reader_may_not_read_names_the_grant(shop: Wecelebrate) -> None:
    do = "revoke pg_read_all_data from gate_rows"
    with shop.changed(do, "grant pg_read_all_data to gate_rows"):
        told = reason(shop.outcome(WHOLE))

    assert "GRANT SELECT ON public.orders, public.sites TO gate_rows" in told


def test_a_reader_that_is_no_longer_exempt_says_so(shop: Wecelebrate) -> None:
    with shop.changed("alter role gate_rows nobypassrls", "alter role gate_rows bypassrls"):
        told = reason(shop.outcome(WHOLE))

    assert "ALTER ROLE gate_rows BYPASSRLS" in told


def test_a_reader_that_the_login_may_not_become_says_so(shop: Wecelebrate) -> None:
    with shop.changed("revoke gate_rows from gate_roles", "grant gate_rows to gate_roles"):
        told = reason(shop.outcome(WHOLE))

    assert told.endswith("(SQLSTATE 42501): GRANT gate_rows TO the database's login")
