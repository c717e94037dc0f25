"""Tokens that are right but for one thing, and the twin in which nothing is wrong."""

import secrets
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pytest_deploycheck.model.identity import Credentials, Forgery, SigningKey
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.secret import Secret

_HOUR = 3600
_HMAC = "HS"


def forged(
    real: Credentials, forgery: Forgery, signing: SigningKey, now: datetime
) -> Credentials | Inconclusive:
    """Return `real` with a forged token, sent in the same way. `now` is aware."""
    import jwt  # slow to import: it brings the cryptography package

    if real.token is None or not real.claims:
        return Inconclusive("only a JWT can be forged, and this identity holds none")
    token = real.token.reveal()
    claims = {**real.claims, **_times(real.claims, forgery, int(now.timestamp()))}
    try:
        header = jwt.get_unverified_header(token)
        header.pop("alg", None)
        made = Secret(_signed(claims, forgery, signing, header))
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
        reason = f"{type(error).__name__}: the signing key does not fit {signing.algorithm}"
        return Inconclusive(reason)
    headers = tuple((name, _replaced(value, token, made)) for name, value in real.headers)
    return Credentials(headers, made, claims)


def _replaced(value: Secret, old: str, new: Secret) -> Secret:
    return Secret(value.reveal().replace(old, new.reveal()))


def _times(claims: Mapping[str, Any], forgery: Forgery, now: int) -> dict[str, int]:
    """When the token was issued and when it ends (RFC 7519, 4.1.4 to 4.1.6)."""
    expired = forgery is Forgery.EXPIRED
    issued = now - 2 * _HOUR if expired else now
    times = {"iat": issued, "exp": now - _HOUR if expired else now + _HOUR}
    return {**times, "nbf": issued} if "nbf" in claims else times


def _signed(claims: dict[str, Any], forgery: Forgery, signing: SigningKey, header: dict[str, Any]) -> str:
    import jwt

    key = _stranger(signing) if forgery is Forgery.WRONG_KEY else signing.key.reveal()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the deployment's key may be short: that is not ours to say here
        return jwt.encode(claims, key, algorithm=signing.algorithm, headers=header)


def _stranger(signing: SigningKey) -> str | bytes:
    """A new key of the same kind: the same length for HMAC, the same type, size and curve otherwise."""
    if signing.algorithm.startswith(_HMAC):
        return secrets.token_bytes(max(32, len(signing.key.reveal())))
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    trusted = load_pem_private_key(signing.key.reveal().encode(), password=None)
    match trusted:
        case rsa.RSAPrivateKey():
            made: Any = rsa.generate_private_key(public_exponent=65537, key_size=trusted.key_size)
        case ec.EllipticCurvePrivateKey():
            made = ec.generate_private_key(trusted.curve)
        case ed25519.Ed25519PrivateKey():
            made = ed25519.Ed25519PrivateKey.generate()
        case ed448.Ed448PrivateKey():
            made = ed448.Ed448PrivateKey.generate()
        case _:
            raise TypeError(f"{type(trusted).__name__} signs no tokens")
    pem: bytes = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem
