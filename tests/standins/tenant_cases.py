"""Faults of tenant isolation: what shows them, and what it shows while they are on."""

import uuid
from collections.abc import Callable
from typing import Any

from tests.standins.world import FUNCTION, World

Observe = Callable[[World], Any]


def theirs(kind: str) -> Observe:
    """The status when A asks for a thing of B's."""
    return lambda world: world.call("GET", f"/api/{kind}/{world.first(kind, 'SHOPPER_B')}").status_code


def tenants(path: str, person: str = "SHOPPER_A") -> Observe:
    """How many tenants own what a list holds."""
    return lambda world: len({row["client_id"] for row in world.get(path, person)["data"]})


def total(path: str, person: str = "SHOPPER_A") -> Observe:
    return lambda world: world.get(path, person)["pagination"]["total"]


def head_of_theirs(world: World) -> int:
    return world.call("HEAD", f"/api/orders/{world.order_of_b}").status_code


def config(world: World) -> int:
    site = world.first("sites", "SHOPPER_B")
    return world.call("GET", f"/api/sites/{site}/catalog-config").status_code


def owner(world: World, headers: dict[str, str], query: str = "") -> str:
    bearer = {"authorization": f"Bearer {world.token()}"}
    answer = world.http.get(f"{FUNCTION}/api/sites{query}", headers={**bearer, **headers})
    rows = answer.json().get("data", [{"client_id": str(answer.status_code)}])
    return str(rows[0]["client_id"])


def by_query(world: World) -> bool:
    other = world.given["TENANT_B_ID"]
    return owner(world, {}, f"?client_id={other}") == other


def by_header(world: World) -> list[bool]:
    other = world.given["TENANT_B_ID"]
    return [owner(world, {name: other}) == other for name in ("x-tenant-id", "x-client-id")]


def creates(world: World, **content: object) -> int:
    """How many orders of B's a creation by A adds."""
    before = world.get("/api/orders", "SHOPPER_B")["pagination"]["total"]
    given = {"product_id": world.product, "quantity": 1, "reference": f"T-{uuid.uuid4()}", **content}
    world.call("POST", "/api/orders", json=given)
    after = world.get("/api/orders", "SHOPPER_B")["pagination"]["total"]
    return int(after - before)


def in_body(world: World) -> int:
    return creates(world, client_id=world.given["TENANT_B_ID"])


def of_their_product(world: World) -> int:
    return creates(world, product_id=world.first("products", "SHOPPER_B"))


def order_of(world: World, person: str) -> str:
    content = {
        "product_id": world.first("products", person),
        "quantity": 2,
        "reference": f"T-{uuid.uuid4()}",
    }
    return str(world.call("POST", "/api/orders", person, content).json()["id"])


def updates(world: World) -> tuple[int, int]:
    path = f"/api/orders/{order_of(world, 'SHOPPER_B')}"
    status = world.call("PATCH", path, json={"quantity": 7}).status_code
    return status, world.get(path, "SHOPPER_B")["quantity"]


def deletes(world: World) -> tuple[int, int]:
    path = f"/api/orders/{order_of(world, 'SHOPPER_B')}"
    status = world.call("DELETE", path).status_code
    return status, world.call("GET", path, "SHOPPER_B").status_code


def is_slow(world: World) -> bool:
    path = f"/api/orders/{world.order_of_b}"
    return min(world.call("GET", path).elapsed.total_seconds() for _ in range(3)) >= 0.25


def denied_by_proxy(world: World) -> bool:
    answer = world.call("GET", "/api/sites")
    return answer.status_code == 403 and "x-replica" not in answer.headers


TENANT_CASES: dict[str, tuple[Observe, Any]] = {
    "tenant_leak_products": (theirs("products"), 200),
    "tenant_leak_sites": (theirs("sites"), 200),
    "tenant_leak_catalogs": (theirs("catalogs"), 200),
    "tenant_leak_employees": (theirs("employees"), 200),
    "tenant_leak_analytics_events": (theirs("analytics-events"), 200),
    "tenant_leak_payments": (theirs("payments"), 200),
    "tenant_leak_messages": (theirs("messages"), 200),
    "tenant_leak_site_config": (config, 200),
    "tenant_head": (head_of_theirs, 200),
    "tenant_total": (total("/api/orders"), 30),
    "tenant_list_products": (tenants("/api/products?limit=100"), 2),
    "tenant_list_sites": (tenants("/api/sites"), 2),
    "tenant_list_catalogs": (tenants("/api/catalogs"), 2),
    "tenant_list_employees": (tenants("/api/employees?limit=100"), 2),
    "tenant_list_analytics_events": (tenants("/api/analytics-events"), 2),
    "tenant_list_payments": (tenants("/api/payments"), 2),
    "tenant_list_messages": (tenants("/api/messages"), 2),
    "tenant_list_admin_users": (tenants("/api/admin/users", "ADMIN_A"), 2),
    "tenant_list_audit_logs": (tenants("/api/admin/audit-logs", "ADMIN_A"), 2),
    "tenant_list_next_page": (tenants("/api/products?page=2"), 2),
    "tenant_search_products": (total("/api/products?search=globex"), 24),
    "tenant_search_employees": (total("/api/employees?search=globex"), 12),
    "tenant_filter_orders": (total("/api/orders?reference=GLOBEX-REF-001"), 1),
    "tenant_filter_employees": (total("/api/employees?email=employee1@globex.example"), 1),
    "tenant_by_query": (by_query, True),
    "tenant_by_header": (by_header, [True, True]),
    "tenant_create_by_body": (in_body, 1),
    "tenant_create_by_product": (of_their_product, 1),
    "tenant_update_order": (updates, (200, 7)),
    "tenant_delete_order": (deletes, (204, 404)),
    "tenant_update_despite_403": (updates, (403, 7)),
    "tenant_delete_despite_403": (deletes, (403, 404)),
    "tenant_404_instead_of_403": (theirs("orders"), 404),
    "tenant_oracle_timing": (is_slow, True),
    "second_tenant_empty": (total("/api/orders", "SHOPPER_B"), 0),
    "proxy_denies_api": (denied_by_proxy, True),
}
