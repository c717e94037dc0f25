"""What access tokens are signed with: a shared secret, or a key pair whose public half is published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

HS256, RS256 = "HS256", "RS256"
KID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs access tokens, and says with what they are verified."""

    algorithm: str
    private: str
    """The secret, or the private key as PEM."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token."""
        headers = {"kid": self.kid} if self.algorithm == RS256 else None
        return jwt.encode(dict(claims), self.private, algorithm=self.algorithm, headers=headers)

    @property
    def public(self) -> str:
        """Return what verifies a token: the secret again, or the public key as PEM."""
        return _public(self.private) if self.algorithm == RS256 else self.private

    @property
    def kid(self) -> str:
        """Return the name of the key pair."""
        return _kid(self.public)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys as they are published: none where a secret is shared."""
        if self.algorithm != RS256:
            return {"keys": []}
        jwk = json.loads(RSAAlgorithm.to_jwk(_load(self.private).public_key()))
        return {"keys": [{**jwk, "kid": self.kid, "alg": RS256, "use": "sig", "key_ops": ["verify"]}]}


def new_key() -> str:
    """Return a new private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def _load(private: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def _public(private: str) -> str:
    key = _load(private).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


@cache
def _kid(public: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public.encode())
    return digest.finalize().hex()[:KID_LENGTH]
