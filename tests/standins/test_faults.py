"""Every fault breaks what its name says, while it is on and no longer."""

import socket
import ssl
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from suites.standins.wecelebrate.database_faults import DATABASE_DECOYS, DATABASE_FAULTS
from suites.standins.wecelebrate.faults import FAULTS
from tests.standins.credential_cases import CREDENTIAL_CASES
from tests.standins.limit_cases import LIMIT_CASES
from tests.standins.load_cases import LOAD_CASES
from tests.standins.posture_cases import ALLOWED, POSTURE_CASES, lets_in
from tests.standins.tenant_cases import TENANT_CASES
from tests.standins.webhook_cases import WEBHOOK_CASES
from tests.standins.world import FUNCTION, World, claims_of, compact, git

Observe = Callable[[World], Any]


def status(method: str, path: str, person: str | None = "SHOPPER_A") -> Observe:
    return lambda world: world.call(method, path, person).status_code


def health(world: World) -> str:
    return compact(world.call("GET", "/health", None))


def commits(world: World) -> int:
    return len({world.get("/version", None)["commit"] for _ in range(4)})


def is_slow(world: World) -> bool:
    return world.call("GET", "/health", None).elapsed.total_seconds() >= 1.2


def days_left(world: World) -> int:
    """Whole days until the certificate ends."""
    address = ("127.0.0.1", int(world.given["SUPABASE_URL"].rpartition(":")[2]))
    with (
        socket.create_connection(address, timeout=5) as plain,
        world.trust.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        ends = dict(line.getpeercert() or {})["notAfter"]
    return int((ssl.cert_time_to_seconds(str(ends)) - time.time()) // 86400)


def login(world: World) -> tuple[int, str]:
    answer = world.login("SHOPPER_A")
    return answer.status_code, answer.json().get("error_code", "")


def lifetime(world: World) -> int:
    return int(world.login("SHOPPER_A").json()["expires_in"])


def weak_password(world: World) -> int:
    return world.http.post(
        "/auth/v1/signup",
        headers={"apikey": world.given["SUPABASE_ANON_KEY"]},
        json={"email": f"{uuid.uuid4()}@new.example", "password": "password"},
    ).status_code


def schema_of(table: str) -> Observe:
    place = "select coalesce(max(schemaname::text), 'nowhere') from pg_tables where tablename ="
    return lambda world: world.query(f"{place} '{table}'")


def unprotected(world: World) -> str:
    return str(
        world.query(
            "select coalesce(string_agg(relname, ' '), '') from pg_class"
            " where relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity"
        )
    )


def sees_all_orders(world: World) -> bool:
    with psycopg.connect(world.given["DATABASE_URL"]) as connection:
        connection.execute("set local role authenticated")
        return connection.execute("select count(*) from public.orders").fetchone() != (0,)


def is_crowded(world: World) -> bool:
    return bool(
        world.query("select count(*) > 80 from pg_stat_activity where backend_type = 'client backend'")
    )


def open_post(world: World) -> int:
    content = {"product_id": world.product, "quantity": 1, "reference": f"T-{uuid.uuid4()}"}
    return world.call("POST", "/api/orders", None, json=content).status_code


def open_delete(world: World) -> int:
    return world.call("DELETE", f"/api/orders/{world.order().json()['id']}", None).status_code


def bearing(make: Callable[[World], str]) -> Observe:
    return lambda world: world.bearing(make(world), "GET", "/api/sites").status_code


def expired(world: World) -> str:
    return world.forged(iat=1_700_000_000, exp=1_700_003_600)


def wrongly_signed(world: World) -> str:
    return world.token()[:-6] + "AAAAAA"


def products(world: World) -> int:
    return len(world.get("/api/products").get("data", "wrong shape"))


def redirected(world: World) -> list[str]:
    world.http.get(f"{FUNCTION}/api/products", headers={"authorization": f"Bearer {world.token()}"})
    answer = world.call("GET", "/api/products")
    if answer.has_redirect_location:
        world.http.get(answer.headers["location"], headers={"authorization": "leaked"})
    return [request["headers"]["authorization"] for request in world.standin.elsewhere()]


def creates(world: World) -> int:
    return world.order().status_code


def created_without_answer(world: World) -> bool:
    before = world.standin.state()["rows"]
    headers = {"authorization": f"Bearer {world.token()}"}
    content = {"product_id": world.product, "quantity": 1}
    try:
        world.http.post(f"{FUNCTION}/api/orders", headers=headers, json=content, timeout=1)
    except httpx.TimeoutException:
        return bool(world.standin.state()["rows"] != before)
    return False


def persists(world: World) -> int:
    return world.call("GET", f"/api/orders/{world.order().json()['id']}").status_code


def quantity(world: World) -> int:
    return int(world.get(f"/api/orders/{world.order(2).json()['id']}")["quantity"])


def removal(world: World) -> tuple[int, int]:
    path = f"/api/orders/{world.order().json()['id']}"
    return world.call("DELETE", path).status_code, world.call("GET", path).status_code


def order_of_b(world: World) -> int:
    return world.call("GET", f"/api/orders/{world.order_of_b}").status_code


def tenants_in_list(world: World) -> int:
    return len({order["client_id"] for order in world.get("/api/orders?limit=100")["data"]})


def rows(table: str, person: str | None) -> Observe:
    return lambda world: len(world.rows(table, person).json())


def role(name: str) -> Observe:
    return lambda world: claims_of(world.standin.variables(), name)["role"]


def service_key(claim: str) -> Observe:
    return lambda world: claims_of(world.standin.variables(), "SUPABASE_SERVICE_ROLE_KEY")[claim]


def variable(name: str) -> Observe:
    return lambda world: world.standin.variables().get(name)


def ignored(world: World) -> bool:
    return git(world, "check-ignore", "-q", ".env.production").returncode == 0


def committed_secrets(world: World) -> int:
    key = world.given["SUPABASE_SERVICE_ROLE_KEY"]
    return len(git(world, "grep", "-l", key).stdout.splitlines())


def is_answered(world: World) -> bool:
    try:
        world.http.get(f"{FUNCTION}/health", timeout=1)
    except httpx.TimeoutException:
        return False
    return True


def served(world: World) -> list[int]:
    return sorted(world.call("GET", "/health", None).status_code for _ in range(4))


CASES: dict[str, tuple[Observe, Any]] = {
    **CREDENTIAL_CASES,
    **LIMIT_CASES,
    **LOAD_CASES,
    **TENANT_CASES,
    **POSTURE_CASES,
    **WEBHOOK_CASES,
    "health_degraded": (health, '{"status": "degraded"}'),
    "health_needs_token": (status("GET", "/health", None), 401),
    "health_slow": (is_slow, True),
    "health_error": (status("GET", "/health", None), 503),
    "version_one_replica_old": (commits, 2),
    "version_missing": (status("GET", "/version", None), 404),
    "everything_hangs": (is_answered, False),
    "replica_down": (served, [200, 200, 502, 502]),
    "all_down": (served, [502] * 4),
    "port_closed": (World.handshake, "refused"),
    "certificate_wrong_name": (
        World.handshake,
        "Hostname mismatch, certificate is not valid for 'localhost'.",
    ),
    "certificate_expires_soon": (days_left, 4),
    "certificate_expired": (World.handshake, "certificate has expired"),
    "certificate_untrusted": (World.handshake, "unable to get local issuer certificate"),
    "login_broken": (login, (500, "unexpected_failure")),
    "login_wrong_password": (login, (400, "invalid_credentials")),
    "email_login_disabled": (login, (422, "email_provider_disabled")),
    "token_lifetime_long": (lifetime, 86400),
    "weak_password_accepted": (weak_password, 200),
    "cors_any_origin": (lets_in("https://evil.example"), True),
    "cors_origin_missing": (lets_in(ALLOWED), False),
    "cors_null_origin": (lets_in("null"), True),
    "cors_suffix_origin": (lets_in(f"{ALLOWED}.evil.example"), True),
    "table_missing": (schema_of("audit_logs"), "nowhere"),
    "table_in_other_schema": (schema_of("site_category_exclusions"), "legacy"),
    "rls_off_orders": (sees_all_orders, True),
    "rest_orders_of_all": (rows("orders", "SHOPPER_A"), 30),
    "rest_employees_public": (rows("employees", None), 24),
    "rls_off_new_table": (unprotected, "promotions"),
    "connections_exhausted": (is_crowded, True),
    "products_public": (status("GET", "/api/products", None), 200),
    "orders_post_public": (open_post, 201),
    "orders_delete_public": (open_delete, 204),
    "api_403_instead_of_401": (status("GET", "/api/orders", None), 403),
    "api_route_public_sites": (status("GET", "/api/sites", None), 200),
    "expired_token_accepted": (bearing(expired), 200),
    "invalid_token_accepted": (bearing(wrongly_signed), 200),
    "malformed_token_error": (bearing(lambda _: "nonsense"), 500),
    "products_empty": (products, 0),
    "products_error": (status("GET", "/api/products"), 500),
    "products_wrong_shape": (products, len("wrong shape")),
    "redirect_elsewhere": (redirected, ["leaked"]),
    "order_create_error": (creates, 500),
    "order_create_hangs": (created_without_answer, True),
    "order_not_persisted": (persists, 404),
    "order_wrong_quantity": (quantity, 3),
    "order_delete_ignored": (removal, (204, 200)),
    "order_delete_forbidden": (removal, (403, 200)),
    "tenant_leak_orders": (order_of_b, 200),
    "tenant_leak_list": (tenants_in_list, 2),
    "anon_key_is_service_role": (role("SUPABASE_ANON_KEY"), "service_role"),
    "service_key_is_anon": (role("SUPABASE_SERVICE_ROLE_KEY"), "anon"),
    "service_key_expired": (lambda world: service_key("exp")(world) > 1_900_000_000, False),
    "key_of_other_project": (
        lambda world: service_key("ref")(world) == world.given["SUPABASE_PROJECT_REF"],
        False,
    ),
    "node_env_development": (variable("NODE_ENV"), "development"),
    "variable_missing": (variable("API_KEY"), None),
    "supabase_url_malformed": (lambda world: "://" in variable("SUPABASE_URL")(world), False),
    "env_file_not_ignored": (ignored, False),
    "secret_committed": (committed_secrets, 1),
}
"""Fault → what shows it, and what that shows while the fault is on."""


MODES = {fault.name: fault.only for fault in FAULTS}


def test_every_fault_has_a_case() -> None:
    of_the_database = {fault.name for fault in (*DATABASE_FAULTS, *DATABASE_DECOYS)}
    assert set(CASES) == {fault.name for fault in FAULTS} - of_the_database


@pytest.mark.parametrize("name", CASES)
def test_a_fault_shows_while_it_is_on_and_no_longer(request: pytest.FixtureRequest, name: str) -> None:
    world: World = request.getfixturevalue("signed" if MODES[name] == "rs256" else "world")
    observe, broken = CASES[name]
    healthy = observe(world)

    with world.standin.fault(name):
        while_on = observe(world)
    world.standin.reset()
    afterwards = observe(world)

    assert while_on == broken != healthy
    assert afterwards == healthy


def test_switching_every_fault_leaves_the_data_as_it_was(world: World) -> None:
    before = world.standin.state()
    with world.standin.fault(*CASES):
        assert all(fault["on"] for fault in world.standin.faults() if fault["name"] in CASES)

    assert world.standin.state() == before
    assert git(world, "status", "--porcelain").stdout == ""
    assert git(world, "rev-parse", "HEAD").stdout.strip() == world.given["DEPLOY_SHA"]


def test_a_killed_replica_comes_back_with_the_faults_that_are_on(world: World) -> None:
    with world.standin.fault("replica_down", "health_degraded"):
        world.standin.switch_off("replica_down")
        answers = {health(world) for _ in range(4)}

    assert answers == {'{"status": "degraded"}'}
