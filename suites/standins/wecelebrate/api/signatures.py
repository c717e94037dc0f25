"""Webhook signatures as Stripe and as Svix write them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers

TOLERANCE = 300
"""Seconds by which a signature's time may be off, both ways: what both services' libraries take."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a delivery says was signed, when, and the signatures it brings."""

    time: int
    content: bytes
    signatures: tuple[bytes, ...]

    def fits(self, key: bytes) -> bool:
        """Say whether one of the signatures was made with this key."""
        expected = hmac.digest(key, self.content, hashlib.sha256)
        return any(hmac.compare_digest(expected, given) for given in self.signatures)


Read = Callable[[Headers, bytes], Signed | None]
"""Headers and body → what was signed; None if there is no signature that could be read."""


def stripe(headers: Headers, body: bytes) -> Signed | None:
    """Read `stripe-signature: t=1700000000,v1=…`, hexadecimal, over `t.body`."""
    pairs = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")]
    time = next((value for name, _, value in pairs if name == "t"), "")
    try:
        signatures = tuple(bytes.fromhex(value) for name, _, value in pairs if name == "v1")
    except ValueError:
        return None
    return _signed(time, f"{time}.".encode() + body, signatures)


def svix(headers: Headers, body: bytes) -> Signed | None:
    """Read `svix-signature: v1,…`, base64, over `id.timestamp.body`."""
    identity, time = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    pairs = [part.partition(",") for part in headers.get("svix-signature", "").split()]
    try:
        signatures = tuple(base64.b64decode(v, validate=True) for name, _, v in pairs if name == "v1")
    except binascii.Error:
        return None
    return _signed(time, f"{identity}.{time}.".encode() + body, signatures) if identity else None


def svix_key(secret: str) -> bytes:
    """Return the key that a secret `whsec_…` stands for."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def _signed(time: str, content: bytes, signatures: tuple[bytes, ...]) -> Signed | None:
    if not signatures or not time.isascii() or not time.isdigit() or len(time) > 12:
        return None
    return Signed(int(time), content, signatures)
