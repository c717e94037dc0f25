"""Another environment of the same system: its access tokens are good ones, but not here."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

from suites.standins.wecelebrate.seed import Tenant
from suites.standins.wecelebrate.signing import Signer

ISSUER = "https://staging.wecelebrate.example/auth/v1"
DAY = 86400


@dataclass(frozen=True, slots=True)
class Staging:
    """Signs with a key of its own, and calls itself by another name."""

    signer: Signer

    def token(self, tenant: Tenant) -> str:
        """Return what a login of the tenant's first person gives there."""
        now = int(time.time())
        metadata = {"provider": "email", "client_id": tenant.id("client"), "role": tenant.people[0].role}
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": tenant.id("user"),
            "aud": "authenticated",
            "exp": now + DAY,
            "iat": now,
            "email": tenant.people[0].email,
            "app_metadata": metadata,
            "role": "authenticated",
            "session_id": str(uuid.uuid4()),
        }
        return self.signer.sign(claims)
