"""A token in its three parts (RFC 7515, 7.1), to be put together otherwise than a library would."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Compact:
    """A JWT: its header and claims as JSON, its signature as bytes; nothing is verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signature: bytes

    @property
    def signed_part(self) -> str:
        """What a signature is made over."""
        return f"{_encoded(self.header)}.{_encoded(self.claims)}"

    @property
    def text(self) -> str:
        """The token as it is sent."""
        return f"{self.signed_part}.{base64url(self.signature)}"

    def by_hmac(self, key: bytes, digest: str = "sha256") -> Self:
        """Return the token with a signature by HMAC with SHA-2, whatever its header says."""
        return replace(self, signature=hmac.digest(key, self.signed_part.encode(), digest))


def read_compact(token: str) -> Compact | None:
    """Return the parts of a token, or None where it is no JWT."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except ValueError:
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return Compact(header, claims, signature)


def base64url(data: bytes) -> str:
    """Return bytes in base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encoded(part: Mapping[str, Any]) -> str:
    return base64url(json.dumps(part, separators=(",", ":"), ensure_ascii=False).encode())


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
