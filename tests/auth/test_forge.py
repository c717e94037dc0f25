"""Forgeries: one thing wrong, everything else right."""

import urllib.request
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from pytest_deploycheck.auth.compact import Compact, read_compact
from pytest_deploycheck.auth.forge import _MAKERS, forged
from pytest_deploycheck.auth.keys import Stranger
from pytest_deploycheck.auth.tamper import another_role, another_subject, another_tenant
from pytest_deploycheck.model.identity import Credentials, Forgery, SigningKey
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.secret import Secret
from tests.auth.tokens import CLAIMS, KEY, TOKEN

NOW = datetime.now(UTC)
SECOND = int(NOW.timestamp())
SIGNING = SigningKey(key=Secret(KEY))


def holding(token: str) -> Credentials:
    return Credentials(
        (("apikey", Secret("k")), ("Authorization", Secret(f"Bearer {token}"))), Secret(token), CLAIMS
    )


REAL = holding(TOKEN)


def forge(forgery: Forgery, signing: SigningKey = SIGNING, token: str = TOKEN) -> str:
    made = forged(holding(token), forgery, signing, NOW)
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
    assert claims["exp"] == SECOND - 900
    assert claims["iat"] == claims["nbf"] == SECOND - 4500


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


PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
ASYMMETRIC = SigningKey(key=Secret(PEM), algorithm="RS256")
CONFUSED = [Forgery.KEY_CONFUSION, Forgery.KEY_CONFUSION_TRIMMED]
UNSIGNED = [
    (Forgery.NO_SIGNATURE, "HS256"),
    (Forgery.ALG_NONE, "none"),
    (Forgery.ALG_NONE_CAPITAL, "None"),
    (Forgery.ALG_NONE_UPPER, "NONE"),
    (Forgery.ALG_NONE_MIXED, "nOnE"),
]


def parts(token: str) -> Compact:
    compact = read_compact(token)
    assert compact is not None
    return compact


def refused_reason(forgery: Forgery, signing: SigningKey | None, real: Credentials = REAL) -> str:
    made = forged(real, forgery, signing, NOW)
    assert isinstance(made, Inconclusive)
    return made.reason


def test_every_forgery_has_its_maker() -> None:
    assert _MAKERS.keys() == set(Forgery)


@pytest.mark.parametrize(("forgery", "alg"), UNSIGNED)
def test_an_unsigned_token_says_what_the_real_one_says(forgery: Forgery, alg: str) -> None:
    made = parts(forge(forgery))

    assert (made.header, made.claims, made.signature) == ({**parts(TOKEN).header, "alg": alg}, CLAIMS, b"")


def test_a_token_that_is_not_yet_valid_is_else_right() -> None:
    token = forge(Forgery.NOT_YET_VALID)

    with pytest.raises(jwt.ImmatureSignatureError):
        jwt.decode(token, KEY, algorithms=["HS256"])
    assert parts(token).claims["exp"] > parts(token).claims["nbf"] > SECOND + 80000


def test_an_endless_token_is_rightly_signed() -> None:
    assert "exp" not in jwt.decode(forge(Forgery.ENDLESS), KEY, algorithms=["HS256"])


@pytest.mark.parametrize(
    ("forgery", "claim"), [(Forgery.WRONG_ISSUER, "iss"), (Forgery.WRONG_AUDIENCE, "aud")]
)
def test_a_token_of_others_is_rightly_signed(forgery: Forgery, claim: str) -> None:
    token = jwt.encode({**CLAIMS, claim: "here"}, KEY)
    real = Credentials((("Authorization", Secret(f"Bearer {token}")),), Secret(token), {"a": 1})

    made = forged(real, forgery, SIGNING, NOW)

    assert isinstance(made, Credentials)
    assert made.token is not None
    options: jwt.types.Options = {"verify_aud": False}
    claims = jwt.decode(made.token.reveal(), KEY, algorithms=["HS256"], options=options)
    assert claims[claim] == "https://nobody.invalid"
    assert refused_reason(forgery, SIGNING) == f"the token has no claim {claim}"


