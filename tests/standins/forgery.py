"""Tokens that nobody has issued, made from one that somebody has."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from tests.standins.world import World

OWN = rsa.generate_private_key(public_exponent=65537, key_size=2048)
Json = dict[str, Any]


def claims(world: World, **changes: object) -> Json:
    real: Json = jwt.decode(world.token(), options={"verify_signature": False})
    changed = {**real, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(world: World, header: Mapping[str, object], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims(world)).encode(), signature]
    return ".".join(map(part, parts))


def by_hmac(world: World, key: bytes, **header: object) -> str:
    start = unsigned(world, {"alg": "HS256", "typ": "JWT", **header}).rpartition(".")[0]
    return f"{start}.{part(hmac.digest(key, start.encode(), hashlib.sha256))}"


def by_own_key(world: World, **header: object) -> str:
    return jwt.encode(claims(world), OWN, "RS256", header)


def own_jwk() -> Json:
    return {**json.loads(RSAAlgorithm.to_jwk(OWN.public_key())), "kid": "own"}


def own_certificate(encoding: serialization.Encoding) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(OWN.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(OWN, hashes.SHA256()).public_bytes(encoding)


def as_data(content: bytes) -> str:
    return "data:application/json;base64," + base64.b64encode(content).decode()


def public_pem(world: World) -> bytes:
    key = jwt.PyJWKSet(world.http.get("/auth/v1/.well-known/jwks.json").json()["keys"]).keys[0].key
    pem: bytes = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem


def tampered(world: World) -> str:
    header, _, signature = world.token().split(".")
    return f"{header}.{part(json.dumps(claims(world, phone='changed')).encode())}.{signature}"


def stripped(world: World) -> str:
    return world.token().rpartition(".")[0] + "."
