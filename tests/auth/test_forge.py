"""Forgeries: one thing wrong, everything else right."""

from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from pytest_deploycheck.auth.forge import forged
from pytest_deploycheck.model.identity import Credentials, Forgery, SigningKey
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.secret import Secret
from tests.auth.tokens import CLAIMS, KEY, TOKEN

NOW = datetime.now(UTC)
SECOND = int(NOW.timestamp())
REAL = Credentials(
    (("apikey", Secret("k")), ("Authorization", Secret(f"Bearer {TOKEN}"))), Secret(TOKEN), CLAIMS
)
SIGNING = SigningKey(key=Secret(KEY))


def forge(forgery: Forgery, signing: SigningKey = SIGNING) -> str:
    made = forged(REAL, forgery, signing, NOW)
    assert isinstance(made, Credentials)
    assert made.token is not None
    assert made.headers == (
        ("apikey", Secret("k")),
        ("Authorization", Secret(f"Bearer {made.token.reveal()}")),
    )
    return made.token.reveal()


def test_a_renewed_token_is_right_in_every_way() -> None:
    token = forge(Forgery.RENEWED)

    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {
        **CLAIMS,
        "iat": SECOND,
        "nbf": SECOND,
        "exp": SECOND + 3600,
    }
    assert jwt.get_unverified_header(token)["kid"] == "k1"


def test_an_expired_token_is_rightly_signed() -> None:
    token = forge(Forgery.EXPIRED)

    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, KEY, algorithms=["HS256"])
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["exp"] == SECOND - 3600
    assert claims["iat"] == claims["nbf"] == SECOND - 7200


def test_a_token_of_a_stranger_has_right_times() -> None:
    token = forge(Forgery.WRONG_KEY)

    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, KEY, algorithms=["HS256"])
    assert jwt.decode(token, options={"verify_signature": False})["exp"] == SECOND + 3600


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
        ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["RS256", "ES256", "EdDSA"],
)
def test_private_keys_sign_too(
    algorithm: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing = SigningKey(key=Secret(pem), algorithm=algorithm)

    assert jwt.decode(forge(Forgery.RENEWED, signing), public, algorithms=[algorithm])["sub"] == "u1"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(forge(Forgery.WRONG_KEY, signing), public, algorithms=[algorithm])


def test_a_short_key_of_the_deployment_is_no_trouble_here() -> None:
    assert forge(Forgery.RENEWED, SigningKey(key=Secret("short")))


def test_what_is_no_jwt_cannot_be_forged() -> None:
    assert forged(Credentials(token=Secret("opaque")), Forgery.EXPIRED, SIGNING, NOW) == Inconclusive(
        "only a JWT can be forged, and this identity holds none"
    )


@pytest.mark.parametrize("algorithm", ["RS256", "HS1"])
def test_a_key_that_does_not_fit_forges_nothing_and_is_not_shown(algorithm: str) -> None:
    made = forged(REAL, Forgery.RENEWED, SigningKey(key=Secret(KEY), algorithm=algorithm), NOW)

    assert isinstance(made, Inconclusive)
    assert made.reason.endswith(f"the signing key does not fit {algorithm}")
    assert KEY not in made.reason
