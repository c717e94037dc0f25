"""The database probe against a real PostgreSQL: read-only, under timeouts, silent about passwords."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from pytest_deploycheck.checks import connections
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Evidence, Rows, Silence
from pytest_deploycheck.model.probe import Query
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database, connect
from pytest_deploycheck.probes.target import database_of
from suites.standins.kit.postgres import Postgres
from tests.checks.contracts import PLACE
from tests.probes.conftest import PASSWORD


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    opened = Database(Secret(postgres.url("prober", PASSWORD)), run_id="run7")
    yield opened
    opened.close()


def test_a_query_returns_its_columns_and_rows(database: Database) -> None:
    assert database.send(Query(sql="SELECT %s::int AS one, 'x' AS two", parameters=(1,))) == Rows(
        ("one", "two"), ((1, "x"),)
    )


def test_a_percent_sign_without_parameters_is_itself(database: Database) -> None:
    assert database.send(Query(sql="SELECT 'a' LIKE 'a%'")) == Rows(("?column?",), ((True,),))


def test_the_session_says_who_it_is_and_what_it_may_do(database: Database) -> None:
    names = "application_name", "transaction_read_only", "transaction_isolation", "statement_timeout"
    columns = ", ".join(f"current_setting('{name}')" for name in (*names, "lock_timeout"))

    seen = database.send(Query(sql=f"SELECT {columns}", timeout=4.0))

    assert isinstance(seen, Rows)
    assert seen.rows == (("pytest-deploycheck/run7", "on", "repeatable read", "4s", "2s"),)


def test_settings_do_not_outlive_the_transaction(postgres: Postgres) -> None:
    connection = connect(Secret(postgres.url("prober", PASSWORD)), "run7", 4.0)
    assert isinstance(connection, psycopg.Connection)
    with connection:
        first = connection.execute("SHOW statement_timeout").fetchone()
        connection.rollback()
        second = connection.execute("SHOW statement_timeout").fetchone()

    assert (first, second) == (("4s",), ("0",))


def test_a_write_is_refused_and_the_session_lives_on(database: Database) -> None:
    seen = database.send(Query(sql="INSERT INTO things VALUES (1)"))

    assert isinstance(seen, Silence)
    assert seen.reason == "cannot execute INSERT in a read-only transaction (SQLSTATE 25006)"
    assert database.send(Query(sql="SELECT count(*) FROM things")) == Rows(("count",), ((0,),))


def test_a_slow_statement_is_cancelled(database: Database) -> None:
    seen = database.send(Query(sql="SELECT pg_sleep(5)", timeout=0.05))

    assert isinstance(seen, Silence)
    assert seen.reason == "canceling statement due to statement timeout (SQLSTATE 57014)"
    assert 0.05 <= seen.elapsed < 4


def test_a_lost_connection_is_opened_anew(database: Database, postgres: Postgres) -> None:
    seen = database.send(Query(sql="SELECT pg_backend_pid()"))
    assert isinstance(seen, Rows)
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", seen.rows[0])

    assert isinstance(database.send(Query(sql="SELECT 1")), Silence)
    assert isinstance(database.send(Query(sql="SELECT 1")), Rows)


def test_threads_take_turns(database: Database) -> None:
    seen: list[Evidence] = []
    threads = [
        threading.Thread(target=lambda: seen.append(database.send(Query(sql="SELECT 1")))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [isinstance(each, Rows) for each in seen] == [True] * 8


def test_a_wrong_password_is_said_without_it(postgres: Postgres) -> None:
    database = Database(Secret(postgres.url("prober", "wrong-password")), run_id="r")

    seen = database.send(Query(sql="SELECT 1"))

    assert isinstance(seen, Silence)
    assert "password authentication failed" in seen.reason
    assert "wrong-password" not in seen.reason


def test_a_wrong_password_is_said_with_the_variable_that_it_came_from(postgres: Postgres) -> None:
    address = Secret(postgres.url("prober", "wrong-password"))
    known = Environment(
        name="prod", place=PLACE, base_url="http://x", database=address, database_variables=("PROD_DB",)
    )
    database = database_of(known, "r")

    assert database is not None
    seen = database.send(Query(sql="SELECT 1"))

    assert isinstance(seen, Silence)
    assert "password authentication failed" in seen.reason
    assert seen.reason.endswith(" (`database` is ${PROD_DB})")


@pytest.mark.parametrize("url", ["postgresql://u:hunter22@[::", "no conninfo hunter22", "host"])
def test_a_url_that_cannot_be_read_is_not_quoted(url: str) -> None:
    seen = Database(Secret(url), run_id="r").send(Query(sql="SELECT 1"))

    assert isinstance(seen, Silence)
    assert seen.reason == "the database URL cannot be read"
    assert connect(Secret(url), "r") == "the database URL cannot be read"


def test_a_parameter_that_another_driver_knows_is_named() -> None:
    url = Secret("postgresql://u:hunter22@127.0.0.1:1/x?pgbouncer=true")

    assert connect(url, "r") == "the database URL cannot be read: libpq knows no parameter pgbouncer"


def test_nobody_at_the_port_is_silence() -> None:
    seen = Database(Secret("postgresql://u:hunter22@127.0.0.1:1/x"), run_id="r").send(Query(sql="SELECT 1"))

    assert isinstance(seen, Silence)
    assert "refused" in seen.reason
    assert "hunter22" not in seen.reason


def test_options_of_the_environment_do_not_reach_a_pooler(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c search_path=elsewhere")

    assert database.send(Query(sql="SHOW search_path")) == Rows(("search_path",), (('"$user", public',),))


def test_the_connections_are_what_a_real_catalog_answers(database: Database) -> None:
    seen = database.send(Query(sql=connections.SQL))
    assert isinstance(seen, Rows)
    ((clients, hidden, limit),) = seen.rows
    assert clients >= 1
    assert hidden >= 1
    assert limit > clients
