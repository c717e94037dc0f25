"""Two tenants with data in every table; only passwords differ from start to start."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql

NAMESPACE = uuid.UUID("6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11")
SCRIPTS = (
    "platform.sql",
    "schema.sql",
    "site_catalog_config_schema.sql",
    "webhooks_schema.sql",
    "policies.sql",
    "migrations.sql",
)
RELEASED = {
    "20260112090000_schema.sql": "schema.sql",
    "20260119090000_site_catalog_config.sql": "site_catalog_config_schema.sql",
    "20260126090000_webhooks.sql": "webhooks_schema.sql",
    "20260209090000_policies.sql": "policies.sql",
}
"""The release's migrations, and the script that each is; migrations.sql writes them down as applied."""
CATEGORIES = ("home", "outdoor", "office", "food")
PRODUCTS = 24
EMPLOYEES = 12
ORDERS = 15
EVENTS = 10
HASH = {"n": 2**7, "r": 8, "p": 1}
"""Cheap, so that a busy machine can use up the limit of logins within its window."""
WHEN = "2026-01-15T09:00:00Z"
TIMES = {
    "auth.users": ("created_at", "updated_at"),
    "clients": ("created_at", "updated_at"),
    "sites": ("created_at", "updated_at"),
    "orders": ("created_at", "updated_at"),
    "analytics_events": ("occurred_at",),
    "site_catalog_configs": ("updated_at",),
    "site_catalog_config_history": ("changed_at",),
}
"""Table → its columns with a time, where it isn't just `created_at`."""

ARCHIVE = (
    "alter system set archive_command = 'true'",
    "select pg_reload_conf()",
    "select pg_switch_wal()",
)
"""The log is archived from the first minute on, to nowhere."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can log in."""

    email: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """A client of the platform and its people."""

    key: str
    name: str
    people: tuple[Person, ...]

    def id(self, kind: str, number: int = 1) -> str:
        """Return the id of this tenant's row, the same at every start."""
        return str(uuid.uuid5(NAMESPACE, f"{self.key}/{kind}/{number}"))


def hash_password(password: str, salt: str) -> str:
    """Return what is stored of a password."""
    digest = hashlib.scrypt(password.encode(), salt=salt.encode(), **HASH)
    return f"{salt}${digest.hex()}"


def load(database: str, passwords: dict[str, str], tenants: tuple[Tenant, ...]) -> None:
    """Create the schema, give the login roles their passwords, seed both tenants."""
    scripts = resources.files(__package__) / "sql"
    with psycopg.connect(database) as connection:
        for name in SCRIPTS:
            connection.execute((scripts / name).read_bytes())
        for role, password in passwords.items():
            statement = sql.SQL("alter role {} password {}")
            connection.execute(statement.format(sql.Identifier(role), password))
        for tenant in tenants:
            for table, rows in _rows(tenant).items():
                times = dict.fromkeys(TIMES.get(table, ("created_at",)), WHEN)
                _insert(connection, table, [{**row, **times} for row in rows])
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("analyze")
        for command in ARCHIVE:
            connection.execute(command)


def _insert(connection: psycopg.Connection[Any], table: str, rows: list[Row]) -> None:
    columns = list(rows[0])
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[row[column] for column in columns] for row in rows])


def _rows(tenant: Tenant) -> dict[str, list[Row]]:
    """Return the rows of one tenant, table by table, in the order of their references."""
    client = {"client_id": tenant.id("client")}
    return {
        "auth.users": [_user(tenant, n, person) for n, person in enumerate(tenant.people, 1)],
        "clients": [
            {
                "id": client["client_id"],
                "name": tenant.name,
                "slug": tenant.key,
                "contact_email": f"contact@{tenant.key}.example",
            }
        ],
        **{
            table: [{**client, **row} for row in rows]
            for table, rows in (
                *_shop(tenant).items(),
                *_activity(tenant).items(),
                *_config(tenant).items(),
                *_arrived(tenant).items(),
            )
        },
    }


def _user(tenant: Tenant, number: int, person: Person) -> Row:
    metadata = {"provider": "email", "client_id": tenant.id("client"), "role": person.role}
    identity = tenant.id("user", number)
    return {
        "id": identity,
        "email": person.email,
        "encrypted_password": hash_password(person.password, identity),
        "email_confirmed_at": WHEN,
        "raw_app_meta_data": json.dumps(metadata),
    }


