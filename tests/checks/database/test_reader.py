"""Rows are read as a role that sees all of them, and a refusal says what would decide it."""

import pytest

from pytest_deploycheck.checks.database.reader import Reader, quoted
from pytest_deploycheck.checks.database.reading import catalog_of
from pytest_deploycheck.model.catalog import Catalog, Server
from pytest_deploycheck.model.evidence import Answers, Evidence, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Snapshot, Statement, Transaction
from pytest_deploycheck.testing import conclude

READER = Reader("rows", 5.0)
LOGIN = Reader(None, 5.0)
ONE = Rows(("a",), ((1,),))
CATALOG = Catalog(server=Server(version=150018, database="shop", user="gate"))


def statements(count: int) -> list[Statement]:
    return [Statement(sql=f"SELECT {number}") for number in range(count)]


def test_a_name_is_quoted_for_sql() -> None:
    assert quoted("public", 'the "new" orders') == '"public"."the ""new"" orders"'


def test_rows_are_read_as_the_role_that_sees_them_all_or_not_at_all() -> None:
    (probe,) = next(READER.ask(statements(1), "orphans", (("search_path", "pg_catalog"),)))

    assert probe == Transaction(
        statements=(Statement(sql="SELECT 0"),),
        role="rows",
        settings=(("search_path", "pg_catalog"), ("row_security", "off")),
        timeout=5.0,
        purpose="orphans",
    )


def test_many_statements_share_no_long_transaction() -> None:
    probes = next(READER.ask(statements(60), "orphans"))

    assert [len(probe.statements) for probe in probes if isinstance(probe, Transaction)] == [25, 25, 10]


def test_every_statement_gets_its_answer() -> None:
    seen = Answers((ONE,) * 25), Answers((Refused("42501", "no"), ONE))

    assert conclude(READER.ask(statements(27), "orphans"), seen) == (
        *(ONE,) * 25,
        Refused("42501", "no"),
        ONE,
    )
    assert conclude(READER.ask([], "orphans")) == ()


@pytest.mark.parametrize(
    ("reader", "evidence", "reason"),
    [
        (READER, Silence("connection refused"), "the database did not answer: connection refused"),
        (READER, Withheld("no `database`"), "the database was not asked: no `database`"),
        (READER, ONE, "Rows holds no answers"),
        (
            READER,
            Silence('permission denied to set role "rows" (SQLSTATE 42501)'),
            'the database did not answer: permission denied to set role "rows" (SQLSTATE 42501): '
            "GRANT rows TO the database's login",
        ),
        (
            LOGIN,
            Silence("permission denied (SQLSTATE 42501)"),
            "the database did not answer: permission denied (SQLSTATE 42501)",
        ),
    ],
)
def test_without_an_answer_nothing_is_decided(reader: Reader, evidence: Evidence, reason: str) -> None:
    assert conclude(reader.ask(statements(1), "orphans"), evidence) == Inconclusive(reason)


@pytest.mark.parametrize(
    ("reader", "sqlstate", "reason"),
    [
        (
            READER,
            "42501",
            "the key: told; GRANT SELECT ON a.b TO rows; "
            "where row-level security hides rows from it, ALTER ROLE rows BYPASSRLS",
        ),
        (
            LOGIN,
            "42501",
            "the key: told; name a role that sees every row in `database_reader` of the environment",
        ),
        (READER, "57014", "the key: no answer within 5 s; a longer `timeout` would decide it"),
        (READER, "55P03", "the key: another session holds a lock on it"),
        (READER, "42883", "the key: told (SQLSTATE 42883)"),
    ],
)
def test_a_refusal_says_what_would_decide_it(reader: Reader, sqlstate: str, reason: str) -> None:
    assert reader.why(Refused(sqlstate, "told"), "the key", "a.b") == reason


def test_the_catalog_is_asked_for() -> None:
    assert next(catalog_of()) == (Snapshot(),)
    assert conclude(catalog_of(), CATALOG) is CATALOG
    assert conclude(catalog_of(), Silence("gone")) == Inconclusive("the database did not answer: gone")
    assert conclude(catalog_of(), ONE) == Inconclusive("Rows holds no catalog")
