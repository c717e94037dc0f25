"""Claims that say more than what was signed: another role, another tenant, another user."""

import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

_ROLES = frozenset(
    {"role", "roles", "user_role", "groups", "permissions", "scope", "scp", "is_admin", "admin"}
)
_TENANTS = frozenset(
    {
        "tenant",
        "tenant_id",
        "tid",
        "client_id",
        "org",
        "org_id",
        "organization_id",
        "company_id",
        "account_id",
    }
)
"""Names of claims that usually tell the tenant; also one level down, as in app_metadata."""

_SOMEBODY = "00000000-0000-4000-8000-000000000001"


def another_role(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims of an administrator; a claim `role` is added where none tells the role."""
    return _changed(claims, _ROLES, _promoted) or {**claims, "role": "admin"}


def another_tenant(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims of another tenant; a claim `tenant` is added where none tells it."""
    return _changed(claims, _TENANTS, _other) or {**claims, "tenant": _SOMEBODY}


def another_subject(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims of another user."""
    return {**claims, "sub": _other(claims.get("sub"))}


def _changed(
    claims: Mapping[str, Any], names: Collection[str], change: Callable[[Any], Any]
) -> Mapping[str, Any] | None:
    """Return the claims with those of these names changed, or None if there are none."""
    made = {
        name: change(value)
        if name in names
        else (_changed(value, names, change) or value)
        if isinstance(value, dict)
        else value
        for name, value in claims.items()
    }
    return made if made != claims else None


def _promoted(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case bool():
            return True
        case list():
            return [*value, "admin"]
        case _:
            return "admin" if value != "admin" else "owner"


def _other(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return another value of the same sort."""
    match value:
        case int():
            return value + 1
        case list():
            return [_other(part) for part in value] or [_SOMEBODY]
        case _:
            return str(uuid.uuid5(uuid.NAMESPACE_OID, str(value)))
