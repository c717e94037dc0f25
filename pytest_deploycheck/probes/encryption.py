"""Whether the way to the database is encrypted, and whether the server at its end is who it should be."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERIFIED = "verify-full"
"""libpq's sslmode that checks the chain and the name."""

_HOME = Path("~/.postgresql/root.crt")
"""Where libpq looks for authorities by itself."""


@dataclass(frozen=True, slots=True)
class Tls:
    """What an environment asks for where the URL says nothing: `protected` means a verified server.

    `ca` is a PEM file of the authorities that may vouch for it.
    """

    protected: bool = False
    ca: Path | None = None

    def parameters(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Return libpq's parameters beside those that the URL has `given`."""
        chosen = {"sslmode": VERIFIED} if self.protected and "sslmode" not in given else {}
        mode = str(chosen.get("sslmode") or given.get("sslmode") or os.environ.get("PGSSLMODE", ""))
        if mode.startswith("verify-") and "sslrootcert" not in given:
            chosen |= self._authorities()
        return chosen

    def _authorities(self) -> dict[str, str]:
        if self.ca is not None:
            return {"sslrootcert": str(self.ca)}
        if "PGSSLROOTCERT" in os.environ or _HOME.expanduser().exists():
            return {}
        return {"sslrootcert": ssl.get_default_verify_paths().cafile or "system"}

    def explained(self, message: str, given: Mapping[str, Any]) -> str:
        """Say what to do about an error of libpq that is about encryption."""
        asks = f"sslmode={given['sslmode']}" if "sslmode" in given else "a protected environment"
        if "does not support SSL" in message:
            return f"the server offers no TLS, and {asks} asks for it; sslmode=... in the URL says otherwise"
        if "certificate verify failed" in message or "root certificate file" in message:
            return f"{message}: `ca` of the environment, or sslrootcert=... in the URL, says whom to trust"
        return message
