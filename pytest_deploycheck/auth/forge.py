"""Tokens that are right but for one thing, and the twin in which nothing is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from pytest_deploycheck.auth.compact import Compact, read_compact
from pytest_deploycheck.auth.keys import Stranger, public_pem, signed
from pytest_deploycheck.auth.tamper import another_role, another_subject, another_tenant
from pytest_deploycheck.model.identity import PUBLISHED_KEYS, Credentials, Forgery, SigningKey
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.secret import Secret

_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_HMAC = "HS256"
_SHA_2 = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
"""The algorithms with a shared secret, and their digests (RFC 7518, 3.2)."""
_LATE = 15 * _MINUTE
"""Seconds since the end of a token that has expired: more than clocks are allowed to differ."""
_NOT_YET = 1
"""Days until a token is valid that is not yet: more than any clock is wrong."""

NOBODY = "https://nobody.invalid"
"""An issuer, and an audience, that cannot exist (RFC 2606)."""

QUERY = "access_token"
"""The field of a URL that may carry a token (RFC 6750, 2.3)."""


class UnforgeableError(Exception):
    """Why a token cannot be forged in one way."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A token that was read, the key it may be signed with anew, and the time."""

    real: Compact
    signing: SigningKey | None
    now: int

    @property
    def algorithm(self) -> str:
        return self.signing.algorithm if self.signing else str(self.real.header.get("alg", ""))

    def resigned(self, **claims: Any) -> str:  # noqa: ANN401 - JSON
        """Sign the claims as the deployment does, with some of them changed; None leaves one out."""
        if self.signing is None:
            raise UnforgeableError("the contract has no signing key to forge with")
        if "PUBLIC KEY" in self.signing.key.reveal():
            raise UnforgeableError("the contract has only the public key, which signs nothing")
        header = {name: value for name, value in self.real.header.items() if name != "alg"}
        told = {**self.real.claims, **self.times(), **claims}
        return signed(
            {name: value for name, value in told.items() if value is not None},
            self.signing.key.reveal(),
            self.signing.algorithm,
            header,
        )

    def times(self, issued: int = 0, lifetime: int = _HOUR) -> dict[str, int]:
        """When the token was issued, in seconds from now, and when it ends (RFC 7519, 4.1.4 to 4.1.6)."""
        begin = self.now + issued
        times = {"iat": begin, "exp": begin + lifetime}
        return {**times, "nbf": begin} if "nbf" in self.real.claims else times


_Make = Callable[[_Draft], str]


def forged(
    real: Credentials, forgery: Forgery, signing: SigningKey | None, now: datetime
) -> Credentials | Inconclusive:
    """Return `real` with a forged token, sent in the same way. `now` is aware."""
    if real.token is None or not real.claims:
        return Inconclusive("only a JWT can be forged, and this identity holds none")
    token = real.token.reveal()
    compact = read_compact(token)
    if compact is None:
        return Inconclusive("only a JWT can be forged, and this identity holds none")
    try:
        made = Secret(_MAKERS[forgery](_Draft(compact, signing, int(now.timestamp()))))
    except UnforgeableError as error:
        return Inconclusive(str(error))
    except _misfits() as error:
        algorithm = signing.algorithm if signing else compact.header.get("alg")
        return Inconclusive(f"{type(error).__name__}: the signing key does not fit {algorithm}")
    return _sent(real, forgery, token, made)


def _sent(real: Credentials, forgery: Forgery, token: str, made: Secret) -> Credentials:
    """Return the credentials with the new token where the old one was, or where it should not be."""
    compact = read_compact(made.reveal())
    claims = compact.claims if compact else real.claims
    if forgery is Forgery.IN_QUERY:
        others = tuple((name, value) for name, value in real.headers if token not in value.reveal())
        return Credentials(others, made, claims, query=((QUERY, made),))
    headers = ((name, _replaced(value, token, made)) for name, value in real.headers)
    if forgery is Forgery.WRONG_SCHEME:
        headers = ((name, _renamed(value, token)) for name, value in real.headers)
    return Credentials(tuple(headers), made, claims)


def _replaced(value: Secret, old: str, new: Secret) -> Secret:
    return Secret(value.reveal().replace(old, new.reveal()))


def _renamed(value: Secret, token: str) -> Secret:
    return Secret(f"Basic {token}") if token in value.reveal() else value


def _misfits() -> tuple[type[Exception], ...]:
    import jwt  # slow to import: it brings the cryptography package

    return (jwt.PyJWTError, ValueError, TypeError, NotImplementedError)


def _unchanged(draft: _Draft) -> str:
    return draft.real.text


def _renewed(draft: _Draft) -> str:
    return draft.resigned()


def _expired(draft: _Draft) -> str:
    return draft.resigned(**draft.times(issued=-_HOUR - _LATE))


def _not_yet_valid(draft: _Draft) -> str:
    return draft.resigned(nbf=draft.now + _NOT_YET * _DAY, exp=draft.now + _NOT_YET * _DAY + _HOUR)


def _endless(draft: _Draft) -> str:
    return draft.resigned(exp=None)


