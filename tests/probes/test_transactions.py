"""Transactions against a real PostgreSQL: one actor, one round trip, nothing left, nothing lost."""

from collections.abc import Iterator

import psycopg
import pytest

from benchmarks.relay import Relay, relaying
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.probe import Query, Snapshot, Statement, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.probes.pipeline import exchange
from suites.standins.kit.postgres import Postgres
from tests.probes.conftest import PASSWORD
from tests.probes.together import together


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    opened = Database(Secret(postgres.url("prober", PASSWORD)), run_id="run7")
    yield opened
    opened.close()


def statements(*texts: str) -> tuple[Statement, ...]:
    return tuple(Statement(sql=text) for text in texts)


def answers(database: Database, transaction: Transaction) -> tuple[Rows | Refused, ...]:
    seen = database.send(transaction)
    assert isinstance(seen, Answers), seen
    return seen.answers


def one(value: object, name: str = "v") -> Rows:
    return Rows((name,), ((value,),))


WHO = "SELECT current_user || ' ' || coalesce(current_setting('request.jwt.claims', true), '') AS v"

MANY = (
    Transaction(statements=statements(WHO), role="sees_all", settings=(("request.jwt.claims", "{}"),)),
    Transaction(statements=statements(WHO, "SELEKT", "SET LOCAL row_security = off", WHO)),
    Query(sql=WHO),
    Query(sql="SELEKT"),
    Query(sql="SELECT pg_sleep(5)", timeout=0.05),
    Query(sql=WHO),
)
"""Some that are refused or cancelled, between others that tell who they are."""

ANSWERS = [
    Answers((one("sees_all {}"),)),
    Answers(
        (one("prober "), Refused("42601", 'syntax error at or near "SELEKT"'), Rows((), ()), one("prober "))
    ),
    one("prober "),
    Silence('syntax error at or near "SELEKT" (SQLSTATE 42601)'),
    Silence("canceling statement due to statement timeout (SQLSTATE 57014)"),
    one("prober "),
]


def test_one_refused_statement_does_not_lose_the_others(database: Database) -> None:
    asked = statements(
        "SELECT 1 AS v", "SELECT * FROM nothing", "SELEKT", "DELETE FROM things", "SELECT 2 AS v"
    )

    assert answers(database, Transaction(statements=asked)) == (
        one(1),
        Refused("42P01", 'relation "nothing" does not exist'),
        Refused("42601", 'syntax error at or near "SELEKT"'),
        Refused("25006", "cannot execute DELETE in a read-only transaction"),
        one(2),
    )


def test_an_actor_is_the_role_with_its_settings_and_only_inside(database: Database) -> None:
    who = "SELECT current_user || ' ' || coalesce(current_setting('request.jwt.claims', true), '') AS v"
    settings = (("request.jwt.claims", '{"sub": "it\'s 100%"}'),)

    (acting,) = answers(database, Transaction(statements=statements(who), role="sees_all", settings=settings))
    (after,) = answers(database, Transaction(statements=statements(who)))

    assert acting == one('sees_all {"sub": "it\'s 100%"}')
    assert after == one("prober ")


def test_what_a_statement_changed_of_its_session_the_next_does_not_see(database: Database) -> None:
    asked = statements(
        "RESET ROLE", "SET LOCAL row_security = off", "SELECT current_user AS v", "SHOW row_security"
    )

    _, _, role, security = answers(database, Transaction(statements=asked, role="sees_all"))

    assert (role, security) == (one("sees_all"), one("on", "row_security"))


def test_a_role_that_it_may_not_become_is_silence(database: Database) -> None:
    seen = database.send(Transaction(statements=statements("SELECT 1"), role="postgres"))

    assert isinstance(seen, Silence)
    assert seen.reason == 'permission denied to set role "postgres" (SQLSTATE 42501)'
    assert database.send(Query(sql="SELECT 1 AS v")) == one(1)


def test_writes_are_rolled_back(database: Database) -> None:
    asked = statements("INSERT INTO things VALUES (1) RETURNING id", "SELECT count(*) AS v FROM things")

    inserted, counted = answers(database, Transaction(statements=asked, writes=True))

    assert inserted == one(1, "id")
    assert counted == one(0)
    assert database.send(Query(sql="SELECT count(*) AS v FROM things")) == one(0)


@pytest.mark.parametrize(
    "ending",
    ["COMMIT", " end", "/* a */ -- b\n ABORT;", "rollback", "PREPARE TRANSACTION 'x'", "/* /* */ */ COMMIT"],
)
def test_a_statement_that_would_end_its_transaction_is_not_sent(database: Database, ending: str) -> None:
    asked = statements("INSERT INTO things VALUES (1)", ending, "INSERT INTO things VALUES (2)")

    seen = database.send(Transaction(statements=asked, writes=True))

    assert isinstance(seen, Silence)
    assert seen.reason.startswith("not sent: a statement may not begin with ")
    assert isinstance(database.send(Query(sql=ending)), Silence)
    assert database.send(Query(sql="SELECT count(*) AS v FROM things")) == one(0)


def test_two_statements_in_one_are_refused(database: Database) -> None:
    (refused,) = answers(database, Transaction(statements=statements("SELECT 1; COMMIT")))

    assert refused == Refused("42601", "cannot insert multiple commands into a prepared statement")


