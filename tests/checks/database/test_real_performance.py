"""What a real server says about its work: quiet on a healthy one, told on one that is not."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from suites.standins.kit.faults import FLUSH
from tests.checks.contracts import declare_one, reading
from tests.standins.databases import ROWS, Wecelebrate
from tests.standins.world import wait_until

APPLICATION = "shop-worker"


def item(text: str) -> Check:
    return declare_one("performance", f"{{{text}}}", reading(ROWS))


def note(outcome: Outcome) -> str:
    assert isinstance(outcome, Passed)
    return outcome.note


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed | Inconclusive)
    return outcome.reason


@contextmanager
def worker(shop: Wecelebrate) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A session of the application."""
    with psycopg.connect(shop.postgres.local("authenticator"), application_name=APPLICATION) as session:
        yield session
        session.rollback()


@contextmanager
def archiving(shop: Wecelebrate, command: str) -> Iterator[None]:
    """Archive by another command for a while, and wait until the archiver has tried it."""
    with psycopg.connect(shop.administrator, autocommit=True) as administrator:
        administrator.execute(f"alter system set archive_command = '{command}'".encode())
        _switch(administrator, "last_failed_time")
        try:
            yield
        finally:
            administrator.execute("alter system set archive_command = 'true'")
            _switch(administrator, "last_archived_time")


def _switch(administrator: psycopg.Connection[tuple[object, ...]], column: str) -> None:
    """Write the log on until the archiver has tried the command that is set now."""
    seen = SQL("select {} from pg_stat_archiver").format(Identifier(column))
    before = administrator.execute(seen).fetchone()
    administrator.execute("select pg_reload_conf()")

    def has_tried() -> bool:
        administrator.execute("select pg_logical_emit_message(false, 'archive', ''), pg_switch_wal()")
        return administrator.execute(seen).fetchone() != before

    wait_until(has_tried, f"{column} changes")


@contextmanager
def called(shop: Wecelebrate, statement: str, times: int) -> Iterator[None]:
    """Forget what was called; then the application calls this."""
    shop.run("select extensions.pg_stat_statements_reset()")
    with worker(shop) as session:
        for _ in range(times):
            session.execute(statement.encode())
        yield
    shop.run("select extensions.pg_stat_statements_reset()")


def test_quick_statements_pass(shop: Wecelebrate) -> None:
    with called(shop, "select 7", 25):
        told = note(shop.outcome(item("statements: {under: 200ms, calls: 20}")))

    assert told.startswith("1 of ")
    assert re.search(r" statements (was|were) called 20 times or more, since the reset ", told)


def test_a_slow_statement_is_told_with_who_calls_it(shop: Wecelebrate) -> None:
    check = item("statements: {under: 20ms, calls: 3}")
    excepted = item("statements: {under: 20ms, calls: 3, except: {pg_sleep: a queue that waits}}")
    with called(shop, "select pg_sleep(0.03)", 3):
        outcome = shop.outcome(check)
        quiet = shop.outcome(excepted)

    assert isinstance(quiet, Passed)
    assert isinstance(outcome, Failed)
    first, second = outcome.reason.splitlines()
    assert first.startswith("1 statement takes 20 ms or longer, since the reset")
    assert second.endswith("on average of 3 calls as authenticator: select pg_sleep($1)")


def test_too_few_calls_are_not_judged(shop: Wecelebrate) -> None:
    with called(shop, "select 7", 2):
        assert "nothing to judge" in reason(shop.outcome(item("statements: {calls: 3}")))


def test_an_average_of_older_releases_is_not_judged(shop: Wecelebrate) -> None:
    with called(shop, "select 7", 2):
        recent = shop.outcome(item("statements: {calls: 1, reset_within: 1h}"))
        old = shop.outcome(item("statements: {calls: 1, reset_within: 1ms}"))

    assert isinstance(recent, Passed)
    assert "of older releases too" in reason(old)


def test_statements_that_are_hidden_name_the_grant(shop: Wecelebrate) -> None:
    do = "revoke pg_read_all_stats from gate_reader"
    with called(shop, "select 7", 2), shop.changed(do, "grant pg_read_all_stats to gate_reader"):
        told = reason(shop.outcome(item("statements: {calls: 1}")))

    assert "hidden: GRANT pg_read_all_stats TO the database's login" in told


def test_without_the_extension_nothing_is_judged(shop: Wecelebrate) -> None:
    do = "drop extension pg_stat_statements"
    undo = "create extension pg_stat_statements schema extensions"
    with shop.changed(do, undo):
        assert "CREATE EXTENSION pg_stat_statements" in reason(shop.outcome(item("statements: {}")))


def test_the_cache_is_judged_by_blocks(shop: Wecelebrate) -> None:
    assert "were found in the cache" in note(shop.outcome(item("cache_hit_rate: {above: 1%, blocks: 10}")))
    assert "too few to judge" in reason(shop.outcome(item("cache_hit_rate: {blocks: 1000000000}")))
    assert "expected above 100%" in reason(shop.outcome(item("cache_hit_rate: {above: 100%, blocks: 10}")))


def test_sizes_are_shown_and_held_to_budgets(shop: Wecelebrate) -> None:
    assert note(shop.outcome(item("sizes: {}"))).startswith("database ")
    over = "sizes: {database: 1MB, tables: {public.orders: 1kB, public.none: 1GB, public.clients: 1GB}}"
    told = reason(shop.outcome(item(over))).splitlines()
    assert told[0].startswith("the database has ")
    assert told[1].startswith("public.orders has ")
    assert told[2:] == ["public.none is not there"]


