"""Who asks: anonymous, somebody who logs in, a holder of a fixed credential, or a forgery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Owns
from pytest_deploycheck.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Source:
    """A key of the contract, and the variable that fills what stands under it, if one does."""

    key: str
    variable: str = ""

    def __str__(self) -> str:
        return f"the {self.key} {f'is ${{{self.variable}}}' if self.variable else 'stands in the contract'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A request whose reply carries a token.

    `target` is a path below the base URL, or an absolute URL. `token` is a JSONPath (RFC 9535) into the
    reply; `header` and `scheme` say how the token is sent afterwards (RFC 6750: Authorization, Bearer).
    `sources` are the variables that its credentials came from.
    """

    target: str
    token: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    header: str = "Authorization"
    scheme: str = "Bearer"
    sources: tuple[Source, ...] = ()


class Forgery(Enum):
    """What is wrong with a forged token; everything else about it is as it should be."""

    EXPIRED = "expired"
    """`exp` lies in the past (RFC 7519, 4.1.4)."""
    WRONG_KEY = "wrong_key"
    """Signed with a key that the deployment does not trust."""
    RENEWED = "renewed"
    """Nothing is wrong: signed anew with the declared key. The control of every forgery."""
    NOT_YET_VALID = "not_yet_valid"
    """`nbf` lies in the future (RFC 7519, 4.1.5)."""
    WRONG_ISSUER = "wrong_issuer"
    """`iss` is somebody else (RFC 8725, 3.8)."""
    WRONG_AUDIENCE = "wrong_audience"
    """`aud` is somebody else (RFC 8725, 3.9)."""
    ENDLESS = "endless"
    """It has no `exp`, so it would be valid for ever."""
    NO_SIGNATURE = "no_signature"
    """The signature is cut off; the header still names its algorithm."""
    ALG_NONE = "alg_none"
    """Unsigned, `alg` is "none" (RFC 8725, 2.1); the next three spell it otherwise."""
    ALG_NONE_CAPITAL = "alg_none_capital"
    ALG_NONE_UPPER = "alg_none_upper"
    ALG_NONE_MIXED = "alg_none_mixed"
    KEY_CONFUSION = "key_confusion"
    """HS256 with the public key, in PEM, as the shared secret (RFC 8725, 2.1)."""
    KEY_CONFUSION_TRIMMED = "key_confusion_trimmed"
    """The same without the line break at the end of the PEM."""
    KID_PATH = "kid_path"
    """`kid` leads to an empty file, and the key is empty (RFC 8725, 3.10)."""
    KID_SQL = "kid_sql"
    """`kid` makes a query return the key."""
    JWK = "jwk"
    """The header brings the key (RFC 7515, 4.1.3)."""
    JKU = "jku"
    """The header says where the key is: in a data: URL (RFC 7515, 4.1.2)."""
    X5U = "x5u"
    """The header says where the certificate is: in a data: URL (RFC 7515, 4.1.5)."""
    X5C = "x5c"
    """The header brings a certificate, signed by its own key (RFC 7515, 4.1.6)."""
    EMPTY_KEY = "empty_key"
    """HS256 with an empty key: what a variable that was never set leaves."""
    SUPABASE_KEY = "supabase_key"
    """The key that Supabase's local stack comes with; the next is that of its example configuration."""
    SUPABASE_EXAMPLE_KEY = "supabase_example_key"
    JWT_IO_KEY = "jwt_io_key"
    """The key that the debugger of jwt.io shows; the next is the one that it showed for years."""
    OLD_JWT_IO_KEY = "old_jwt_io_key"
    WORD_KEY = "word_key"
    """The word that tutorials sign with."""
    TAMPERED_ROLE = "tampered_role"
    """The payload says another role than the one that was signed; the next two another tenant, user."""
    TAMPERED_TENANT = "tampered_tenant"
    TAMPERED_SUBJECT = "tampered_subject"
    WRONG_SCHEME = "wrong_scheme"
    """The token is right; the header calls it Basic (RFC 9110, 11.4)."""
    IN_QUERY = "in_query"
    """Right, but sent in the URL (RFC 6750, 2.3 and 5.3). Valid for a minute only, as logs keep URLs."""

    @property
    def needs_key(self) -> bool:
        """Whether it must be signed as the deployment signs."""
        return self in _RIGHTLY_SIGNED


_RIGHTLY_SIGNED = frozenset(
    {
        Forgery.EXPIRED,
        Forgery.RENEWED,
        Forgery.NOT_YET_VALID,
        Forgery.WRONG_ISSUER,
        Forgery.WRONG_AUDIENCE,
        Forgery.ENDLESS,
        Forgery.IN_QUERY,
    }
)

_SUPABASE = "super-secret-jwt-token-with-at-least-32-characters-long"
PUBLISHED_KEYS: Mapping[Forgery, str] = {
    Forgery.EMPTY_KEY: "",
    Forgery.SUPABASE_KEY: _SUPABASE,
    Forgery.SUPABASE_EXAMPLE_KEY: f"your-{_SUPABASE}",
    Forgery.JWT_IO_KEY: "a-string-secret-at-least-256-bits-long",
    Forgery.OLD_JWT_IO_KEY: "your-256-bit-secret",
    Forgery.WORD_KEY: "secret",
}
"""What each of these forgeries is signed with: everybody can read it."""

_TWIN = "~"


def forged_as(name: str, forgery: Forgery) -> str:
    """Return the name under which any probe may send a forgery of an identity's token: shopper~expired."""
    return f"{name}{_TWIN}{forgery.value}"


def forged_of(name: str) -> tuple[str, str]:
    """Return whose token a name means, and which forgery of it, if any: what `forged_as` was given."""
    base, _, forgery = name.partition(_TWIN)
    return base, forgery


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The key that the deployment's tokens are signed with (RFC 7515, RFC 7518 algorithm names)."""

    key: Secret
    algorithm: str = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who sends requests.

    Exactly one of `login`, `headers` or `forgery` is set; `anonymous` has none. A forgery is made from
    the token of the identity named `of`. `owns` says where it finds the ids of its own resources, for the
    parameters of routes.
    """

    name: str
    place: Place
    tenant: str | None = None
    roles: tuple[str, ...] = ()
    login: Login | None = None
    headers: tuple[tuple[str, Secret], ...] = ()
    forgery: Forgery | None = None
    of: str | None = None
    owns: Owns = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an identity sends: headers, and the bare token where there is one.

    `claims` are the token's, decoded without verification, or empty where it is not a JWT. `query` are
    fields that are added to the URL.
    """

    headers: tuple[tuple[str, Secret], ...] = ()
    token: Secret | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    query: tuple[tuple[str, Secret], ...] = ()
