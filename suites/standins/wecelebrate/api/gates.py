"""What a request passes before a route sees it: both rate limits, login, tenant, role."""

import hmac
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, error_answer, forbidden, unauthorized
from suites.standins.wecelebrate.api.caller import PLATFORM, Caller
from suites.standins.wecelebrate.api.tokens import verify
from suites.standins.wecelebrate.api.webhooks import SENDERS

FUNCTION = "/functions/v1/server"
API = f"{FUNCTION}/api"
AUTH = "/auth/v1"
UNGUARDED: dict[str, Callable[[str, str], bool]] = {
    "products_public": lambda method, path: method == "GET" and path == f"{API}/products",
    "orders_post_public": lambda method, path: method == "POST" and path == f"{API}/orders",
    "orders_delete_public": lambda method, path: method == "DELETE" and path.startswith(f"{API}/orders/"),
    "api_route_public_sites": lambda method, path: method == "GET" and path == f"{API}/sites",
}
"""Fault → what it lets in without a token."""


class Gates:
    """Lets a request through, or answers it."""

    def __init__(self, app: ASGIApp, replica: Replica) -> None:
        self._app = app
        self._replica = replica

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one gate after the other."""
        if scope["type"] == "http":
            request = Request(scope)
            try:
                await self._pass(request)
            except ApiError as error:
                await error_answer(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _pass(self, request: Request) -> None:
        path = request.scope["path"]  # not request.url: the Host header is part of that
        address = request.headers.get("x-forwarded-for", "unknown")
        if _under(path, FUNCTION):
            await self._count(request, f"address:{address}")
        elif _under(path, AUTH):
            await self._count(request, f"auth:{address}")
        if _under(path, API):
            request.state.caller = caller = self._caller(request)
            _within_tenant(request, caller)
            if caller.user:
                await self._count(request, f"user:{caller.user}")
            if _under(path, f"{API}/admin") and not caller.is_admin:
                raise forbidden("this is for administrators")

    async def _count(self, request: Request, key: str) -> None:
        allowance = await self._replica.take(key)
        request.state.headers = {
            "ratelimit-limit": str(allowance.limit),
            "ratelimit-remaining": str(allowance.remaining),
            "ratelimit-reset": str(allowance.reset),
        }
        if not allowance.allowed:
            wait = {"retry-after": str(allowance.reset)}
            raise ApiError(429, "rate_limited", "too many requests", wait)

    def _caller(self, request: Request) -> Caller:
        fault = self._replica.fault
        authorization = request.headers.get("authorization", "")
        asked = request.method, request.scope["path"]
        if not authorization and any(fault(name) and lets_in(*asked) for name, lets_in in UNGUARDED.items()):
            return PLATFORM
        if self._is_platform(request, authorization):
            return PLATFORM
        try:
            return verify(self._replica, authorization)
        except ApiError as error:
            if error.status_code == unauthorized().status_code and fault("api_403_instead_of_401"):
                raise forbidden("a valid access token is required") from error
            raise

    def _is_platform(self, request: Request, authorization: str) -> bool:
        """Say whether the platform's own services ask, where they may: for the effects of webhooks."""
        key = f"Bearer {self._replica.settings['service_key']}"
        is_theirs = any(_under(request.scope["path"], f"{API}/{name}") for name in SENDERS)
        return is_theirs and hmac.compare_digest(authorization.encode(), key.encode())


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _within_tenant(request: Request, caller: Caller) -> None:
    """Refuse a caller that names another tenant than its own."""
    named = {request.headers.get("x-client-id"), *request.query_params.getlist("client_id")}
    if caller.tenant and named - {None, caller.tenant}:
        raise forbidden()
