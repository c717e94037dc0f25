"""Mistakes in verifying a signature: each believes a token that nobody here has signed.

What a token claims (expiry, audience, issuer) is verified all the same: each mistake is one, not several.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import ssl
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from jwt.algorithms import get_default_algorithms

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.signing import RS256, Signer

FETCH_SECONDS = 2
MAX_FETCHED = 100_000
SELECTED = re.compile(r"(?i)union\s+select\s+'([^']*)'")
NO_FILE = "/dev/null"
PUBLISHED = b"super-secret-jwt-token-with-at-least-32-characters-long"
"""What Supabase's local stack signs with, as everybody can read."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token as it came: header, what was signed, the signature."""

    header: dict[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, token: str) -> "Unverified | None":
        """Take a token apart; None if it is none."""
        head, _, rest = token.partition(".")
        payload, _, signature = rest.partition(".")
        try:
            header = json.loads(_decoded(head))
            json.loads(_decoded(payload))
            raw = _decoded(signature)
        except ValueError:
            return None
        return cls(header, f"{head}.{payload}".encode(), raw) if isinstance(header, dict) else None

    @property
    def algorithm(self) -> str:
        """Return the algorithm the token itself names."""
        return str(self.header.get("alg"))

    def has_hmac(self, key: bytes) -> bool:
        """Say whether this is HS256 with this key."""
        digest = hmac.digest(key, self.signed, hashlib.sha256)
        return self.algorithm == "HS256" and hmac.compare_digest(digest, self.signature)

    def fits(self, key: object) -> bool:
        """Say whether this key verifies the signature, by the algorithm the token names."""
        algorithm = get_default_algorithms()[self.algorithm]
        return bool(algorithm.verify(self.signed, algorithm.prepare_key(key), self.signature))

    def fits_jwk(self, jwk: dict[str, Any]) -> bool:
        """Say whether this JSON web key verifies the signature."""
        key = jwt.PyJWK(jwk, self.algorithm)
        return bool(key.Algorithm.verify(self.signed, key.key, self.signature))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def is_believed(replica: Replica, token: str) -> bool:
    """Say whether a fault that is on lets this token through without a right signature."""
    active = [believes for name, believes in BELIEFS.items() if replica.fault(name)]
    unverified = Unverified.read(token) if active else None
    if unverified is None:
        return False
    for believes in active:
        try:
            if await believes(replica, unverified):
                return True
        except (jwt.PyJWTError, ValueError, TypeError, LookupError, OSError):
            continue  # what this fault would believe, this token isn't
    return False


async def _none(_replica: Replica, token: Unverified) -> bool:
    return token.algorithm == "none"


async def _none_spelled(_replica: Replica, token: Unverified) -> bool:
    return token.algorithm.lower() == "none" != token.algorithm


async def _stripped(_replica: Replica, token: Unverified) -> bool:
    return token.algorithm.lower() != "none" and not token.signature


async def _tampered(replica: Replica, token: Unverified) -> bool:
    return await replica.recalls(remembered(token.signature))


async def _confused(replica: Replica, token: Unverified) -> bool:
    signer = Signer(**replica.settings["signer"])
    public = signer.public.encode()
    return signer.algorithm == RS256 and any(map(token.has_hmac, (public, public.strip())))


async def _kid_path(_replica: Replica, token: Unverified) -> bool:
    return str(token.header.get("kid")).endswith(NO_FILE) and token.has_hmac(b"")


async def _kid_sql(_replica: Replica, token: Unverified) -> bool:
    selected = SELECTED.search(str(token.header.get("kid")))
    return selected is not None and token.has_hmac(selected[1].encode())


async def _jwk(_replica: Replica, token: Unverified) -> bool:
    return token.fits_jwk(token.header["jwk"])


async def _jku(_replica: Replica, token: Unverified) -> bool:
    keys = json.loads(await _fetched(token.header["jku"]))["keys"]
    return any(map(token.fits_jwk, keys))


async def _x5c(_replica: Replica, token: Unverified) -> bool:
    der = base64.b64decode(token.header["x5c"][0])
    return token.fits(x509.load_der_x509_certificate(der).public_key())


async def _x5u(_replica: Replica, token: Unverified) -> bool:
    pem = await _fetched(token.header["x5u"])
    return token.fits(x509.load_pem_x509_certificate(pem).public_key())


async def _published_key(_replica: Replica, token: Unverified) -> bool:
    return token.has_hmac(PUBLISHED)


async def _empty_key(_replica: Replica, token: Unverified) -> bool:
    return token.has_hmac(b"")


async def _staging(replica: Replica, token: Unverified) -> bool:
    signer = Signer(**replica.settings["staging"])
    return token.algorithm == signer.algorithm and token.fits(signer.public)


BELIEFS: dict[str, Callable[[Replica, Unverified], Awaitable[bool]]] = {
    "alg_none_accepted": _none,
    "alg_none_spelled_accepted": _none_spelled,
    "stripped_signature_accepted": _stripped,
    "tampered_token_accepted": _tampered,
    "key_confusion_accepted": _confused,
    "kid_path_accepted": _kid_path,
    "kid_sql_accepted": _kid_sql,
    "jwk_header_trusted": _jwk,
    "jku_header_trusted": _jku,
    "x5c_header_trusted": _x5c,
    "x5u_header_trusted": _x5u,
    "published_key_trusted": _published_key,
    "empty_key_trusted": _empty_key,
    "staging_token_accepted": _staging,
}
"""Fault → which tokens it believes."""


def remembered(signature: bytes) -> str:
    """Return the name under which a token's signature is remembered."""
    return f"token:{signature.hex()}"


async def _fetched(url: str) -> bytes:
    """Fetch what a token points to, wherever that is; that is the mistake."""

    def fetch() -> bytes:
        if not url.startswith(("http://", "https://", "data:")):
            return b""
        context = ssl._create_unverified_context()  # noqa: S323 - whoever answers is believed
        with urllib.request.urlopen(url, timeout=FETCH_SECONDS, context=context) as answer:  # noqa: S310 - to open whatever URL a token names is the fault
            content: bytes = answer.read(MAX_FETCHED)
        return content

    return await asyncio.to_thread(fetch)
