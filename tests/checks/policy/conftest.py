"""A PostgreSQL with the database of WeCelebrate, and an empty one beside it."""

from collections.abc import Iterator

import psycopg
import pytest

from suites.standins.kit.postgres import Postgres, launch
from suites.standins.wecelebrate import seed
from tests.checks.policy.world import World

SUPERUSER, READER, PASSWORD = "supabase_admin", "gate_reader", "its-password"

TENANTS = tuple(
    seed.Tenant(
        key,
        key.title(),
        (
            seed.Person(f"shopper@{key}.example", "x", "member"),
            seed.Person(f"admin@{key}.example", "x", "admin"),
        ),
    )
    for key in ("acme", "globex")
)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    server = launch("policies", SUPERUSER)
    try:
        server.wait()
        seed.load(server.local(SUPERUSER), {READER: PASSWORD}, TENANTS)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def wecelebrate(server: Postgres) -> World:
    claims = {
        f"{name}_{letter}": {
            "sub": tenant.id("user", number),
            "role": "authenticated",
            "email": f"{name}@{tenant.key}.example",
            "aal": "aal1",
            "app_metadata": {"client_id": tenant.id("client"), "role": role},
            "user_metadata": {},
        }
        for letter, tenant in zip("ab", TENANTS, strict=True)
        for number, (name, role) in enumerate((("shopper", "member"), ("admin", "admin")), 1)
    }
    return World(server.local(SUPERUSER), server.url(READER, PASSWORD), claims)


@pytest.fixture(scope="module")
def empty(server: Postgres) -> Iterator[World]:
    """A database of its own, in which a module makes what it needs; the roles are those of the platform."""
    with psycopg.connect(server.local(SUPERUSER), autocommit=True) as connection:
        connection.execute("create database trial")
    try:
        yield World(server.local(SUPERUSER, "trial"), server.url(READER, PASSWORD, "trial"), {})
    finally:
        with psycopg.connect(server.local(SUPERUSER), autocommit=True) as connection:
            connection.execute("drop database trial with (force)")
