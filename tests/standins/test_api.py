"""A healthy deployment serves its users, each within its tenant."""

from collections.abc import Callable

import jwt
import pytest

from tests.standins.world import FUNCTION, World

ALLOWED = "https://wecelebrate.example"


def test_health_and_version_need_no_token(world: World) -> None:
    seen = [world.get("/version", None) for _ in range(4)]

    assert world.get("/health", None) == {"status": "ok"}
    assert {answer["commit"] for answer in seen} == {world.given["DEPLOY_SHA"]}
    assert {answer["replica"] for answer in seen} == {"replica-1", "replica-2"}


def test_a_login_gives_a_token_for_an_hour(world: World) -> None:
    session = world.login("SHOPPER_A").json()

    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == session["expires_in"] == 3600
    assert claims["app_metadata"]["client_id"] == world.given["TENANT_A_ID"]
    assert session["user"]["email"] == world.given["SHOPPER_A_EMAIL"]


def test_a_refresh_token_works_once(world: World) -> None:
    session = world.login("SHOPPER_A").json()

    def refresh() -> int:
        return world.http.post(
            "/auth/v1/token?grant_type=refresh_token",
            headers={"apikey": world.given["SUPABASE_ANON_KEY"]},
            json={"refresh_token": session["refresh_token"]},
        ).status_code

    assert [refresh(), refresh()] == [200, 400]


def test_login_wants_the_key_and_the_password(world: World) -> None:
    without_key = world.http.post("/auth/v1/token?grant_type=password", json={})
    wrong = world.login("SHOPPER_A", "wrong")

    assert without_key.status_code == 401
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "invalid_credentials")


def test_products_are_paged_searched_and_the_tenants_own(world: World) -> None:
    page = world.get("/api/products?limit=5&page=2")
    found = world.get("/api/products?search=GIFT 24")

    assert page["pagination"] == {"page": 2, "limit": 5, "total": 24}
    assert len(page["data"]) == 5
    assert [item["sku"] for item in found["data"]] == ["ACME-0024"]
    assert {item["client_id"] for item in page["data"]} == {world.given["TENANT_A_ID"]}


def test_a_list_names_its_next_page_until_there_is_none(world: World) -> None:
    first = world.call("GET", "/api/products?search=gift")
    link = first.headers["link"]
    last = world.http.get(link[1 : link.index(">")], headers=dict(first.request.headers))

    assert link == f'<{FUNCTION}/api/products?search=gift&page=2>; rel="next"'
    assert len(first.json()["data"]) + len(last.json()["data"]) == 24
    assert "link" not in last.headers


def test_an_order_is_created_read_changed_and_removed(world: World) -> None:
    before = world.standin.state()["rows"]
    created = world.order(3)
    path = f"/api/orders/{created.json()['id']}"
    by_reference = world.get(f"/api/orders?reference={created.json()['reference']}")

    assert created.status_code == 201
    assert created.headers["location"].endswith(path)
    assert [order["quantity"] for order in by_reference["data"]] == [3]
    assert world.call("PATCH", path, json={"quantity": 4}).json()["quantity"] == 4
    assert world.call("DELETE", path).status_code == 204
    assert world.call("GET", path).status_code == 404
    assert world.standin.state()["rows"] == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"quantity": 0}, 422),
        ({"quantity": True}, 422),
        ({"quantity": "1"}, 422),
        ({"product_id": "x"}, 422),
        ({"product_id": "11111111-1111-4111-8111-111111111111"}, 404),
        ({"client_id": "11111111-1111-4111-8111-111111111111"}, 403),
        ({"reference": "x" * 101}, 422),
    ],
)
def test_a_senseless_order_is_refused(world: World, content: dict[str, object], status: int) -> None:
    good = {"product_id": world.product, "quantity": 1}

    assert world.call("POST", "/api/orders", json={**good, **content}).status_code == status


