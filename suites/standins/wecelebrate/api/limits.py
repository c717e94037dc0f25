"""The rate limits: of an address over the function, of an address at the auth service, of a user."""

import hmac
import time
from email.utils import formatdate

from starlette.requests import Request

from suites.standins.kit.limiter import Allowance
from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError
from suites.standins.wecelebrate.api.paths import AUTH

TOO_LOW, TOO_HIGH = 0.5, 1.5


def address_of(request: Request, replica: Replica) -> str:
    """Return the address that a request is counted for: what the balancer says, and nobody else."""
    fault = replica.fault
    if fault("real_ip_trusted") and (given := request.headers.get("x-real-ip")):
        return given
    if fault("client_ip_trusted") and (given := request.headers.get("x-client-ip")):
        return given
    if fault("forwarded_trusted") and (given := request.headers.get("forwarded")):
        return given
    # Of two headers this is the first: the client's own, where the balancer lets that through.
    return request.headers.get("x-forwarded-for", "unknown")


async def count(request: Request, replica: Replica, kind: str, key: str) -> None:
    """Count a request, unless it comes from the release gate; refuse it if there were too many."""
    fault = replica.fault
    if hmac.compare_digest(
        request.headers.get("x-gate-key", "").encode(), replica.settings["gate_key"].encode()
    ):
        return
    if fault("rate_limit_off") or replica.odd_fault("rate_limit_one_replica"):
        return
    if (kind == "auth" and fault("auth_limit_off")) or (kind == "user" and fault("user_limit_off")):
        return
    if kind == "auth" and fault("login_limit_off") and request.scope["path"] == f"{AUTH}/token":
        return
    if fault("rate_limit_by_url"):
        key += str(request.scope["query_string"])
    whose = f"{kind}:{key}:{replica.name}" if fault("rate_limit_per_replica") else f"{kind}:{key}"
    share = TOO_LOW if fault("rate_limit_too_low") else TOO_HIGH if fault("rate_limit_too_high") else 1.0
    allowance = await replica.take(whose, share, forgives=not fault("rate_limit_never_recovers"))
    request.state.headers = {
        "ratelimit-limit": str(allowance.limit),
        "ratelimit-remaining": str(_remaining(replica, allowance)),
        "ratelimit-reset": str(allowance.reset),
    }
    if not allowance.allowed:
        raise _refusal(replica, allowance.reset)


def _refusal(replica: Replica, seconds: int) -> ApiError:
    fault = replica.fault
    wait = {} if fault("retry_after_missing") else {"retry-after": _when(replica, seconds)}
    status = 403 if fault("rate_limit_wrong_status") else 429
    code = "oops" if fault("rate_limit_wrong_body") else "rate_limited"
    return ApiError(status, code, "too many requests", wait)


def _remaining(replica: Replica, allowance: Allowance) -> int:
    stuck = allowance.allowed and replica.fault("remaining_never_falls")
    return allowance.limit - 1 if stuck else allowance.remaining


def _when(replica: Replica, seconds: int) -> str:
    if replica.fault("retry_after_past"):
        return formatdate(time.time() - 60, usegmt=True)
    return "0" if replica.fault("retry_after_zero") else str(seconds)