@pytest.mark.parametrize("forgery", CONFUSED)
def test_the_public_key_as_a_secret_fools_who_trusts_the_header(forgery: Forgery) -> None:
    made = parts(forge(forgery, ASYMMETRIC))
    key = PUBLIC if forgery is Forgery.KEY_CONFUSION else PUBLIC.strip()

    assert made.header["alg"] == "HS256"
    assert made == made.by_hmac(key)


def test_a_public_key_in_the_contract_is_enough_for_that() -> None:
    signing = SigningKey(key=Secret(PUBLIC.decode()), algorithm="RS256")

    assert forge(Forgery.KEY_CONFUSION, signing) == forge(Forgery.KEY_CONFUSION, ASYMMETRIC)
    assert "only the public key" in refused_reason(Forgery.RENEWED, signing)
    assert forge(Forgery.WRONG_KEY, signing)


def test_where_there_is_no_public_key_nothing_is_confused() -> None:
    assert refused_reason(CONFUSED[0], SIGNING) == "HS256 has no public key"
    assert refused_reason(CONFUSED[0], None) == "the contract has no key, so the public key is not known"


@pytest.mark.parametrize(("forgery", "key"), [(Forgery.KID_PATH, b""), (Forgery.KID_SQL, b"known")])
def test_a_key_id_leads_to_a_known_key(forgery: Forgery, key: bytes) -> None:
    made = parts(forge(forgery))

    assert made.header["kid"] != "k1"
    assert made == made.by_hmac(key)


@pytest.mark.parametrize(
    ("forgery", "key"),
    [
        (Forgery.EMPTY_KEY, b""),
        (Forgery.SUPABASE_KEY, b"super-secret-jwt-token-with-at-least-32-characters-long"),
        (Forgery.SUPABASE_EXAMPLE_KEY, b"your-super-secret-jwt-token-with-at-least-32-characters-long"),
        (Forgery.JWT_IO_KEY, b"a-string-secret-at-least-256-bits-long"),
        (Forgery.OLD_JWT_IO_KEY, b"your-256-bit-secret"),
        (Forgery.WORD_KEY, b"secret"),
    ],
)
def test_everybody_knows_the_key(forgery: Forgery, key: bytes) -> None:
    made = parts(forge(forgery))

    assert made.claims == CLAIMS
    assert made == made.by_hmac(key)


@pytest.mark.parametrize(("algorithm", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_a_known_key_signs_as_the_deployment_does(algorithm: str, digest: str) -> None:
    made = parts(forge(Forgery.WORD_KEY, token=jwt.encode(CLAIMS, KEY * 2, algorithm, {"kid": "k1"})))

    assert (made.header["alg"], made.header["kid"]) == (algorithm, "k1")
    assert made == made.by_hmac(b"secret", digest)


def test_where_key_pairs_sign_a_known_key_is_a_shared_secret_without_an_id() -> None:
    token = Stranger.asymmetric("RS256").sign(CLAIMS, {"kid": "k1"})

    made = parts(forge(Forgery.SUPABASE_KEY, token=token))

    assert made.header == {"typ": "JWT", "alg": "HS256"}


@pytest.mark.parametrize("forgery", [Forgery.JWK, Forgery.JKU, Forgery.X5U, Forgery.X5C])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "PS384", "EdDSA"])
def test_a_token_brings_the_key_that_proves_it(forgery: Forgery, algorithm: str) -> None:
    token = (
        jwt.encode(CLAIMS, KEY) if algorithm == "HS256" else Stranger.asymmetric(algorithm).sign(CLAIMS, {})
    )
    real = Credentials((("Authorization", Secret(f"Bearer {token}")),), Secret(token), CLAIMS)

    made = forged(real, forgery, None, NOW)

    assert isinstance(made, Credentials)
    assert made.token is not None
    text = made.token.reveal()
    assert jwt.decode(text, brought(text), algorithms=[parts(text).header["alg"]], options=ANY_TIME) == CLAIMS
    assert parts(text).header["alg"] == ("RS256" if algorithm == "HS256" else algorithm)


