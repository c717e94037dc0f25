"""Who asks: found out from what a request brings, or refused."""

import hmac
from collections.abc import Callable

from starlette.requests import Request

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, forbidden
from suites.standins.wecelebrate.api.caller import PLATFORM, Caller
from suites.standins.wecelebrate.api.paths import API, is_under
from suites.standins.wecelebrate.api.tokens import PARTS, verify
from suites.standins.wecelebrate.api.webhooks import SENDERS

UNGUARDED: dict[str, Callable[[str, str], bool]] = {
    "products_public": lambda method, path: method == "GET" and path == f"{API}/products",
    "orders_get_public": lambda method, path: method == "GET" and is_under(path, f"{API}/orders"),
    "orders_post_public": lambda method, path: method == "POST" and path == f"{API}/orders",
    "orders_patch_public": lambda method, path: method == "PATCH" and path.startswith(f"{API}/orders/"),
    "orders_delete_public": lambda method, path: method == "DELETE" and path.startswith(f"{API}/orders/"),
    "api_route_public_sites": lambda method, path: method == "GET" and path == f"{API}/sites",
    "employees_public": lambda method, path: method == "GET" and is_under(path, f"{API}/employees"),
    "site_config_public": lambda method, path: method == "GET" and path.endswith("/catalog-config"),
    "admin_users_public": lambda method, path: method == "GET" and path == f"{API}/admin/users",
}
"""Fault → what it lets in without a token."""
IN_QUERY = ("access_token", "token")


async def caller_by(request: Request, replica: Replica) -> Caller:
    """Return who asks."""
    given = request.headers.get("authorization")
    if not given and _is_unguarded(request, replica):
        return PLATFORM
    authorization = _authorization(request, replica)
    if _is_platform(request, replica, authorization) or _is_taken_at_its_word(replica, given):
        return PLATFORM
    try:
        return await verify(replica, authorization)
    except ApiError as error:
        if error.code == "unauthorized" and replica.fault("api_403_instead_of_401"):
            raise forbidden("a valid access token is required") from error
        raise


def _is_unguarded(request: Request, replica: Replica) -> bool:
    asked = request.method, request.scope["path"]
    return any(replica.fault(name) and lets_in(*asked) for name, lets_in in UNGUARDED.items())


def _authorization(request: Request, replica: Replica) -> str:
    given = request.headers.get("authorization", "")
    if not given and replica.fault("token_in_query_accepted"):
        return next((f"Bearer {request.query_params[n]}" for n in IN_QUERY if n in request.query_params), "")
    if replica.fault("wrong_scheme_accepted"):
        return f"Bearer {given.split()[-1]}" if given.split() else ""
    return given


def _is_platform(request: Request, replica: Replica, authorization: str) -> bool:
    """Say whether the platform's own services ask, where they may: for the effects of webhooks."""
    key = f"Bearer {replica.settings['service_key']}"
    is_theirs = any(is_under(request.scope["path"], f"{API}/{name}") for name in SENDERS)
    return is_theirs and hmac.compare_digest(authorization.encode(), key.encode())


def _is_taken_at_its_word(replica: Replica, given: str | None) -> bool:
    """Say whether a fault takes for a credential what is none."""
    if given is None:
        return False
    scheme, _, token = given.partition(" ")
    scheme, token = scheme.lower(), token.strip()
    is_bearer = scheme == "bearer"
    return (
        (not token and (is_bearer or not scheme) and replica.fault("empty_header_accepted"))
        or (scheme == "basic" and bool(token) and replica.fault("basic_credentials_accepted"))
        or (is_bearer and _is_nonsense(token) and replica.fault("nonsense_token_accepted"))
        or (is_bearer and token == replica.settings["anon_key"] and replica.fault("anon_key_accepted"))
    )


def _is_nonsense(token: str) -> bool:
    return bool(token) and token.count(".") != PARTS - 1
