"""The login that the docs tell to create: it sees what it needs, and no more by itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pytest_deploycheck.model.catalog import Catalog, Migration
from pytest_deploycheck.model.evidence import Answers, Rows
from pytest_deploycheck.model.probe import Query, Snapshot, Statement, Transaction
from pytest_deploycheck.model.relation import Unknown
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from suites.standins.kit.postgres import Postgres

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "database.md"

SHOP = """
CREATE ROLE anon; CREATE ROLE authenticated;
CREATE TABLE orders (id serial); INSERT INTO orders DEFAULT VALUES;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY; GRANT SELECT ON orders TO anon;
CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('head');
ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY;
"""


@pytest.fixture(scope="module")
def shop(postgres: Postgres) -> Iterator[str]:
    """The address of a database to which the docs' SQL was applied, as its login sees it."""
    (recipe, *_) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop")
        with psycopg.connect(postgres.local("postgres", "shop"), autocommit=True) as inside:
            inside.execute(SHOP.encode())
            inside.execute(recipe.encode())
        yield postgres.url("gate", "...", "shop")
        connection.execute("DROP DATABASE shop WITH (FORCE)")
        connection.execute("DROP ROLE gate, gate_roles, gate_rows, anon, authenticated")


def seen_with(reader: str | None, address: str) -> Catalog:
    database = Database(Secret(address), run_id="r", reader=reader)
    seen = database.send(Snapshot())
    database.close()
    assert isinstance(seen, Catalog), seen
    return seen


def test_as_the_reader_it_sees_every_row(shop: str) -> None:
    seen = seen_with("gate_rows", shop)

    assert [history.applied for history in seen.histories] == [(Migration(version="head"),)]
    assert [sequence.last for sequence in seen.sequences] == [1]


def test_by_itself_it_sees_none_and_says_so(shop: str) -> None:
    seen = seen_with(None, shop)

    assert [type(history.applied) for history in seen.histories] == [Unknown]
    assert [type(sequence.last) for sequence in seen.sequences] == [Unknown]
    assert (seen.server.superuser, seen.server.bypass_rls) == (False, False)


def test_it_becomes_whom_the_api_acts_as(shop: str) -> None:
    database = Database(Secret(shop), run_id="r")
    asked = (Statement(sql="SELECT count(*) AS n FROM orders"),)
    as_anon, as_reader = (
        database.send(Transaction(statements=asked, role=role)) for role in ("anon", "gate_rows")
    )
    hidden = database.send(Query(sql="SELECT count(*) FROM pg_settings WHERE name = 'config_file'"))
    database.close()

    assert as_anon == Answers((Rows(("n",), ((0,),)),))
    assert as_reader == Answers((Rows(("n",), ((1,),)),))
    assert hidden == Rows(("count",), ((1,),))
