"""Faults of authentication and roles: what shows them, and what it shows while they are on."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from tests.standins import forgery
from tests.standins.world import FUNCTION, World, claims_of

Observe = Callable[[World], Any]
SITES = f"{FUNCTION}/api/sites"
LATER = 4_000_000_000


def anonymous(method: str, path: str, content: object = None) -> Observe:
    return lambda world: world.call(method, path, None, json=content).status_code


def header(value: str | Callable[[World], str]) -> Observe:
    def observe(world: World) -> int:
        given = value if isinstance(value, str) else value(world)
        return world.http.get(SITES, headers={"authorization": given}).status_code

    return observe


def token(make: Callable[[World], str]) -> Observe:
    return header(lambda world: f"Bearer {make(world)}")


def raw(method: str, path: str, headers: dict[str, str] | None = None) -> Observe:
    return lambda world: world.http.request(method, f"{FUNCTION}{path}", headers=headers).status_code


def tampered_after_use(world: World) -> int:
    world.call("GET", "/api/sites")
    return world.bearing(forgery.tampered(world), "GET", "/api/sites").status_code


def expired_in_turn(world: World) -> list[int]:
    expired = world.forged(iat=1_700_000_000, exp=1_700_003_600)
    return sorted(world.bearing(expired, "GET", "/api/sites").status_code for _ in range(4))


def just_expired(world: World) -> str:
    now = int(time.time())
    return world.forged(iat=now - 4000, exp=now - 400)


def without_end(world: World) -> str:
    key = world.given["SUPABASE_JWT_SECRET"].encode()
    content = [b'{"alg": "HS256"}', json.dumps(forgery.claims(world, exp=None)).encode()]
    return resigned(".".join(map(forgery.part, content)), key)


def resigned(start: str, key: bytes) -> str:
    return f"{start}.{forgery.part(hmac.digest(key, start.encode(), hashlib.sha256))}"


def config(world: World) -> int:
    path = f"/api/sites/{world.first('sites')}/catalog-config"
    return world.call("GET", path, None).status_code


def shown_to_everybody(world: World) -> int:
    world.call("GET", "/api/products")
    return world.call("GET", "/api/products", None).status_code


def patched(world: World) -> int:
    path = f"/api/orders/{world.order().json()['id']}"
    return world.call("PATCH", path, None, json={"quantity": 5}).status_code


def challenge(world: World) -> bool:
    return "www-authenticate" in world.call("GET", "/api/sites", None).headers


def seen(path: str) -> Observe:
    return lambda world: len(world.get(path).get("data", []))


def overridden(world: World) -> int:
    headers = {"authorization": f"Bearer {world.token()}", "x-http-method-override": "OPTIONS"}
    return world.http.get(f"{FUNCTION}/api/admin/users", headers=headers).status_code


def invites(world: World) -> int:
    person = {"email": f"{uuid.uuid4()}@new.example"}
    return world.call("POST", "/api/admin/users", json=person).status_code


def removes(world: World) -> int:
    person = {"email": f"{uuid.uuid4()}@new.example"}
    invited = world.call("POST", "/api/admin/users", "ADMIN_A", person).json()["id"]
    return world.call("DELETE", f"/api/admin/users/{invited}").status_code


def administers(world: World) -> list[int]:
    paths = ("/api/admin/users", "/api/admin/audit-logs")
    return [world.call("GET", path, "ADMIN_A").status_code for path in paths]


def removes_unknown_payment(world: World) -> int:
    return world.call("DELETE", f"/api/payments/{uuid.uuid4()}").status_code


def lists_accounts(world: World) -> int:
    key = world.given["SUPABASE_ANON_KEY"]
    headers = {"apikey": key, "authorization": f"Bearer {key}"}
    return world.http.get("/auth/v1/admin/users", headers=headers).status_code


CREDENTIAL_CASES: dict[str, tuple[Observe, Any]] = {
    "orders_get_public": (anonymous("GET", "/api/orders"), 200),
    "orders_patch_public": (patched, 200),
    "employees_public": (anonymous("GET", "/api/employees"), 200),
    "site_config_public": (config, 200),
    "admin_users_public": (anonymous("GET", "/api/admin/users"), 200),
    "empty_header_accepted": (header("Bearer"), 200),
    "basic_credentials_accepted": (header("Basic " + base64.b64encode(b"a:b").decode()), 200),
    "wrong_scheme_accepted": (header(lambda world: f"Token {world.token()}"), 200),
    "nonsense_token_accepted": (header("Bearer nonsense"), 200),
    "alg_none_accepted": (token(lambda world: forgery.unsigned(world, {"alg": "none"})), 200),
    "alg_none_spelled_accepted": (token(lambda world: forgery.unsigned(world, {"alg": "nOnE"})), 200),
    "stripped_signature_accepted": (token(forgery.stripped), 200),
    "tampered_token_accepted": (tampered_after_use, 200),
    "key_confusion_accepted": (token(lambda w: forgery.by_hmac(w, forgery.public_pem(w))), 200),
    "kid_path_accepted": (token(lambda w: forgery.by_hmac(w, b"", kid="../../../dev/null")), 200),
    "kid_sql_accepted": (token(lambda w: forgery.by_hmac(w, b"own", kid="x' UNION SELECT 'own' --")), 200),
    "jwk_header_trusted": (token(lambda w: forgery.by_own_key(w, jwk=forgery.own_jwk())), 200),
    "jku_header_trusted": (
        token(
            lambda world: forgery.by_own_key(
                world, jku=forgery.as_data(json.dumps({"keys": [forgery.own_jwk()]}).encode())
            )
        ),
        200,
    ),
    "x5c_header_trusted": (
        token(
            lambda world: forgery.by_own_key(
                world, x5c=[base64.b64encode(forgery.own_certificate(Encoding.DER)).decode()]
            )
        ),
        200,
    ),
    "x5u_header_trusted": (
        token(lambda w: forgery.by_own_key(w, x5u=forgery.as_data(forgery.own_certificate(Encoding.PEM)))),
        200,
    ),
    "published_key_trusted": (
        token(lambda w: forgery.by_hmac(w, b"super-secret-jwt-token-with-at-least-32-characters-long")),
        200,
    ),
    "empty_key_trusted": (token(lambda w: forgery.by_hmac(w, b"")), 200),
    "not_yet_valid_accepted": (token(lambda world: world.forged(nbf=LATER, exp=LATER + 60)), 200),
    "endless_token_accepted": (token(without_end), 200),
    "expired_accepted_one_replica": (expired_in_turn, [200, 200, 401, 401]),
    "expired_within_leeway": (token(just_expired), 200),
    "wrong_issuer_accepted": (token(lambda world: world.forged(iss="https://elsewhere.example")), 200),
    "wrong_audience_accepted": (token(lambda world: world.forged(aud="elsewhere")), 200),
    "staging_token_accepted": (token(lambda world: world.given["STAGING_ACCESS_TOKEN"]), 200),
    "anon_key_accepted": (token(lambda world: world.given["SUPABASE_ANON_KEY"]), 200),
    "answers_cached": (shown_to_everybody, 200),
    "staging_token_expired": (
        lambda world: claims_of(world.standin.variables(), "STAGING_ACCESS_TOKEN")["exp"] < time.time(),
        True,
    ),
    "token_in_query_accepted": (
        lambda world: world.http.get(f"{SITES}?access_token={world.token()}").status_code,
        200,
    ),
    "challenge_missing": (challenge, False),
    "bypass_head": (raw("HEAD", "/api/sites"), 200),
    "bypass_options": (raw("OPTIONS", "/api/sites"), 200),
    "bypass_method_override": (raw("POST", "/api/sites", {"x-http-method-override": "GET"}), 200),
    "bypass_method_in_query": (raw("OPTIONS", "/api/sites?_method=GET"), 200),
    "bypass_encoded_letter": (raw("GET", "/api/%73ites"), 200),
    "bypass_trailing_slash": (raw("GET", "/api/sites/"), 200),
    "bypass_case": (raw("GET", "/api/Sites"), 200),
    "bypass_double_slash": (raw("GET", "//api/sites"), 200),
    "bypass_encoded_slash": (raw("GET", "/api%2Fsites"), 200),
    "bypass_path_parameter": (raw("GET", "/api/sites;x=1"), 200),
    "admin_users_open": (seen("/api/admin/users"), 1),
    "admin_audit_logs_open": (seen("/api/admin/audit-logs"), 5),
    "admin_invite_open": (invites, 201),
    "admin_remove_open": (removes, 204),
    "admin_by_case": (seen("/api/ADMIN/users"), 1),
    "admin_by_head": (lambda world: world.call("HEAD", "/api/admin/users").status_code, 200),
    "admin_by_override": (overridden, 200),
    "admin_refused": (administers, [403, 403]),
    "platform_routes_open": (removes_unknown_payment, 404),
    "auth_admin_open": (lists_accounts, 200),
}
