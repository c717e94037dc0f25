"""The claims of a token as settings of a transaction, where row-level security reads them."""

import json
from collections.abc import Mapping
from typing import Any

_LEGACY = ("sub", "role", "email")


def as_settings(claims: Mapping[str, Any]) -> dict[str, str]:
    """As PostgREST has them, and as it had them before version 9: one setting for each claim."""
    legacy = {f"request.jwt.claim.{name}": claims.get(name) for name in _LEGACY}
    return {
        "request.jwt.claims": json.dumps(claims, ensure_ascii=False, default=str),
        **{name: value if isinstance(value, str) else "" for name, value in legacy.items()},
    }
