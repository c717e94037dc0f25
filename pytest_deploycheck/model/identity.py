"""Who asks: anonymous, somebody who logs in, a holder of a fixed credential, or a forgery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Owns
from pytest_deploycheck.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A request whose reply carries a token.

    `target` is a path below the base URL, or an absolute URL. `token` is a JSONPath (RFC 9535) into the
    reply; `header` and `scheme` say how the token is sent afterwards (RFC 6750: Authorization, Bearer).
    """

    target: str
    token: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    header: str = "Authorization"
    scheme: str = "Bearer"


class Forgery(Enum):
    """What is wrong with a forged token; everything else about it is as it should be."""

    EXPIRED = "expired"
    """`exp` lies in the past (RFC 7519, 4.1.4)."""
    WRONG_KEY = "wrong_key"
    """Signed with a key that the deployment does not trust."""
    RENEWED = "renewed"
    """Nothing is wrong: signed anew with the declared key. The control of every forgery."""


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

    `claims` are the token's, decoded without verification, or empty where it is not a JWT.
    """

    headers: tuple[tuple[str, Secret], ...] = ()
    token: Secret | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
