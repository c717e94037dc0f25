"""What surrounds every answer: security headers, CORS, the replica's name, no traces."""

import re
import sys

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, error_answer
from suites.standins.wecelebrate.api.posture import security_headers

METHODS = "GET, POST, PATCH, DELETE, OPTIONS"
ALLOWED_HEADERS = "authorization, apikey, content-type, x-client-info"
EXPOSED_HEADERS = "ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after"


class Envelope:
    """Outermost: nothing leaves without these headers."""

    def __init__(self, app: ASGIApp, replica: Replica) -> None:
        self._app = app
        self._replica = replica

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights; add the headers to everything else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_preflight = _is_preflight(Request(scope))
        cors = self._cors(Headers(scope=scope).get("origin", ""), is_preflight=is_preflight)
        extra = {"x-replica": self._replica.name, **cors}
        sending = False

        async def enveloped(message: Message) -> None:
            nonlocal sending
            if message["type"] == "http.response.start":
                sending = True
                guards = security_headers(self._replica, message["status"])
                limits = scope["state"].get("headers", {})
                MutableHeaders(scope=message).update({**guards, **extra, **limits})
            await send(message)

        scope.setdefault("state", {})
        if is_preflight:
            await _preflight(extra)(scope, receive, enveloped)
            return
        try:
            await self._app(scope, receive, enveloped)
        except Exception as error:  # noqa: BLE001 - the last rim: no trace may leave
            sys.stderr.write(f"{self._replica.name}: {type(error).__name__}: {error}\n")
            if not sending:
                failure = ApiError(500, "internal_error", "something went wrong")
                await error_answer(failure)(scope, receive, enveloped)

    def _cors(self, origin: str, *, is_preflight: bool) -> dict[str, str]:
        is_waved_through = bool(origin) and is_preflight and self._replica.fault("cors_preflight_any_origin")
        if not (is_waved_through or self._lets_in(origin)):
            return {"vary": "origin"}
        return {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": EXPOSED_HEADERS,
            "vary": "origin",
        }

    def _lets_in(self, origin: str) -> bool:
        fault = self._replica.fault
        allowed = tuple(self._replica.settings["origins"])
        if origin in allowed:
            return not fault("cors_origin_missing")
        if not origin:
            return False
        hosts = tuple(name.removeprefix("https://") for name in allowed)
        return (
            fault("cors_any_origin")
            or (fault("cors_any_port") and origin.rpartition(":")[0] in allowed)
            or (fault("cors_dots_match_all") and any(re.fullmatch(name, origin) for name in allowed))
            or (origin == "null" and fault("cors_null_origin"))
            or (origin.removeprefix("http://") in hosts and fault("cors_http_downgrade"))
            or (origin.endswith(tuple(f".{host}" for host in hosts)) and fault("cors_any_subdomain"))
            or ((origin.startswith(allowed) or origin.endswith(hosts)) and fault("cors_suffix_origin"))
        )


def _is_preflight(request: Request) -> bool:
    asks = {"origin", "access-control-request-method"} <= set(request.headers)
    return request.method == "OPTIONS" and asks


def _preflight(headers: dict[str, str]) -> Response:
    if "access-control-allow-origin" not in headers:
        return Response(status_code=204)
    return Response(
        status_code=204,
        headers={
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": ALLOWED_HEADERS,
            "access-control-max-age": "600",
        },
    )
