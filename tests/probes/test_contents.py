"""What stands in tables: storage buckets and the histories of migration tools, or why it is unknown."""

from collections.abc import Iterator

import psycopg
import pytest

from pytest_deploycheck.catalog.histories import TOOLS as KNOWN_TOOLS
from pytest_deploycheck.model.catalog import Bucket, Migration
from pytest_deploycheck.model.relation import Unknown
from suites.standins.kit.postgres import Postgres
from tests.probes.snapshots import snapshot

BUCKETS = """
CREATE SCHEMA storage;
CREATE TABLE storage.buckets (id text, public boolean, file_size_limit int8, allowed_mime_types text[]);
INSERT INTO storage.buckets VALUES ('a', true, 5, '{image/png,image/gif}'), ('b', NULL, NULL, NULL);
ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA storage TO prober;
"""


@pytest.fixture
def fresh(postgres: Postgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A database of its own, called fresh."""
    with psycopg.connect(postgres.local("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh")
        with psycopg.connect(postgres.local("postgres", "fresh"), autocommit=True) as inside:
            yield inside
        connection.execute("DROP DATABASE fresh WITH (FORCE)")


@pytest.mark.parametrize(
    ("granted", "says"),
    [
        ("", 'GRANT SELECT ON "storage"."buckets" TO "prober"'),
        (
            "GRANT SELECT ON storage.buckets TO prober",
            "row-level security policy for table",
        ),
        (
            "GRANT SELECT ON storage.buckets TO prober;"
            "CREATE POLICY few ON storage.buckets TO prober USING (id = 'a')",
            'CREATE POLICY gate ON "storage"."buckets" FOR SELECT TO "prober" USING (true)',
        ),
        (
            "GRANT SELECT ON storage.buckets TO prober;"
            "CREATE POLICY all_ ON storage.buckets TO prober USING (true);"
            "CREATE POLICY few ON storage.buckets AS RESTRICTIVE USING (id = 'a')",
            "row-level security",
        ),
    ],
    ids=["no privilege", "no policy", "a policy that hides some", "a policy that hides some again"],
)
def test_buckets_that_may_be_hidden_are_unknown(
    fresh: psycopg.Connection[tuple[object, ...]], postgres: Postgres, granted: str, says: str
) -> None:
    fresh.execute(f"{BUCKETS}{granted}".encode())

    buckets = snapshot(postgres, "fresh").buckets

    assert isinstance(buckets, Unknown)
    assert says in buckets.reason


@pytest.mark.parametrize(
    ("granted", "reader"),
    [
        (
            "GRANT SELECT ON storage.buckets TO prober;"
            "CREATE POLICY gate ON storage.buckets FOR SELECT TO prober USING (true)",
            None,
        ),
        (
            "GRANT USAGE ON SCHEMA storage TO sees_all; GRANT SELECT ON storage.buckets TO sees_all",
            "sees_all",
        ),
    ],
    ids=["a policy shows all", "read as the database's reader"],
)
def test_buckets_are_told_to_who_sees_all_of_them(
    fresh: psycopg.Connection[tuple[object, ...]], postgres: Postgres, granted: str, reader: str | None
) -> None:
    fresh.execute(f"{BUCKETS}{granted}".encode())

    buckets = snapshot(postgres, "fresh", reader).buckets

    assert buckets == (
        Bucket(id="a", public=True, size_limit=5, types=("image/gif", "image/png")),
        Bucket(id="b", public=False),
    )


TOOLS = {
    "supabase": (
        "CREATE SCHEMA supabase_migrations;"
        "CREATE TABLE supabase_migrations.schema_migrations (version text, statements text[], name text);"
        "INSERT INTO supabase_migrations.schema_migrations VALUES ('2', '{}', 'b'), ('1', '{}', NULL);"
        "GRANT USAGE ON SCHEMA supabase_migrations TO prober",
        (Migration(version="1"), Migration(version="2", name="b")),
    ),
    "alembic": (
        "CREATE TABLE alembic_version (version_num varchar(32));INSERT INTO alembic_version VALUES ('ae1')",
        (Migration(version="ae1"),),
    ),
    "django": (
        "CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz);"
        "INSERT INTO django_migrations VALUES (2, 'auth', '0001_initial'), (1, 'shop', '0001_initial')",
        (Migration(version="shop.0001_initial"), Migration(version="auth.0001_initial")),
    ),
    "prisma": (
        "CREATE TABLE _prisma_migrations (migration_name text, started_at timestamptz,"
        " finished_at timestamptz, rolled_back_at timestamptz);"
        "INSERT INTO _prisma_migrations VALUES ('one', '2026-01-01', NULL, '2026-01-02'),"
        " ('one', '2026-01-03', '2026-01-03', NULL), ('two', '2026-01-04', NULL, NULL)",
        (Migration(version="one"), Migration(version="two", failed=True)),
    ),
    "flyway": (
        "CREATE TABLE flyway_schema_history (installed_rank int, version text, description text, type text,"
        " script text, success boolean);"
        "INSERT INTO flyway_schema_history VALUES (0, NULL, '<< Creation >>', 'SCHEMA', 's', true),"
        " (1, '1', 'one', 'SQL', 'V1', true), (2, '2', 'two', 'SQL', 'V2', true),"
        " (3, '2', 'two', 'UNDO_SQL', 'U2', true), (4, '3', 'three', 'SQL', 'V3', false),"
        " (5, NULL, 'views', 'SQL', 'R__views', true), (6, NULL, 'views', 'SQL', 'R__views', true)",
        (
            Migration(version="1", name="one"),
            Migration(version="3", name="three", failed=True),
            Migration(version="R__views", name="views"),
        ),
    ),
    "liquibase": (
        "CREATE TABLE databasechangelog (id text, author text, filename text, orderexecuted int,"
        " exectype text);"
        "INSERT INTO databasechangelog VALUES ('2', 'ann', 'c.xml', 2, 'FAILED'),"
        " ('1', 'ann', 'c.xml', 1, 'EXECUTED'), ('3', 'ann', 'c.xml', 3, 'SKIPPED')",
        (Migration(version="c.xml::1::ann"), Migration(version="c.xml::2::ann", failed=True)),
    ),
    "dbmate": (
        "CREATE TABLE schema_migrations (version varchar(128)); INSERT INTO schema_migrations VALUES ('7')",
        (Migration(version="7"),),
    ),
    "golang-migrate": (
        "CREATE TABLE schema_migrations (version bigint, dirty boolean);"
        "INSERT INTO schema_migrations VALUES (7, true)",
        (Migration(version="7", failed=True),),
    ),
    "sqitch": (
        "CREATE SCHEMA sqitch; GRANT USAGE ON SCHEMA sqitch TO prober;"
        "CREATE TABLE sqitch.changes (change_id text, change text, project text, committed_at timestamptz);"
        "INSERT INTO sqitch.changes VALUES ('x', 'users', 'shop', '2026-01-02'),"
        " ('y', 'schema', 'shop', '2026-01-01')",
        (Migration(version="schema", name="shop"), Migration(version="users", name="shop")),
    ),
}
"""What a tool leaves behind → what it has applied."""


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_migration_tool_wrote_down_is_told(
    fresh: psycopg.Connection[tuple[object, ...]], postgres: Postgres, tool: str
) -> None:
    script, applied = TOOLS[tool]
    fresh.execute(script.encode())
    fresh.execute("GRANT pg_read_all_data TO prober")

    histories = snapshot(postgres, "fresh").histories
    fresh.execute("REVOKE pg_read_all_data FROM prober")

    assert [(history.tool, history.applied) for history in histories] == [(tool, applied)]


def test_every_tool_is_tested() -> None:
    assert set(TOOLS) == {tool.name for tool in KNOWN_TOOLS}


def test_a_history_that_may_not_be_read_is_unknown_and_the_others_are_told(
    fresh: psycopg.Connection[tuple[object, ...]], postgres: Postgres
) -> None:
    for script in (TOOLS["alembic"][0], TOOLS["dbmate"][0], "GRANT SELECT ON schema_migrations TO prober"):
        fresh.execute(script.encode())

    alembic, dbmate = snapshot(postgres, "fresh").histories

    assert isinstance(alembic.applied, Unknown)
    assert 'GRANT SELECT ON "public"."alembic_version" TO "prober"' in alembic.applied.reason
    assert dbmate.applied == (Migration(version="7"),)
