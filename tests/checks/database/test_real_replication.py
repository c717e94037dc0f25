"""A primary and its standby, really: how far behind it is, asked of either."""

from collections.abc import Iterator

import psycopg
import pytest

from pytest_deploycheck.model.outcome import Failed, Outcome, Passed
from suites.standins.kit.binaries import find_binaries
from suites.standins.kit.postgres import launch
from suites.standins.wecelebrate.deployment import SUPERUSER
from tests.checks.contracts import declare_one, reading
from tests.projects import wait_until
from tests.servers.parts import NOT_TESTED
from tests.standins.databases import Wecelebrate

FOLLOWS = "select count(*) = 1 from pg_stat_replication where replay_lsn = pg_current_wal_lsn()"
WRITE = "create table written as select repeat('x', 500000) as line; drop table written"
RECEIVES = "select count(*) = 1 from pg_stat_wal_receiver where status = 'streaming'"


@pytest.fixture
def standby(shop: Wecelebrate) -> Iterator[Wecelebrate]:
    """A copy of the shop's server that follows it."""
    if not (find_binaries() / "pg_basebackup").exists():
        pytest.skip(f"{NOT_TESTED}: a standby, since there is no pg_basebackup")
    following = launch("standby", SUPERUSER, standby_of=shop.postgres)
    try:
        following.wait()
        shop.run(WRITE)
        wait_until(lambda: shop.one(FOLLOWS)[0], "the standby has replayed all")
        yield Wecelebrate(following)
    finally:
        following.stop()


def asked(server: Wecelebrate, options: str) -> Outcome:
    return server.outcome(declare_one("performance", f"{{replication: {{{options}}}}}", reading()))


def alone(server: Wecelebrate, statement: str) -> None:
    with psycopg.connect(server.administrator, autocommit=True) as administrator:
        administrator.execute(statement.encode())


def test_a_standby_that_follows_passes_and_one_that_does_not_is_told(
    shop: Wecelebrate, standby: Wecelebrate
) -> None:
    assert isinstance(asked(shop, "standbys: 1"), Passed)
    assert asked(standby, "under: 1ms") == Passed("this standby is 0 ms behind")

    alone(standby, "select pg_wal_replay_pause()")
    shop.run(WRITE)
    behind = asked(shop, "bytes: 1kB, under: 1h")
    alone(standby, "select pg_wal_replay_resume()")
    wait_until(lambda: shop.one(FOLLOWS)[0], "the standby has replayed all")
    alone(standby, "alter system set primary_conninfo = ''")
    alone(standby, "select pg_reload_conf()")
    wait_until(lambda: not standby.one(RECEIVES)[0], "nobody sends the standby anything")
    cut_off = asked(standby, "under: 1ms")

    assert isinstance(behind, Failed)
    assert behind.reason.startswith("standby walreceiver is ")
    assert isinstance(cut_off, Failed)
    assert "expected under 1 ms" in cut_off.reason
    assert isinstance(asked(shop, "standbys: 1"), Failed)
