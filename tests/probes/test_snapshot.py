"""The whole catalog of a real PostgreSQL, in one snapshot."""

from collections.abc import Iterator

import psycopg
import pytest

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.relation import Grant, Name, Unknown
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    opened = Database(Secret(postgres.url("prober", PASSWORD)), run_id="run7")
    yield opened
    opened.close()


def test_a_snapshot_holds_what_the_database_holds(database: Database) -> None:
    seen = database.send(Snapshot())

    assert isinstance(seen, Catalog)
    things = seen.relation("public.things")
    assert things is not None
    assert [column.type for column in things.columns] == ["integer"]
    assert Grant("prober", "SELECT") in things.grants
    assert seen.server.user == "prober"


def test_a_snapshot_is_taken_once(database: Database, postgres: Postgres) -> None:
    before = database.send(Snapshot())
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE later (id int)")
        after = database.send(Snapshot())
        connection.execute("DROP TABLE later")

    assert before is after


def test_the_head_of_a_migration_tool_that_may_not_be_read_is_unknown(
    database: Database, postgres: Postgres
) -> None:
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        seen = database.send(Snapshot())
        connection.execute("DROP TABLE alembic_version")

    assert isinstance(seen, Catalog)
    (history,) = seen.histories
    assert (history.tool, history.table) == ("alembic", Name("public", "alembic_version"))
    assert isinstance(history.applied, Unknown)
    assert 'GRANT SELECT ON "public"."alembic_version" TO "prober"' in history.applied.reason
