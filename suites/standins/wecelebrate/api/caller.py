"""Who asks: what a verified access token says."""

from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """A user of one tenant. Without a tenant: the platform itself, which sees all."""

    user: str | None = None
    tenant: str | None = None
    role: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    database_role: str = "authenticated"

    @property
    def is_admin(self) -> bool:
        """Say whether the caller administers the tenant."""
        return self.role == ADMIN

    def without_bounds(self) -> "Caller":
        """Return the caller as a mistake would let it in: bound to no tenant."""
        return self.within(None)

    def within(self, tenant: str | None) -> "Caller":
        """Return the caller as a mistake would let it act: past row-level security, in this tenant."""
        return replace(self, tenant=tenant, database_role="service_role")


PLATFORM = Caller(claims={"role": "service_role"}, database_role="service_role")
"""The platform's own services."""


def caller_of(request: Request) -> Caller:
    """Return who asks; the middleware has let nobody else through."""
    caller: Caller = request.state.caller
    return caller
