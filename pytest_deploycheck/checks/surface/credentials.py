"""Bad credentials, in groups: what each group finds, and how bad that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_deploycheck.checks.surface.denial import UNAUTHORIZED, UNREADABLE
from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.identity import PUBLISHED_KEYS, Forgery, Identity, forged_as
from pytest_deploycheck.model.names import ANONYMOUS

_BROKEN_AUTHENTICATION = "API2:2023"
NONSENSE = "this-is-no-credential"
NOBODY = "bm9ib2R5Om5vYm9keQ=="
"""nobody:nobody, as the Basic scheme writes it (RFC 7617)."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A credential that must be refused, with one of `statuses`.

    Sent by an identity, or as headers of its own. `claim`: it means something only if the token has that one.
    """

    name: str
    identity: str = ANONYMOUS
    headers: tuple[tuple[str, str], ...] = ()
    statuses: frozenset[int] = UNAUTHORIZED
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What it means that a bad credential is accepted. `note` stands in the title of the check."""

    note: str
    weakness: Weakness
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Forgeries that one weakness lets in; `cheap` ones are tried on every route."""

    finding: Finding
    forgeries: tuple[Forgery, ...]
    cheap: bool = False
    bare: bool = False
    """Whether they are sent without the header, so that a route that is open anyway would serve them."""

    @property
    def needs_key(self) -> bool:
        """Whether all of it must be signed as the deployment signs."""
        return all(forgery.needs_key for forgery in self.forgeries)

    @property
    def control(self) -> Forgery | None:
        """What is let in beside them: the twin that was signed with the same key, or the real token."""
        return Forgery.RENEWED if self.needs_key else None


def _weakness(severity: Severity, cwe: str) -> Weakness:
    return Weakness(severity, cwe, _BROKEN_AUTHENTICATION)


MISSING = Finding(
    "no credential",
    _weakness(Severity.CRITICAL, "CWE-306"),
    "the route does not ask for a credential: is it behind the middleware that does?",
)
BYPASS = Finding(
    "detours",
    _weakness(Severity.CRITICAL, "CWE-288"),
    "two layers read this path or method differently: authenticate where the route is chosen",
)


def stranger(name: str) -> Finding:
    """What it means that the credential of somebody who is no user here is accepted."""
    return Finding(
        f"as {name}",
        _weakness(Severity.HIGH, "CWE-287"),
        f"{name} is no user of this deployment: check what the API asks of a credential",
    )


GROUPS: Mapping[str, Group] = {
    "expired": Group(
        finding=Finding(
            "expired", _weakness(Severity.HIGH, "CWE-613"), "`exp` is not verified (RFC 7519, 4.1.4)"
        ),
        forgeries=(Forgery.EXPIRED,),
        cheap=True,
    ),
    "wrong_signature": Group(
        finding=Finding(
            "wrong signature",
            _weakness(Severity.CRITICAL, "CWE-347"),
            "signatures are not verified, or by a key that is not the deployment's",
        ),
        forgeries=(Forgery.WRONG_KEY,),
        cheap=True,
    ),
    "unsigned": Group(
        finding=Finding(
            "unsigned",
            _weakness(Severity.CRITICAL, "CWE-347"),
            'allow the algorithm that is used and no other: "none" in any spelling is one (RFC 8725, 3.1)',
        ),
        forgeries=(
            Forgery.NO_SIGNATURE,
            Forgery.ALG_NONE,
            Forgery.ALG_NONE_CAPITAL,
            Forgery.ALG_NONE_UPPER,
            Forgery.ALG_NONE_MIXED,
        ),
    ),
    "key_confusion": Group(
        finding=Finding(
            "key confusion",
            _weakness(Severity.CRITICAL, "CWE-347"),
            "the token chooses the algorithm: tie each key to one (RFC 8725, 3.1)",
        ),
        forgeries=(Forgery.KEY_CONFUSION, Forgery.KEY_CONFUSION_TRIMMED),
    ),
    "foreign_key": Group(
        finding=Finding(
            "foreign key",
            _weakness(Severity.CRITICAL, "CWE-347"),
            "the token chooses the key: take keys from where the deployment has them (RFC 8725, 3.10)",
        ),
        forgeries=(Forgery.KID_PATH, Forgery.KID_SQL, Forgery.JWK, Forgery.JKU, Forgery.X5U, Forgery.X5C),
    ),
    "known_key": Group(
        finding=Finding(
            "known key",
            Weakness(Severity.CRITICAL, "CWE-1392", _BROKEN_AUTHENTICATION),
            "tokens are signed with a key that is published, or empty: whoever knows it is anybody here",
        ),
        forgeries=tuple(PUBLISHED_KEYS),
    ),
    "claims": Group(
        finding=Finding(
            "claims",
            _weakness(Severity.HIGH, "CWE-345"),
            "`nbf`, `iss` and `aud` must be verified, and `exp` required (RFC 8725, 3.8 and 3.9)",
        ),
        forgeries=(Forgery.NOT_YET_VALID, Forgery.ENDLESS, Forgery.WRONG_ISSUER, Forgery.WRONG_AUDIENCE),
    ),
    "tampered": Group(
        finding=Finding(
            "tampered",
            _weakness(Severity.CRITICAL, "CWE-347"),
            "the payload is believed before its signature is verified",
        ),
        forgeries=(Forgery.TAMPERED_ROLE, Forgery.TAMPERED_TENANT, Forgery.TAMPERED_SUBJECT),
    ),
    "url": Group(
        finding=Finding(
            "in the URL",
            _weakness(Severity.LOW, "CWE-598"),
            "URLs stay in logs and histories: accept tokens in the header only (RFC 6750, 5.3)",
        ),
        forgeries=(Forgery.IN_QUERY,),
        bare=True,
    ),
}
"""By the name that the contract uses."""

_OPTIONAL_CLAIMS = {Forgery.ENDLESS: "exp", Forgery.WRONG_ISSUER: "iss", Forgery.WRONG_AUDIENCE: "aud"}


def of_nobody(identity: Identity) -> Iterator[Bad]:
    """The credentials that belong to no user, where those of `identity` would be."""
    header, scheme = _carrier(identity)
    yield Bad("no credential")
    yield Bad("empty header", headers=((header, ""),), statuses=UNREADABLE)
    if scheme:
        yield Bad("malformed header", headers=((header, scheme),), statuses=UNREADABLE)
        yield Bad("wrong scheme", headers=((header, f"Basic {NOBODY}"),), statuses=UNREADABLE)
    yield Bad("nonsense", headers=((header, f"{scheme} {NONSENSE}".strip()),))


def misnamed(identity: Identity) -> Bad:
    """The right token under a scheme that is not its own."""
    sender = forged_as(identity.name, Forgery.WRONG_SCHEME)
    return Bad("right token, wrong scheme", identity=sender, statuses=UNREADABLE)


def of_group(group: Group, identity: Identity) -> tuple[Bad, ...]:
    """The forgeries of a group, made of the token of `identity`."""
    return tuple(
        Bad(
            forgery.value.replace("_", " "),
            identity=forged_as(identity.name, forgery),
            claim=_OPTIONAL_CLAIMS.get(forgery, ""),
        )
        for forgery in group.forgeries
    )


def holds_a_token(identity: Identity) -> bool:
    """Whether an identity's credential may be a JWT: it logs in, or has a bearer token."""
    return identity.login is not None or _carrier(identity)[1] != ""


def _carrier(identity: Identity) -> tuple[str, str]:
    """The header that carries the credential, and its scheme, or none."""
    if identity.login:
        return identity.login.header, identity.login.scheme
    for name, value in identity.headers:
        if value.reveal().lower().startswith("bearer "):
            return name, "Bearer"
    return (identity.headers[0][0], "") if identity.headers else ("Authorization", "Bearer")