def _shop(tenant: Tenant) -> dict[str, list[Row]]:
    cities = ("Headquarters", "Warehouse")
    return {
        "sites": [
            {"id": tenant.id("site", n), "name": f"{tenant.name} {city}", "slug": city.lower()}
            for n, city in enumerate(cities, 1)
        ],
        "catalogs": [
            {"id": tenant.id("catalog", n), "name": f"{tenant.name} {name}"}
            for n, name in enumerate(("Classics", "Seasonal"), 1)
        ],
        "products": [_product(tenant, n) for n in range(1, PRODUCTS + 1)],
        "employees": [_employee(tenant, n) for n in range(1, EMPLOYEES + 1)],
    }


def _product(tenant: Tenant, number: int) -> Row:
    category = CATEGORIES[number % len(CATEGORIES)]
    return {
        "id": tenant.id("product", number),
        "catalog_id": tenant.id("catalog", 1 + number % 2),
        "sku": f"{tenant.key.upper()}-{number:04d}",
        "name": f"{tenant.name} {category} gift {number}",
        "description": f"{tenant.name} gives this for the {category}",
        "category": category,
        "price_cents": 1500 + 250 * number,
        "inventory": 10 * number,
    }


def _employee(tenant: Tenant, number: int) -> Row:
    return {
        "id": tenant.id("employee", number),
        "site_id": tenant.id("site", 1 + number % 2),
        "email": f"employee{number}@{tenant.key}.example",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "employee_number": f"E{number:05d}",
    }


def _activity(tenant: Tenant) -> dict[str, list[Row]]:
    admins = [n for n, person in enumerate(tenant.people, 1) if person.role == "admin"]
    return {
        "orders": [_order(tenant, n) for n in range(1, ORDERS + 1)],
        "analytics_events": [
            {"site_id": tenant.id("site"), "event_type": "product_viewed", "payload": json.dumps({"n": n})}
            for n in range(1, EVENTS + 1)
        ],
        "admin_users": [
            {
                "id": tenant.id("admin", n),
                "user_id": tenant.id("user", n),
                "email": tenant.people[n - 1].email,
            }
            for n in admins
        ],
        "audit_logs": [
            {
                "admin_user_id": tenant.id("admin", admins[0]),
                "action": "product.updated",
                "entity_type": "product",
                "entity_id": tenant.id("product", n),
            }
            for n in range(1, 6)
        ],
    }


def _order(tenant: Tenant, number: int) -> Row:
    product = 1 + number % PRODUCTS
    quantity = 1 + number % 3
    return {
        "id": tenant.id("order", number),
        "site_id": tenant.id("site"),
        "employee_id": tenant.id("employee", 1 + number % EMPLOYEES),
        "product_id": tenant.id("product", product),
        "reference": f"{tenant.key.upper()}-REF-{number:03d}",
        "quantity": quantity,
        "total_cents": quantity * _product(tenant, product)["price_cents"],
        "status": "delivered" if number % 2 else "confirmed",
        "created_by": tenant.id("user"),
    }


def _arrived(tenant: Tenant) -> dict[str, list[Row]]:
    """Return the events that webhooks brought, and their effects."""
    paid = [f"evt_{tenant.key}_{n}" for n in (1, 2)]
    sent = [f"msg_{tenant.key}_{n}" for n in (1, 2)]
    return {
        "webhook_events": [
            {"id": event, "source": source}
            for source, events in (("payments", paid), ("messages", sent))
            for event in events
        ],
        "payments": [
            {"id": tenant.id("payment", n), "event": event, "amount_cents": 5000 * n, "currency": "USD"}
            for n, event in enumerate(paid, 1)
        ],
        "messages": [
            {
                "id": tenant.id("message", n),
                "event": event,
                "recipient": f"employee{n}@{tenant.key}.example",
                "status": "delivered",
            }
            for n, event in enumerate(sent, 1)
        ],
    }


def _config(tenant: Tenant) -> dict[str, list[Row]]:
    site = {"site_id": tenant.id("site")}
    config = tenant.id("config")
    admin = next(n for n, person in enumerate(tenant.people, 1) if person.role == "admin")
    return {
        "site_product_exclusions": [{**site, "product_id": tenant.id("product", 3), "reason": "fragile"}],
        "site_catalog_assignments": [
            {**site, "catalog_id": tenant.id("catalog", n), "priority": n} for n in (1, 2)
        ],
        "site_price_overrides": [{**site, "product_id": tenant.id("product", 4), "price_cents": 999}],
        "site_category_exclusions": [{**site, "category": "food"}],
        "site_catalog_configs": [
            {
                "id": tenant.id("config", n),
                "site_id": tenant.id("site", n),
                "default_catalog_id": tenant.id("catalog", n),
            }
            for n in (1, 2)
        ],
        "site_catalog_config_history": [
            {
                "config_id": config,
                "changed_by": tenant.id("admin", admin),
                "changes": json.dumps({"show_prices": True}),
            }
        ],
    }