def test_malformed_json_is_refused_without_a_trace(world: World) -> None:
    bearer = {"authorization": f"Bearer {world.token()}"}
    answer = world.http.post(f"{FUNCTION}/api/orders", headers=bearer, content=b'{"product_id": ')

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed_json"


@pytest.mark.parametrize("kind", ["products", "orders", "sites", "catalogs", "employees", "analytics-events"])
def test_another_tenants_things_are_refused(world: World, kind: str) -> None:
    theirs = world.first(kind, "SHOPPER_B")
    unknown = "999999" if kind == "analytics-events" else "11111111-1111-4111-8111-111111111111"

    assert world.call("GET", f"/api/{kind}/{theirs}", "SHOPPER_B").status_code == 200
    assert world.call("GET", f"/api/{kind}/{theirs}").status_code == 403
    assert world.call("GET", f"/api/{kind}/{unknown}").status_code == 404


def test_another_tenants_order_can_be_neither_changed_nor_removed(world: World) -> None:
    path = f"/api/orders/{world.order_of_b}"
    site = world.first("sites", "SHOPPER_B")
    before = world.standin.state()["rows"]

    assert world.call("PATCH", path, json={"quantity": 9}).status_code == 403
    assert world.call("DELETE", path).status_code == 403
    assert world.call("GET", f"/api/sites/{site}/catalog-config").status_code == 403
    assert world.call("GET", f"/api/orders?client_id={world.given['TENANT_B_ID']}").status_code == 403
    assert world.standin.state()["rows"] == before


def test_admin_routes_are_for_administrators(world: World) -> None:
    assert world.call("GET", "/api/admin/users", "ADMIN_A").json()["pagination"]["total"] == 1
    assert world.call("GET", "/api/admin/audit-logs", "ADMIN_A").json()["pagination"]["total"] == 5
    assert world.call("GET", "/api/admin/users").status_code == 403
    assert world.call("GET", "/api/admin/users", None).status_code == 401


def test_an_administrator_is_invited_and_removed_by_administrators_alone(world: World) -> None:
    before = world.standin.state()["rows"]
    path, person = "/api/admin/users", {"email": "another@new.example", "role": "viewer"}
    refused = [world.call("POST", path, who, person).status_code for who in ("SHOPPER_A", None)]
    invited = world.call("POST", path, "ADMIN_A", person)
    one = f"{path}/{invited.json()['id']}"

    assert refused == [403, 401]
    assert invited.status_code == 201
    assert world.call("POST", path, "ADMIN_A", person).status_code == 409
    assert world.call("POST", path, "ADMIN_A", {"email": "nobody"}).status_code == 422
    assert world.call("DELETE", one).status_code == 403
    assert world.call("DELETE", one, "ADMIN_A").status_code == 204
    assert world.call("DELETE", one, "ADMIN_A").status_code == 404
    assert world.standin.state()["rows"] == before


def test_an_administrator_the_audit_log_names_stays(world: World) -> None:
    admin = world.get("/api/admin/users", "ADMIN_A")["data"][0]["id"]

    assert world.call("DELETE", f"/api/admin/users/{admin}", "ADMIN_A").status_code == 409


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/products", "/api/orders/1", "/api", "/api/nothing"])
def test_nothing_below_api_is_served_without_a_token(world: World, method: str, path: str) -> None:
    world.standin.reset()
    answer = world.call(method, path, None)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_strange_host_header_opens_no_way_around_the_token(world: World) -> None:
    answer = world.http.get(f"{FUNCTION}/api/products", headers={"host": "localhost?"})

    assert answer.status_code == 401


def test_the_anon_key_is_no_user(world: World) -> None:
    assert world.bearing(world.given["SUPABASE_ANON_KEY"], "GET", "/api/products").status_code == 401


@pytest.mark.parametrize("path", ["/health", "/api/products", "/nothing"])
def test_every_answer_carries_the_security_headers(world: World, path: str) -> None:
    headers = world.call("GET", path, None).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "max-age" in headers["strict-transport-security"]
    assert "server" not in headers


def test_only_configured_origins_are_let_in(world: World) -> None:
    def origin(name: str) -> str:
        headers = world.http.get(f"{FUNCTION}/health", headers={"origin": name}).headers
        return str(headers.get("access-control-allow-origin", "nobody"))

    foreign = ("https://evil.example", "null", f"{ALLOWED}.evil.example")
    assert origin(ALLOWED) == ALLOWED
    assert {origin(name) for name in foreign} == {"nobody"}


def test_a_preflight_says_what_is_allowed(world: World) -> None:
    asks = {"origin": ALLOWED, "access-control-request-method": "POST"}

    answer = world.http.options(f"{FUNCTION}/api/orders", headers=asks)

    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_strong_password_makes_an_account_and_a_weak_one_does_not(world: World) -> None:
    def sign_up(password: str) -> tuple[int, str]:
        answer = world.http.post(
            "/auth/v1/signup",
            headers={"apikey": world.given["SUPABASE_ANON_KEY"]},
            json={"email": f"{len(password)}@new.example", "password": password},
        )
        return answer.status_code, answer.json().get("error_code", "")

    assert sign_up("password") == (422, "weak_password")
    assert sign_up("Str0ng-and-l0ng") == (200, "")


def test_the_data_api_shows_a_table_as_row_level_security_lets_it(world: World) -> None:
    own = world.rows("orders", "SHOPPER_A").json()

    assert {row["client_id"] for row in own} == {world.given["TENANT_A_ID"]}
    assert world.rows("orders", "SHOPPER_A", id=f"eq.{own[0]['id']}").json() == own[:1]
    assert world.rows("orders", "SHOPPER_A", id=f"eq.{world.order_of_b}").json() == []
    assert world.rows("admin_users", "SHOPPER_A").json() == []
    assert len(world.rows("orders", "SHOPPER_A", limit="2").json()) == 2


def test_the_data_api_is_closed_without_a_right_key_and_to_the_key_that_everybody_has(world: World) -> None:
    anonymous = world.rows("orders", None)
    nonsense = {"apikey": world.given["SUPABASE_ANON_KEY"], "authorization": "Bearer nonsense"}

    assert world.http.get("/rest/v1/orders").status_code == 401
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "42501")
    assert anonymous.headers["www-authenticate"] == "Bearer"
    assert world.http.get("/rest/v1/orders", headers=nonsense).status_code == 401


@pytest.mark.parametrize(("query", "status"), [({"client_id": "x"}, 400), ({"limit": "all"}, 400)])
def test_the_data_api_says_what_it_does_not_understand(
    world: World, query: dict[str, str], status: int
) -> None:
    assert world.rows("orders", "SHOPPER_A", **query).status_code == status


def test_the_data_api_knows_its_tables(world: World) -> None:
    assert world.rows("nothing", "SHOPPER_A").status_code == 404
    assert world.rows("webhook_events", "SHOPPER_A", nothing="eq.1").status_code == 404


@pytest.mark.parametrize(
    ("bearer", "status", "code"),
    [
        (lambda world: None, 401, "no_authorization"),
        (lambda world: world.given["SUPABASE_ANON_KEY"], 403, "not_admin"),
        (lambda world: world.token(), 403, "not_admin"),
        (lambda world: "nonsense", 403, "bad_jwt"),
    ],
    ids=["nobody", "the anon key", "a user", "nonsense"],
)
def test_accounts_are_for_the_platform_alone(
    world: World, bearer: Callable[[World], str | None], status: int, code: str
) -> None:
    token = bearer(world)
    headers = {"apikey": world.given["SUPABASE_ANON_KEY"]}
    headers |= {"authorization": f"Bearer {token}"} if token else {}

    answer = world.http.get("/auth/v1/admin/users", headers=headers)

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert world.http.get("/auth/v1/admin/users").status_code == 401