ANY_TIME: jwt.types.Options = {"verify_exp": False, "verify_iat": False}


def brought(token: str) -> Any:  # noqa: ANN401 - whatever key it is
    """The key that a careless deployment would take from the token itself."""
    header = parts(token).header
    if "jwk" in header:
        return jwt.PyJWK(header["jwk"])
    if "x5c" in header:
        return load_der_x509_certificate(b64decode(header["x5c"][0])).public_key()
    with urllib.request.urlopen(header.get("jku") or header["x5u"]) as answer:  # noqa: S310 - a data: URL
        data = answer.read()
    if "jku" in header:
        return jwt.PyJWKSet.from_json(data)[header["kid"]]
    return load_pem_x509_certificate(data).public_key()


@pytest.mark.parametrize(
    ("forgery", "name", "value"),
    [
        (Forgery.TAMPERED_ROLE, "role", "admin"),
        (Forgery.TAMPERED_TENANT, "tenant", "00000000-0000-4000-8000-000000000001"),
        (Forgery.TAMPERED_SUBJECT, "sub", "9fd09d16-e66a-5e12-8e32-b0c4a2d3bbcb"),
    ],
)
def test_a_tampered_token_keeps_its_signature(forgery: Forgery, name: str, value: str) -> None:
    made, real = parts(forge(forgery)), parts(TOKEN)

    assert (made.header, made.signature) == (real.header, real.signature)
    assert {key for key, held in made.claims.items() if held != real.claims.get(key)} == {name}
    if name != "sub":
        assert made.claims[name] == value


def test_claims_are_tampered_with_where_they_are() -> None:
    claims = {"sub": 7, "app": {"roles": ["clerk"], "tenant_id": 3}, "admin": False}

    assert another_role(claims) == {
        "sub": 7,
        "app": {"roles": ["clerk", "admin"], "tenant_id": 3},
        "admin": True,
    }
    assert another_tenant(claims)["app"] == {"roles": ["clerk"], "tenant_id": 4}
    assert another_subject(claims)["sub"] == 8
    assert another_role({"role": "admin"}) == {"role": "owner"}
    assert another_role({"a": 1}) == {"a": 1, "role": "admin"}


def test_a_token_under_another_scheme_is_itself_unchanged() -> None:
    made = forged(REAL, Forgery.WRONG_SCHEME, None, NOW)

    assert isinstance(made, Credentials)
    assert made.headers == (("apikey", Secret("k")), ("Authorization", Secret(f"Basic {TOKEN}")))


def test_a_token_in_the_url_is_in_no_header_and_soon_over() -> None:
    made = forged(REAL, Forgery.IN_QUERY, SIGNING, NOW)

    assert isinstance(made, Credentials)
    assert made.token is not None
    assert made.headers == (("apikey", Secret("k")),)
    assert made.query == (("access_token", made.token),)
    claims = jwt.decode(made.token.reveal(), KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["exp"] == SECOND + 60


def test_without_a_key_what_must_be_signed_is_not_forged() -> None:
    signed = {each for each in Forgery if each.needs_key} - {Forgery.WRONG_ISSUER, Forgery.WRONG_AUDIENCE}

    assert {refused_reason(each, None) for each in signed} == {
        "the contract has no signing key to forge with"
    }


@pytest.mark.parametrize("token", ["a.b", "a.b.c", "e30.W10.x", "e30.e30.x.y"])
def test_what_only_looks_like_a_token_is_none(token: str) -> None:
    assert read_compact(token) is None
