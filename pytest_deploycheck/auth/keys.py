"""Keys: those of a stranger, like the deployment's or brought along; and the public half of a private one."""

import base64
import json
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from pytest_deploycheck.model.identity import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_HMAC = "HS"
_RSA_BITS = 2048
_CURVES = {"ES256": "SECP256R1", "ES384": "SECP384R1", "ES512": "SECP521R1"}
_SHORTEST = 32


def signed(
    claims: Mapping[str, Any], key: "str | bytes | PrivateKeyTypes", algorithm: str, header: Mapping[str, Any]
) -> str:
    """Return a token. Raises what PyJWT raises if the key does not fit the algorithm."""
    import jwt  # slow to import: it brings the cryptography package

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the deployment's key may be short: that is not ours to say here
        return jwt.encode(dict(claims), key, algorithm=algorithm, headers=dict(header))  # type: ignore[arg-type]  # its stubs name the types of keys one by one


def public_pem(signing: SigningKey) -> bytes:
    """Return the public key in PEM, of a private key or of one that is public already.

    Raises:
        ValueError: if it is neither.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    pem = signing.key.reveal().encode()
    public = load_pem_public_key(pem) if b"PUBLIC KEY" in pem else _private(pem).public_key()
    made: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return made


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody with a key of their own, which no deployment trusts."""

    algorithm: str
    key: Any
    """Bytes for HMAC, else a private key."""
    kid: str = "stranger"

    @classmethod
    def like(cls, algorithm: str, signing: SigningKey | None) -> Self:
        """Return one whose key is of the sort that signs the deployment's tokens."""
        if algorithm.startswith(_HMAC):
            length = len(signing.key.reveal()) if signing else _SHORTEST
            return cls(algorithm, secrets.token_bytes(max(_SHORTEST, length)))
        if signing and "PRIVATE KEY" in signing.key.reveal():
            return cls(algorithm, _twin(_private(signing.key.reveal().encode())))
        if signing and "PUBLIC KEY" not in signing.key.reveal():
            raise ValueError("neither a private nor a public key")
        return cls(algorithm, _fresh(algorithm))

    @classmethod
    def asymmetric(cls, algorithm: str) -> Self:
        """Return one with a key pair, for the deployment's algorithm, or RS256 where that is symmetric."""
        chosen = "RS256" if algorithm.startswith(_HMAC) else algorithm
        return cls(chosen, _fresh(chosen))

    def sign(self, claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
        """Return a token that this key signs."""
        return signed(claims, self.key, self.algorithm, header)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as RFC 7517 writes it."""
        from jwt.algorithms import get_default_algorithms

        public = get_default_algorithms()[self.algorithm].to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig", "key_ops": ["verify"]}

    @property
    def jwks_url(self) -> str:
        """A set of keys that needs no server (RFC 2397)."""
        return _data_url("application/json", json.dumps({"keys": [self.jwk]}).encode())

    @property
    def certificate(self) -> str:
        """A certificate of the key, signed by itself, as a header carries it (RFC 7515, 4.1.6)."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return base64.b64encode(_certificate(self.key).public_bytes(Encoding.DER)).decode()

    @property
    def certificate_url(self) -> str:
        """A certificate of the key, signed by itself, that needs no server."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return _data_url("application/x-pem-file", _certificate(self.key).public_bytes(Encoding.PEM))


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _private(pem: bytes) -> Any:  # noqa: ANN401 - one of a union of unrelated types
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, password=None)


def _twin(trusted: "PrivateKeyTypes") -> Any:  # noqa: ANN401 - as above
    """Return a new key of the same type, size and curve."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    match trusted:
        case rsa.RSAPrivateKey():
            return rsa.generate_private_key(public_exponent=65537, key_size=trusted.key_size)
        case ec.EllipticCurvePrivateKey():
            return ec.generate_private_key(trusted.curve)
        case ed25519.Ed25519PrivateKey():
            return ed25519.Ed25519PrivateKey.generate()
        case ed448.Ed448PrivateKey():
            return ed448.Ed448PrivateKey.generate()
        case _:
            raise TypeError(f"{type(trusted).__name__} signs no tokens")


def _fresh(algorithm: str) -> Any:  # noqa: ANN401 - as above
    """Return a new key for an algorithm (RFC 7518, 3.1)."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm in _CURVES:
        return ec.generate_private_key(getattr(ec, _CURVES[algorithm])())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm.startswith(("RS", "PS")):
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    raise ValueError(f"no keys for {algorithm}")


def _certificate(key: Any) -> Any:  # noqa: ANN401 - as above
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    )
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256())
