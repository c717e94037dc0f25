"""Faults of headers, CORS, errors, input and what is served: what shows them, and how."""

import socket
import ssl
import warnings
from collections.abc import Callable
from typing import Any

import httpx

from tests.standins.world import FUNCTION, World

Observe = Callable[[World], Any]
ALLOWED = "https://wecelebrate.example"


def has(path: str, *names: str) -> Observe:
    """Which of these headers an answer has."""

    def observe(world: World) -> list[str]:
        headers = world.call("GET", path, None).headers
        return [name for name in names if name in headers]

    return observe


def value(name: str) -> Observe:
    return lambda world: world.call("GET", "/health", None).headers.get(name)


def nosniff_in_turn(world: World) -> int:
    answers = [world.call("GET", "/health", None) for _ in range(4)]
    return sum("x-content-type-options" in answer.headers for answer in answers)


def lets_in(origin: str) -> Observe:
    def observe(world: World) -> bool:
        headers = world.http.get(f"{FUNCTION}/health", headers={"origin": origin}).headers
        return bool(headers.get("access-control-allow-origin") == origin)

    return observe


def preflight(world: World) -> tuple[bool, bool]:
    origin = "https://evil.example"
    asks = {"origin": origin, "access-control-request-method": "POST"}
    headers = world.http.options(f"{FUNCTION}/api/orders", headers=asks).headers
    return headers.get("access-control-allow-origin") == origin, lets_in(origin)(world)


def post(world: World, content: bytes) -> httpx.Response:
    headers = {"authorization": f"Bearer {world.token()}", "content-type": "application/json"}
    return world.http.post(f"{FUNCTION}/api/orders", headers=headers, content=content)


def sent(content: bytes) -> Observe:
    return lambda world: post(world, content).status_code


def says(*words: str) -> Observe:
    """Whether errors of two kinds hold all of these words."""

    def observe(world: World) -> bool:
        texts = [
            post(world, b"{").text,
            world.call("GET", "/api/orders/x").text,
            world.call("GET", "/x").text,
        ]
        return all(word in text for word in words for text in texts)

    return observe


def leaks_key(world: World) -> bool:
    return world.given["SUPABASE_SERVICE_ROLE_KEY"] in post(world, b"{").text


def reflected(world: World) -> tuple[str, bool]:
    answer = world.call("GET", "/api/products?search=<script>alert(1)</script>")
    return answer.headers["content-type"].partition(";")[0], "<script>" in answer.text


def served(path: str) -> Observe:
    return lambda world: [world.http.get(prefix + path).status_code for prefix in ("", FUNCTION)]


def unknown_user(world: World) -> bool:
    def refusal(email: str) -> dict[str, Any]:
        answer: dict[str, Any] = world.http.post(
            "/auth/v1/token?grant_type=password",
            headers={"apikey": world.given["SUPABASE_ANON_KEY"]},
            json={"email": email, "password": "wrong"},
        ).json()
        return answer

    return bool(refusal("nobody@new.example") == refusal(world.given["SHOPPER_A_EMAIL"]))


def cookie(world: World) -> bool:
    answer = world.login("SHOPPER_A")
    world.http.cookies.clear()
    return "set-cookie" in answer.headers


