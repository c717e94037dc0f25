"""The database is what the deployment guide asks for."""

import psycopg
import pytest

from tests.standins.world import World

TABLES = {
    "admin_users",
    "analytics_events",
    "audit_logs",
    "catalogs",
    "clients",
    "employees",
    "messages",
    "orders",
    "payments",
    "products",
    "site_catalog_assignments",
    "site_catalog_config_history",
    "site_catalog_configs",
    "site_category_exclusions",
    "site_price_overrides",
    "site_product_exclusions",
    "sites",
    "webhook_events",
}
INDEXES = """
select count(*) from pg_index i join pg_class c on c.oid = i.indrelid
where c.relnamespace = 'public'::regnamespace and i.indisvalid and i.indisready
"""
UNINDEXED = """
select count(*) from pg_constraint c where contype = 'f' and connamespace = 'public'::regnamespace
and not exists (select from pg_index i where i.indrelid = c.conrelid
  and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)
"""
OPEN = "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
ELEVATED = "select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = current_user"
WRITES = (
    "insert into public.clients (id) values (default)",
    "insert into public.orders (id) values (default)",
)
ACTING = """
select rolbypassrls, has_table_privilege(rolname, 'public.orders', 'insert')
from pg_roles where rolname = %s and rolname = current_user
"""


def test_every_table_is_there_and_no_other(world: World) -> None:
    found = world.query("select array_agg(tablename::text) from pg_tables where schemaname = 'public'")

    assert set(found) == TABLES


def test_every_foreign_key_has_an_index(world: World) -> None:
    assert world.query(INDEXES) >= 50
    assert world.query(UNINDEXED) == 0


def test_every_table_has_row_level_security_and_rows_of_both_tenants(world: World) -> None:
    tables = world.standin.state()["tables"]

    assert world.query(f"{OPEN} and not relrowsecurity") == 0
    assert all(tables[f"public.{name}"]["rows"] >= 2 for name in TABLES)


def test_the_reader_sees_no_tenants_rows_and_writes_none(world: World) -> None:
    with psycopg.connect(world.given["DATABASE_URL"]) as connection:
        elevated = connection.execute(ELEVATED).fetchone()
        rows = connection.execute("select count(*) from public.orders").fetchone()
        for statement in WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)

    assert (elevated, rows) == ((False,), (0,))


def test_the_reader_may_become_whom_the_api_acts_as_and_who_sees_every_row(world: World) -> None:
    seen = {}
    with psycopg.connect(world.given["DATABASE_URL"]) as connection:
        for role in ("anon", "authenticated", "service_role", "gate_rows"):
            with connection.transaction(force_rollback=True):
                connection.execute(f"set local role {role}".encode())
                seen[role] = connection.execute(ACTING, (role,)).fetchone()

    assert seen == {
        "anon": (False, False),
        "authenticated": (False, True),
        "service_role": (True, True),
        "gate_rows": (True, False),
    }


def test_who_sees_every_row_writes_none(world: World) -> None:
    with psycopg.connect(world.given["DATABASE_URL"]) as connection:
        connection.execute("set local role gate_rows")
        connection.execute("set local row_security = off")
        rows = connection.execute("select count(*), count(distinct client_id) from public.orders").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into public.orders (id) values (default)")

    assert rows == (30, 2)


def test_row_level_security_holds_a_tenant_to_its_rows(world: World) -> None:
    claims = f'{{"app_metadata": {{"client_id": "{world.given["TENANT_A_ID"]}"}}}}'
    with psycopg.connect(world.given["DATABASE_URL"]) as connection:
        connection.execute("set local role authenticated")
        none = connection.execute("select count(*) from orders").fetchone()
        connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        mine = connection.execute("select count(*), count(distinct client_id) from orders").fetchone()

    assert none == (0,)
    assert mine == (15, 1)


def test_the_application_role_has_a_statement_timeout(world: World) -> None:
    setting = "select 'statement_timeout=30s' = any(rolconfig) from pg_roles where rolname = 'authenticator'"

    assert world.query(setting) is True
    assert world.query("show max_connections") == "100"
