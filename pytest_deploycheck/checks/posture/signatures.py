"""Signatures of webhook deliveries, as Stripe and Svix (Standard Webhooks) compute them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]

_SVIX_SECRET = "whsec_"  # noqa: S105 - what such secrets begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a sender of webhooks sends. `at` is Unix time; `signed` the body that the signature is of."""

    id: str
    at: int
    body: bytes
    signed: bytes

    def tampered(self, body: bytes) -> "Delivery":
        """The same delivery, its body changed after it was signed."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How a delivery is signed. `header` is where the signature goes, or what its headers begin with.

    `sign` takes a key, a delivery and `header`; without a key it returns what an unsigned delivery carries.
    """

    header: str
    key: Callable[[str], bytes]
    sign: Callable[[bytes | None, Delivery, str], Headers]


def _stripe(key: bytes | None, delivery: Delivery, header: str) -> Headers:
    """`t=TIME,v1=HEX` over `TIME.BODY` (Stripe, "Verify webhook signatures manually")."""
    if key is None:
        return ()
    text = b"%d.%b" % (delivery.at, delivery.signed)
    return ((header, f"t={delivery.at},v1={hmac.new(key, text, hashlib.sha256).hexdigest()}"),)


def _svix(key: bytes | None, delivery: Delivery, header: str) -> Headers:
    """`v1,BASE64` over `ID.TIME.BODY` (Standard Webhooks 1.0, "Signature scheme")."""
    told = ((f"{header}-id", delivery.id), (f"{header}-timestamp", str(delivery.at)))
    if key is None:
        return told
    text = b"%b.%d.%b" % (delivery.id.encode(), delivery.at, delivery.signed)
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return (*told, (f"{header}-signature", f"v1,{signature}"))


def _svix_key(secret: str) -> bytes:
    """Raises ValueError if the part after `whsec_` is not base64."""
    try:
        return base64.b64decode(secret.removeprefix(_SVIX_SECRET), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


SCHEMES: Mapping[str, Scheme] = {
    "stripe": Scheme(header="Stripe-Signature", key=str.encode, sign=_stripe),
    "svix": Scheme(header="svix", key=_svix_key, sign=_svix),
}


def stranger(key: bytes) -> bytes:
    """Return a key of the same length that is not the right one."""
    return hashlib.shake_256(b"deploycheck stranger" + key).digest(max(16, len(key)))