def test_parameters_are_values_whatever_they_hold(database: Database) -> None:
    odd = "'; DROP TABLE things; -- \\ % ü"
    asked = Statement(sql="SELECT %s AS v, %s::int[] AS w, %s::text AS n", parameters=(odd, [1, 2], None))

    assert answers(database, Transaction(statements=(asked,))) == (
        Rows(("v", "w", "n"), ((odd, [1, 2], None),)),
    )


@pytest.mark.parametrize(
    ("probe", "turns"),
    [
        (Query(sql="SELECT 1"), 1),
        (Transaction(statements=statements(*["SELECT 1", "SELEKT"] * 200)), 1),
        (Snapshot(), 2),
    ],
    ids=["query", "400 statements, half of them refused", "snapshot"],
)
def test_a_probe_takes_one_round_trip_and_a_snapshot_two(
    postgres: Postgres, probe: Query | Transaction | Snapshot, turns: int
) -> None:
    with relaying(Relay(postgres.port, round_trip=0.1)) as relay:
        address = postgres.url("prober", PASSWORD).replace(f":{postgres.port}/", f":{relay.port}/")
        database = Database(Secret(address), run_id="r")
        database.send(Query(sql="SELECT 1"))
        before = relay.turns
        seen = database.send(probe)
        took = relay.turns - before
        database.close()

    assert not isinstance(seen, Silence)
    assert took == turns


def test_a_backend_that_is_terminated_in_the_middle_is_silence_with_the_servers_own_words(
    database: Database, postgres: Postgres
) -> None:
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION die() RETURNS void LANGUAGE sql SECURITY DEFINER AS "
            "'SELECT pg_terminate_backend(pg_backend_pid())'"
        )
        seen = database.send(Transaction(statements=statements("SELECT 1", "SELECT die()", "SELECT 2")))
        other.execute("DROP FUNCTION die")

    assert isinstance(seen, Silence)
    assert seen.reason == "terminating connection due to administrator command (SQLSTATE 57P01)"
    assert database.send(Query(sql="SELECT 1 AS v")) == one(1)


def test_a_server_that_does_not_answer_in_time_is_left(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("prober", PASSWORD), autocommit=True) as connection:
        with pytest.raises(psycopg.OperationalError, match=r"no answer within 0\.05 s"):
            exchange(connection, [[b"SELECT pg_sleep(5)"]], timeout=0.05)

        assert connection.closed


LONG = Transaction(statements=statements("SELECT repeat('x', 30000)"))


@pytest.mark.parametrize("probe", [Snapshot(), LONG], ids=["snapshot", "transaction"])
def test_a_connection_that_breaks_in_the_middle_is_silence(
    postgres: Postgres, probe: Snapshot | Transaction
) -> None:
    with relaying(Relay(postgres.port, cut_after=20_000)) as relay:
        address = postgres.url("prober", PASSWORD).replace(f":{postgres.port}/", f":{relay.port}/")
        database = Database(Secret(address), run_id="r")
        seen = database.send(probe)
        database.close()

    assert isinstance(seen, Silence)
    assert "server closed the connection unexpectedly" in seen.reason or "reset by peer" in seen.reason
    assert PASSWORD not in seen.reason


def test_reads_that_wait_share_a_round_trip_and_nothing_else(postgres: Postgres) -> None:
    with relaying(Relay(postgres.port, round_trip=0.1)) as relay:
        address = postgres.url("prober", PASSWORD).replace(f":{postgres.port}/", f":{relay.port}/")
        database = Database(Secret(address), run_id="r")
        before: list[int] = []
        seen = together(database, postgres.local("postgres"), MANY, lambda: before.append(relay.turns))
        took = relay.turns - before[0]
        database.close()

    assert took == 1
    assert [Silence(each.reason) if isinstance(each, Silence) else each for each in seen] == ANSWERS


def test_where_one_of_them_loses_the_connection_the_others_have_another(
    database: Database, postgres: Postgres
) -> None:
    kill = Query(sql="SELECT pg_terminate_backend(pg_backend_pid())")
    (first, lost, last) = together(database, postgres.local("postgres"), (MANY[0], kill, MANY[0]))

    assert isinstance(lost, Silence)
    assert lost.reason == "terminating connection due to administrator command (SQLSTATE 57P01)"
    assert (first, last) == (ANSWERS[0], ANSWERS[0])


def test_what_cannot_be_sent_holds_none_of_the_others_up(database: Database, postgres: Postgres) -> None:
    odd = (Query(sql="COMMIT"), Query(sql="SELECT %s", parameters=(object(),)), Query(sql="SELECT '\ud800'"))
    *unsent, last = together(database, postgres.local("postgres"), (*odd, MANY[0]))

    assert [type(each) for each in unsent] == [Silence] * 3
    assert last == ANSWERS[0]


def test_what_writes_shares_nothing(database: Database, postgres: Postgres) -> None:
    writes = Transaction(
        statements=statements("SELECT current_setting('transaction_read_only')"), writes=True
    )
    reads = Query(sql="SELECT current_setting('transaction_read_only')")

    seen = together(database, postgres.local("postgres"), (reads, writes, reads))

    told = [each.answers[0] if isinstance(each, Answers) else each for each in seen]
    assert [each.rows for each in told if isinstance(each, Rows)] == [(("on",),), (("off",),), (("on",),)]