def test_analysed_tables_pass(shop: Wecelebrate) -> None:
    assert " tables of 10 rows or more, of " in note(shop.outcome(item("statistics: {rows: 10}")))


def test_lost_statistics_are_told(shop: Wecelebrate) -> None:
    do = "delete from pg_statistic where starelid = 'public.products'::regclass"
    with shop.changed(do, "analyze public.products"):
        told = reason(shop.outcome(item("statistics: {rows: 10}")))

    assert told == "public.products: never analysed, with about 48 rows"


def test_statistics_that_are_hidden_are_not_called_missing(shop: Wecelebrate) -> None:
    check = declare_one("performance", "{statistics: {rows: 10}}")

    assert "its statistics are hidden; `database_reader` must see every row" in reason(shop.outcome(check))


def test_no_large_table_is_no_fault(shop: Wecelebrate) -> None:
    assert note(shop.outcome(item("sequential_scans: {}"))).startswith(
        "0 of 0 tables with 10000 rows or more"
    )


def until_counted(shop: Wecelebrate, table: str) -> None:
    """Before PostgreSQL 15 a collector tells what sessions counted, a moment after they have ended."""
    counted = "select seq_scan > 1 from pg_stat_user_tables where relname = %s"
    with psycopg.connect(shop.administrator, autocommit=True) as connection:
        while connection.execute(counted, (table,)).fetchone() != (True,):
            pass


def test_a_large_table_read_from_end_to_end_is_told(shop: Wecelebrate) -> None:
    do = """
    create table big as select n from generate_series(1, 20000) as n; analyze big;
    select count(*) from big; select count(*) from big;
    """
    with shop.changed(do + FLUSH, "drop table big"):
        until_counted(shop, "big")
        outcome = shop.outcome(item("sequential_scans: {scans: 2}"))
        few = shop.outcome(item("sequential_scans: {scans: 1000000}"))
        quiet = shop.outcome(item("sequential_scans: {scans: 2, except: {public.big: read by night}}"))

    assert "public.big: 100% of " in reason(outcome)
    assert "1 large table, none with 1000000 scans" in reason(few)
    assert isinstance(quiet, Passed)


def test_no_long_transaction_passes(shop: Wecelebrate) -> None:
    with worker(shop):
        assert ", 0 in a transaction" in note(shop.outcome(item("transactions: {}")))


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("{idle: 1ms}", "authenticator (shop-worker, pid {pid}) is idle in transaction for "),
        ("{under: 1ms}", "authenticator (shop-worker, pid {pid}) has a transaction open for "),
    ],
)
def test_a_transaction_left_open_is_told(shop: Wecelebrate, limits: str, told: str) -> None:
    with worker(shop) as session:
        session.execute("select 1")
        outcome = shop.outcome(item(f"transactions: {limits}"))
        excepted = limits.replace("}", ", except: {shop-worker: imports by night}}")
        quiet = shop.outcome(item(f"transactions: {excepted}"))

        assert reason(outcome).startswith(told.format(pid=session.info.backend_pid))
        assert isinstance(quiet, Passed)


def test_who_waits_for_a_lock_and_who_holds_it_are_told(shop: Wecelebrate) -> None:
    def wait() -> None:
        with worker(shop) as waiting:
            waiting.execute("set role service_role")
            waiting.execute("select id from clients for update")

    with worker(shop) as holding:
        holder = holding.info.backend_pid
        holding.execute("set role service_role")
        holding.execute("select id from clients for update")
        thread = threading.Thread(target=wait)
        thread.start()
        check = item("transactions: {waiting: 1ms}")
        wait_until(lambda: isinstance(shop.outcome(check), Failed), "somebody waits for a lock")
        outcome = shop.outcome(check)
        holding.rollback()
        thread.join()

    assert "waits for a lock for" in reason(outcome)
    assert reason(outcome).endswith(f"held by pid {holder}")


def test_sessions_that_are_hidden_name_the_grant(shop: Wecelebrate) -> None:
    do = "revoke pg_read_all_stats from gate_reader"
    with worker(shop), shop.changed(do, "grant pg_read_all_stats to gate_reader"):
        told = reason(shop.outcome(item("transactions: {}")))

    assert told.endswith("hidden: GRANT pg_read_all_stats TO the database's login")


def test_a_primary_without_standbys_is_judged_by_how_many_should_be(shop: Wecelebrate) -> None:
    assert note(shop.outcome(item("replication: {standbys: 0}"))) == "0 standbys, at most 0 B behind; 0 slots"
    assert reason(shop.outcome(item("replication: {standbys: 1}"))) == "0 standbys are connected, expected 1"
    assert "no standby is connected" in reason(shop.outcome(item("replication: {}")))


def test_a_slot_that_nobody_reads_is_told(shop: Wecelebrate) -> None:
    do = "select pg_create_physical_replication_slot('left_over', true)"
    with shop.changed(do, "select pg_drop_replication_slot('left_over')"):
        told = reason(shop.outcome(item("replication: {standbys: 0, bytes: 1B}")))

    assert told.startswith("slot left_over is read by nobody and keeps ")


def test_an_archive_that_works_passes(shop: Wecelebrate) -> None:
    assert " archived, the last " in note(shop.outcome(item("archiving: {}")))
    assert "expected under 1 ms" in reason(shop.outcome(item("archiving: {under: 1ms}")))


def test_an_archive_that_fails_is_told(shop: Wecelebrate) -> None:
    with archiving(shop, "false"):
        told = reason(shop.outcome(item("archiving: {}")))

    assert told.startswith("the last attempt to archive failed ")
