"""Python tests of the environment's database: `database` is a session, `catalog` is what it holds."""

from collections.abc import Iterator

import psycopg
import pytest

from suites.standins.kit.postgres import Postgres, launch
from tests.projects import READY, Project

CONTRACT = """\
system: Shop
environments:
  local: {base_url: "${SHOP_URL}", database: "${SHOP_DATABASE}"}
  bare: {base_url: "${SHOP_URL}"}
  lost: {base_url: "${SHOP_URL}", database: "postgresql://gate:hunter22@127.0.0.1:9/shop"}
"""

TESTS = """\
import psycopg
import pytest


def test_the_catalog_is_there(catalog):
    assert catalog.relation("public.orders").row_security
    assert catalog.server.user == "gate"


def test_it_is_the_same_for_every_test(catalog, database):
    (size,) = database.execute("SELECT count(*) FROM pg_class WHERE relname = 'orders'").fetchone()
    assert catalog.relation("public.orders") is not None and size == 1


def test_writing_is_refused(database):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        database.execute("INSERT INTO orders VALUES (1)")
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = launch("tested", "postgres")
    try:
        server.wait()
        with psycopg.connect(server.local("postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE gate LOGIN PASSWORD 'hunter22'")
            connection.execute("CREATE TABLE orders (id int); GRANT ALL ON orders TO gate")
            connection.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
        yield server
    finally:
        server.stop()


@pytest.fixture
def shop_project(project: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SHOP_DATABASE", postgres.url("gate", "hunter22"))
    project.contract(CONTRACT, READY)
    project.file("test_shop.py", TESTS)
    return project


def test_tests_read_the_database_and_its_catalog(shop_project: Project) -> None:
    run = shop_project.pytest()

    assert run.status == 0, run.out
    assert "3 passed" in run.out


def test_workers_read_it_too(shop_project: Project) -> None:
    run = shop_project.pytest("-n2")

    assert run.status == 0, run.out


def test_without_a_database_nothing_is_decided(shop_project: Project) -> None:
    run = shop_project.pytest(env="bare")

    assert run.status == 2
    assert "environment bare has no `database`" in run.out


def test_a_database_that_does_not_answer_decides_nothing(shop_project: Project) -> None:
    run = shop_project.pytest("-k", "catalog", env="lost")

    assert run.status == 2
    assert "the database did not answer: connection failed" in run.out
    assert "hunter22" not in run.out
