"""Through a real PgBouncer in transaction mode: everything works, and nothing reaches the next client."""

from collections.abc import Iterator

import psycopg
import pytest

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.probe import Query, Snapshot, Statement, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database, connect
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD
from tests.probes.together import together
from tests.servers.bouncer import bouncing

STATE = ", ".join(
    f"current_setting('{name}')"
    for name in (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "search_path",
        "row_security",
        "role",
        "transaction_read_only",
        "transaction_isolation",
    )
)
ACTING = Transaction(
    statements=(
        Statement(sql="SELECT set_config('row_security', 'off', true)"),
        Statement(sql="SELEKT"),
        Statement(sql="SELECT current_user"),
    ),
    role="sees_all",
    settings=(("request.jwt.claims", "{}"), ("search_path", "elsewhere")),
)


@pytest.fixture(scope="session")
def pool(postgres: Postgres) -> Iterator[str]:
    """The address of a pool whose clients share one session of the server."""
    with bouncing(postgres.port, {"prober": PASSWORD}) as port:
        yield f"postgresql://prober:{PASSWORD}@127.0.0.1:{port}/postgres"


@pytest.fixture
def database(pool: str) -> Iterator[Database]:
    opened = Database(Secret(pool), run_id="run7")
    yield opened
    opened.close()


def next_client(pool: str) -> tuple[object, ...]:
    """What another client finds in the session that it is handed; first which session that is."""
    with psycopg.connect(pool, autocommit=True, prepare_threshold=None) as connection:
        found = connection.execute(f"SELECT pg_backend_pid(), {STATE}".encode()).fetchone()
        assert found is not None
        return found


def test_queries_transactions_and_snapshots_work_through_a_pool(database: Database) -> None:
    query, acting, snapshot = (database.send(probe) for probe in (Query(sql="SELECT 1"), ACTING, Snapshot()))

    assert query == Rows(("?column?",), ((1,),))
    assert isinstance(acting, Answers)
    assert [type(answer) for answer in acting.answers] == [Rows, Refused, Rows]
    assert acting.answers[2] == Rows(("current_user",), (("sees_all",),))
    assert isinstance(snapshot, Catalog)
    assert snapshot.relation("public.things") is not None


def test_probes_that_share_a_round_trip_work_through_a_pool_and_leave_nothing(
    database: Database, pool: str, postgres: Postgres
) -> None:
    before = next_client(pool)
    seen = together(database, postgres.local("postgres"), (ACTING, Query(sql="SELEKT"), *[ACTING] * 4))

    acted = [each.answers[2] for each in seen if isinstance(each, Answers)]
    assert acted == [Rows(("current_user",), (("sees_all",),))] * 5
    assert isinstance(seen[1], Silence)
    assert next_client(pool) == before


@pytest.mark.parametrize(
    "probe",
    [
        Query(sql="SELECT 1", timeout=3.0),
        Query(sql="SELEKT"),
        Query(sql="SELECT set_config('search_path', 'elsewhere', false)"),
        Query(sql="SELECT pg_sleep(5)", timeout=0.05),
        ACTING,
        Snapshot(),
    ],
    ids=["query", "a refused query", "a query that sets", "a cancelled query", "an actor", "snapshot"],
)
def test_nothing_reaches_the_next_client_of_the_pool(
    database: Database, pool: str, probe: Query | Transaction | Snapshot
) -> None:
    before = next_client(pool)
    database.send(probe)

    assert next_client(pool) == before


def test_what_a_session_sets_for_itself_would_reach_it(pool: str) -> None:
    """The control: the clients of this pool do share a session."""
    clean = next_client(pool)
    with psycopg.connect(pool, autocommit=True, prepare_threshold=None) as careless:
        careless.execute("SET statement_timeout = '7s'")
    found = next_client(pool)
    with psycopg.connect(pool, autocommit=True, prepare_threshold=None) as tidy:
        tidy.execute("RESET statement_timeout")

    assert found == (clean[0], "7s", *clean[2:])


def test_a_client_that_dies_within_its_transaction_leaves_nothing(pool: str) -> None:
    before = next_client(pool)
    connection = connect(Secret(pool), "run7")
    assert isinstance(connection, psycopg.Connection)
    connection.execute("SET LOCAL ROLE sees_all")
    connection.close()

    assert next_client(pool)[1:] == before[1:]


def test_a_test_of_ones_own_leaves_nothing(pool: str) -> None:
    before = next_client(pool)
    connection = connect(Secret(pool), "run7")
    assert isinstance(connection, psycopg.Connection)
    with connection:
        found = connection.execute(f"SELECT {STATE}".encode()).fetchone()

    assert found is not None
    assert (found[0], found[6], found[7]) == ("10s", "on", "repeatable read")
    assert next_client(pool) == before


def test_startup_options_of_the_environment_are_not_sent(
    database: Database, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1s")

    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter: options"):
        psycopg.connect(pool)
    assert database.send(Query(sql="SELECT 1")) == Rows(("?column?",), ((1,),))


def test_the_server_sees_whose_session_it_is(database: Database) -> None:
    seen = database.send(Query(sql="SHOW application_name"))

    assert seen == Rows(("application_name",), (("pytest-deploycheck/run7",),))


def test_a_pool_that_does_not_let_us_in_is_silence_without_the_password(pool: str) -> None:
    seen = Database(Secret(pool.replace(PASSWORD, "wrong-password")), run_id="r").send(Snapshot())

    assert isinstance(seen, Silence)
    assert "SASL authentication failed" in seen.reason
    assert "wrong-password" not in seen.reason
