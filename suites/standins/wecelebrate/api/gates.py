"""What a request passes before a route sees it: both rate limits, login, tenant, role."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, error_answer, forbidden
from suites.standins.wecelebrate.api.blunders import leaked_by
from suites.standins.wecelebrate.api.bypasses import take_way_around
from suites.standins.wecelebrate.api.caller import PLATFORM, Caller
from suites.standins.wecelebrate.api.credentials import caller_by
from suites.standins.wecelebrate.api.limits import address_of, count
from suites.standins.wecelebrate.api.paths import API, AUTH, FUNCTION, is_under

ADMIN = f"{API}/admin"
FOR_ALL: dict[str, Callable[[str, str], bool]] = {
    "admin_users_open": lambda method, path: method == "GET" and path == f"{ADMIN}/users",
    "admin_audit_logs_open": lambda method, path: method == "GET" and path == f"{ADMIN}/audit-logs",
    "admin_invite_open": lambda method, path: method == "POST" and path == f"{ADMIN}/users",
    "admin_remove_open": lambda method, path: method == "DELETE" and is_under(path, f"{ADMIN}/users"),
}
"""Fault → what of the administrators' it opens to every user."""


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
                await self._refusal(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _pass(self, request: Request) -> None:
        path = request.scope["path"]  # not request.url: the Host header is part of that
        address = address_of(request, self._replica)
        if is_under(path, FUNCTION):
            await count(request, self._replica, "address", address)
        elif is_under(path, AUTH):
            await count(request, self._replica, "auth", address)
        if take_way_around(request, self._replica.fault, API):
            request.state.caller = PLATFORM
        elif is_under(path, API):
            caller = await caller_by(request, self._replica)
            request.state.caller = caller = self._within_tenant(request, caller)
            if caller.user:
                await count(request, self._replica, "user", caller.user)
            if self._overlooks_role(request):
                request.state.caller = caller.within(caller.tenant)
            elif is_under(path, ADMIN):
                request.state.caller = self._as_admin(request, caller)

    def _within_tenant(self, request: Request, caller: Caller) -> Caller:
        """Refuse a caller that names another tenant than its own."""
        fault = self._replica.fault
        by_query = request.query_params.get("client_id")
        by_header = request.headers.get("x-tenant-id", request.headers.get("x-client-id"))
        if caller.tenant and by_query and fault("tenant_by_query"):
            return caller.within(by_query)
        if caller.tenant and by_header and fault("tenant_by_header"):
            return caller.within(by_header)
        named = {request.headers.get("x-client-id"), *request.query_params.getlist("client_id")}
        if caller.tenant and named - {None, caller.tenant}:
            raise forbidden()
        return caller

    def _overlooks_role(self, request: Request) -> bool:
        """Say whether a fault reads a request for administrators otherwise than the routes do."""
        fault, path = self._replica.fault, request.scope["path"]
        if not is_under(path.lower(), ADMIN):
            return False
        if fault("admin_by_case") and not is_under(path, ADMIN):
            request.scope["path"] = path.lower()  # as routes that don't tell capitals apart
            return True
        is_head = request.method == "HEAD"
        is_overridden = "x-http-method-override" in request.headers
        return (is_head and fault("admin_by_head")) or (is_overridden and fault("admin_by_override"))

    def _as_admin(self, request: Request, caller: Caller) -> Caller:
        """Refuse everybody but administrators."""
        fault = self._replica.fault
        asked = request.method, request.scope["path"]
        if caller is PLATFORM or (caller.is_admin and not fault("admin_refused")):
            return caller
        if not caller.is_admin and any(fault(name) and opens(*asked) for name, opens in FOR_ALL.items()):
            return caller.within(caller.tenant)
        raise forbidden("this is for administrators")

    def _refusal(self, error: ApiError) -> ASGIApp:
        fault = self._replica.fault
        if error.code == "unauthorized" and fault("challenge_missing"):
            error.headers = None
        details = leaked_by(self._replica, error.code)
        return error_answer(error, **({"detail": "\n".join(details)} if details else {}))