def handshake(world: World) -> str:
    context = ssl.create_default_context(cafile=world.given["CA_FILE"])
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    address = ("127.0.0.1", int(world.given["SUPABASE_URL"].rpartition(":")[2]))
    try:
        with (
            socket.create_connection(address, timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            return str(line.version())
    except ssl.SSLError as error:
        return str(error.reason)


def plainly(world: World) -> tuple[int, str]:
    answer = httpx.get(f"{world.given['PLAIN_URL']}{FUNCTION}/health")
    return answer.status_code, answer.headers.get("location", "").partition(":")[0]


def described(path: str) -> Observe:
    return lambda world: path in world.http.get(f"{FUNCTION}/openapi.json").json()["paths"]


def script_holds_key(path: str) -> Observe:
    return lambda world: world.given["SUPABASE_SERVICE_ROLE_KEY"] in world.http.get(path).text


def attributes(world: World) -> list[str]:
    """Which of three guards the page's cookie has."""
    said = world.http.get("/").headers["set-cookie"]
    world.http.cookies.clear()
    return [name for name in ("Secure", "HttpOnly", "SameSite") if f"; {name}" in said]


def quiet(world: World) -> list[bool]:
    """Whether a 403, a 422 and a 404 keep the code to themselves."""
    answers = (world.call("GET", "/api/admin/users"), post(world, b"[]"), world.call("GET", "/x"))
    return ["detail" not in answer.json()["error"] for answer in answers]


def source_map(world: World) -> tuple[bool, int]:
    script = world.http.get("/assets/app.js").text
    return "sourceMappingURL" in script, world.http.get("/assets/app.js.map").status_code


POSTURE_CASES: dict[str, tuple[Observe, Any]] = {
    "nosniff_missing_on_success": (has("/health", "x-content-type-options"), []),
    "nosniff_missing_on_errors": (has("/api/sites", "x-content-type-options"), []),
    "nosniff_missing_one_replica": (nosniff_in_turn, 2),
    "framing_allowed_on_success": (has("/health", "x-frame-options", "content-security-policy"), []),
    "framing_allowed_on_errors": (has("/api/sites", "x-frame-options", "content-security-policy"), []),
    "hsts_missing_on_success": (has("/health", "strict-transport-security"), []),
    "hsts_missing_on_errors": (has("/api/sites", "strict-transport-security"), []),
    "hsts_short": (value("strict-transport-security"), "max-age=300"),
    "referrer_policy_missing_on_success": (has("/health", "referrer-policy"), []),
    "referrer_policy_missing_on_errors": (has("/api/sites", "referrer-policy"), []),
    "tls_old_versions": (handshake, "TLSv1.1"),
    "plain_http_served": (plainly, (200, "")),
    "plain_http_for_now": (plainly, (302, "https")),
    "route_undeclared": (described("/api/exports"), True),
    "login_any_password": (lambda world: world.login("SHOPPER_A", "wrong").status_code, 200),
    "bundle_holds_secret": (script_holds_key("/assets/app.js"), True),
    "chunk_holds_secret": (script_holds_key("/assets/admin.js"), True),
    "source_map_elsewhere": (lambda world: world.http.get("/assets/maps/app.json").status_code, 200),
    "source_map_served": (source_map, (True, 200)),
    "server_banner": (value("server"), "nginx/1.18.0 (Ubuntu)"),
    "powered_by_banner": (value("x-powered-by"), "Express"),
    "cors_http_downgrade": (lets_in("http://wecelebrate.example"), True),
    "cors_any_port": (lets_in(f"{ALLOWED}:8443"), True),
    "cors_dots_match_all": (lets_in("https://wecelebrate-example"), True),
    "cors_any_subdomain": (lets_in("https://evil.wecelebrate.example"), True),
    "cors_preflight_any_origin": (preflight, (True, False)),
    "error_leaks_trace": (says("Traceback", "KeyError"), True),
    "error_leaks_query": (says("SELECT", "auth.users"), True),
    "error_leaks_path": (says("/home/deploy/"), True),
    "error_leaks_secret": (leaks_key, True),
    "refusals_leak_trace": (quiet, [False, True, True]),
    "validation_leaks_query": (quiet, [True, False, True]),
    "odd_id_500": (lambda world: world.call("GET", "/api/orders/none").status_code, 500),
    "malformed_json_500": (sent(b"{"), 500),
    "wrong_type_500": (sent(b'{"product_id": [], "quantity": {}}'), 500),
    "oversized_500": (sent(b"[" + b" " * 200_000 + b"]"), 500),
    "search_quote_500": (lambda world: world.call("GET", "/api/products?search='").status_code, 500),
    "markup_reflected": (reflected, ("text/html", True)),
    "metrics_open": (served("/metrics"), [200, 200]),
    "debug_open": (served("/debug"), [200, 200]),
    "env_file_served": (served("/.env"), [200, 200]),
    "git_folder_served": (served("/.git/config"), [200, 200]),
    "login_tells_unknown_users": (unknown_user, False),
    "cookie_not_secure": (attributes, ["HttpOnly", "SameSite"]),
    "cookie_for_scripts": (attributes, ["Secure", "SameSite"]),
    "cookie_from_other_sites": (attributes, ["Secure", "HttpOnly"]),
    "session_cookie_insecure": (cookie, True),
}