def _short(draft: _Draft) -> str:
    return draft.resigned(**draft.times(lifetime=_MINUTE))


def _not_for_here(draft: _Draft, claim: str) -> str:
    if claim not in draft.real.claims:
        raise UnforgeableError(f"the token has no claim {claim}")
    return draft.resigned(**{claim: NOBODY})


def _by_a_stranger(draft: _Draft) -> str:
    stranger = Stranger.like(draft.algorithm, draft.signing)
    header = {name: value for name, value in draft.real.header.items() if name != "alg"}
    return stranger.sign({**draft.real.claims, **draft.times()}, header)


def _unsigned(draft: _Draft) -> str:
    return replace(draft.real, signature=b"").text


def _alg_none(draft: _Draft, spelling: str) -> str:
    return replace(draft.real, header={**draft.real.header, "alg": spelling}, signature=b"").text


def _with_public_key(draft: _Draft, *, trimmed: bool) -> str:
    if draft.signing is None:
        raise UnforgeableError("the contract has no key, so the public key is not known")
    if draft.algorithm.startswith("HS"):
        raise UnforgeableError(f"{draft.algorithm} has no public key")
    pem = public_pem(draft.signing)
    return _by_hmac(draft, {}, pem.strip() if trimmed else pem)


def _by_kid(draft: _Draft, kid: str, key: bytes) -> str:
    return _by_hmac(draft, {"kid": kid}, key)


def _by_hmac(draft: _Draft, header: Mapping[str, Any], key: bytes) -> str:
    """Sign with HS256 by hand: a library refuses such keys, for good reason."""
    with_header = replace(draft.real, header={**draft.real.header, **header, "alg": _HMAC})
    return with_header.by_hmac(key).text


def _by_known(draft: _Draft, key: str) -> str:
    """Sign with a key that everybody knows: as the deployment does if it shares a secret, else with HS256.

    The id of a public key would lead away from a secret, so it is left out.
    """
    header = {"typ": "JWT", "alg": _HMAC}
    if draft.real.header.get("alg") in _SHA_2:
        header = dict(draft.real.header)
    token = replace(draft.real, header=header)
    return token.by_hmac(key.encode(), _SHA_2[header["alg"]]).text


def _bringing_its_key(draft: _Draft, bring: Callable[[Stranger], Mapping[str, Any]]) -> str:
    stranger = Stranger.asymmetric(draft.algorithm)
    header = {name: value for name, value in draft.real.header.items() if name != "alg"}
    return stranger.sign(draft.real.claims, {**header, "kid": stranger.kid, **bring(stranger)})


def _tampered(draft: _Draft, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> str:
    return replace(draft.real, claims=change(draft.real.claims)).text


_MAKERS: Mapping[Forgery, _Make] = {
    Forgery.RENEWED: _renewed,
    Forgery.EXPIRED: _expired,
    Forgery.NOT_YET_VALID: _not_yet_valid,
    Forgery.WRONG_ISSUER: partial(_not_for_here, claim="iss"),
    Forgery.WRONG_AUDIENCE: partial(_not_for_here, claim="aud"),
    Forgery.ENDLESS: _endless,
    Forgery.WRONG_KEY: _by_a_stranger,
    Forgery.NO_SIGNATURE: _unsigned,
    Forgery.ALG_NONE: partial(_alg_none, spelling="none"),
    Forgery.ALG_NONE_CAPITAL: partial(_alg_none, spelling="None"),
    Forgery.ALG_NONE_UPPER: partial(_alg_none, spelling="NONE"),
    Forgery.ALG_NONE_MIXED: partial(_alg_none, spelling="nOnE"),
    Forgery.KEY_CONFUSION: partial(_with_public_key, trimmed=False),
    Forgery.KEY_CONFUSION_TRIMMED: partial(_with_public_key, trimmed=True),
    Forgery.KID_PATH: partial(_by_kid, kid="../../../../../../../../dev/null", key=b""),
    Forgery.KID_SQL: partial(_by_kid, kid="none' UNION SELECT 'known' -- ", key=b"known"),
    Forgery.JWK: partial(_bringing_its_key, bring=lambda stranger: {"jwk": stranger.jwk}),
    Forgery.JKU: partial(_bringing_its_key, bring=lambda stranger: {"jku": stranger.jwks_url}),
    Forgery.X5U: partial(_bringing_its_key, bring=lambda stranger: {"x5u": stranger.certificate_url}),
    Forgery.X5C: partial(_bringing_its_key, bring=lambda stranger: {"x5c": [stranger.certificate]}),
    **{forgery: partial(_by_known, key=key) for forgery, key in PUBLISHED_KEYS.items()},
    Forgery.TAMPERED_ROLE: partial(_tampered, change=another_role),
    Forgery.TAMPERED_TENANT: partial(_tampered, change=another_tenant),
    Forgery.TAMPERED_SUBJECT: partial(_tampered, change=another_subject),
    Forgery.WRONG_SCHEME: _unchanged,
    Forgery.IN_QUERY: _short,
}
"""How each forgery is made; a test holds it to be complete."""
