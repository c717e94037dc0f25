"""Who asks: a login, a fixed credential, or a forgery made from one of them."""

import json
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from pytest_deploycheck.config.confidential import tells_a_secret
from pytest_deploycheck.config.errors import Mistakes, nearest
from pytest_deploycheck.config.fields import (
    Absent,
    AbsolutePath,
    HeaderName,
    Headers,
    JsonPath,
    Part,
    Text,
    UnfitError,
    WebAddress,
)
from pytest_deploycheck.config.interpolate import names_a_variable
from pytest_deploycheck.config.reading import Reading, entries
from pytest_deploycheck.config.sources import sources
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.model.identity import Forgery, Identity, Login, SigningKey
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Owned
from pytest_deploycheck.model.secret import Secret

Algorithm = Literal[
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "ES256",
    "ES384",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
]
_WAYS = ("login", "token", "headers", "forge")
_BODIES = ("json", "form", "body")


class SigningPart(Part):
    """The key that the deployment's tokens are signed with; forged tokens need it."""

    algorithm: Algorithm = "HS256"
    key: Text = ""
    """A shared secret, or a private key as PEM."""
    key_file: Text = ""
    """Instead of `key`: the PEM file that holds it, from the contract's folder."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        _exactly_one(self.model_fields_set, ("key", "key_file"))
        return self


class LoginPart(Part):
    """A request whose reply carries a token."""

    path: AbsolutePath = ""
    """Below the environment's base URL."""
    url: WebAddress = ""
    """Instead of a path, where the login is served elsewhere."""
    method: Literal["POST", "PUT", "PATCH", "GET"] = "POST"
    headers: Annotated[Headers, Field(min_length=1)] = Field(default_factory=dict)
    json_body: Any = Field(default=None, alias="json")
    """The body, as JSON."""
    form: Annotated[dict[str, str], Field(min_length=1)] = Field(default_factory=dict)
    """The body, as a form."""
    body: Text = ""
    """The body, as it is."""
    token: JsonPath
    """Where the reply holds the token."""
    header: HeaderName = "Authorization"
    """The header that carries the token afterwards."""
    scheme: str = "Bearer"
    """What stands before the token in that header; may be empty."""

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        _exactly_one(self.model_fields_set, ("path", "url"))
        given = {"json" if name == "json_body" else name for name in self.model_fields_set}
        if len(given.intersection(_BODIES)) > 1:
            raise UnfitError("at most one of json, form and body", message="has more than one body")
        return self


def _list_line(text: str) -> str:
    if not re.fullmatch(r"GET /[^\s{}]*", text) and not names_a_variable(text):
        raise UnfitError("GET /path of a list, without parameters")
    return text


OwnedPart = Annotated[
    dict[Annotated[str, AfterValidator(_list_line)], JsonPath], Field(min_length=1, max_length=1)
]
"""A list that the identity may read, and where the ids are in its reply."""


class IdentityPart(Part):
    """Somebody who sends requests: by a login, a token, headers, or a forgery."""

    tenant: Text | Absent = None
    roles: Annotated[list[Text], Field(min_length=1)] = Field(default_factory=list)
    login: LoginPart | Absent = None
    token: Text = ""
    """A bearer token."""
    headers: Annotated[Headers, Field(min_length=1)] = Field(default_factory=dict)
    """Headers that are the credential."""
    forge: Literal["expired", "wrong_key"] | Absent = None
    """What is wrong with the token; all else is as in the token of the identity `of`."""
    of: Text = ""
    owns: Annotated[dict[Text, OwnedPart], Field(min_length=1)] = Field(default_factory=dict)
    """Where it finds ids of its own things, by the parameter of a route: `{GET /orders: "$[*].id"}`."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _exactly_one(self.model_fields_set, _WAYS)
        if ("of" in self.model_fields_set) != ("forge" in self.model_fields_set):
            raise UnfitError("forge: expired, of: NAME", message="has one of forge and of")
        return self


_IDENTITY: TypeAdapter[IdentityPart] = TypeAdapter(IdentityPart)
_SIGNING: TypeAdapter[SigningPart] = TypeAdapter(SigningPart)


def signing_key(spot: Spot, reading: Reading) -> SigningKey | None:
    """Return the signing key, or None after a mistake."""
    reading.credential(spot.below("key"))
    part = reading.validated(_SIGNING, spot)
    if part is None:
        return None
    key = part.key or _read_key(spot.find(("key_file",)), part.key_file, reading)
    return SigningKey(key=Secret(key), algorithm=part.algorithm) if key else None


def _read_key(spot: Spot, name: str, reading: Reading) -> str:
    """Return what a file holds, and keep it secret; the name alone, while that needs a variable."""
    if names_a_variable(name):
        return name
    try:
        key = (reading.folder / name).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reading.mistakes.add(spot.place, f"'{spot.name}' can't be read: {type(error).__name__}", "a PEM file")
        return ""
    reading.confidential.add("signing.key_file", key, spot.place)
    return key


def identities(spot: Spot | None, reading: Reading, *, signing: bool) -> dict[str, Identity]:
    """Return the identities by name, with `anonymous`.

    One with a mistake is there too, without its credential, so that no check is blamed for naming it.
    """
    found = {ANONYMOUS: Identity(name=ANONYMOUS, place=Place(reading.path))}
    spots = {one.name: one for one in entries(spot, reading.mistakes)} if spot else {}
    for name, one in spots.items():
        if name == ANONYMOUS:
            reading.mistakes.add(
                one.place, f"'{ANONYMOUS}' is there already: it sends no credential", "another name"
            )
            continue
        _credentials(one, reading)
        part = reading.validated(_IDENTITY, one)
        found[name] = _identity(one, part)
        if part and part.forge:
            _check_forgery(one, part.of, spots, reading, signing=signing)
    return found


def _identity(spot: Spot, part: IdentityPart | None) -> Identity:
    if part is None:
        return Identity(name=spot.name, place=spot.place)
    headers = {"Authorization": f"Bearer {part.token}"} if part.token else part.headers
    return Identity(
        name=spot.name,
        place=spot.place,
        tenant=part.tenant,
        roles=tuple(part.roles),
        login=_login(part.login, spot.find(("login",))) if part.login else None,
        headers=tuple((header, Secret(value)) for header, value in headers.items()),
        forgery=Forgery(part.forge) if part.forge else None,
        of=part.of or None,
        owns={name: _owned(listed) for name, listed in part.owns.items()},
    )


def _owned(listed: dict[str, str]) -> Owned:
    ((line, ids),) = listed.items()
    return Owned(path=line.removeprefix("GET "), ids=ids)


def _login(part: LoginPart, spot: Spot) -> Login:
    body, kind = _body(part)
    headers = dict(part.headers)
    if kind and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = kind
    return Login(
        target=part.path or part.url,
        token=part.token,
        method=part.method,
        headers=tuple(headers.items()),
        body=body,
        header=part.header,
        scheme=part.scheme,
        sources=sources(*map(spot.below, (*_BODIES, "headers"))),
    )


def _body(part: LoginPart) -> tuple[bytes | None, str]:
    if "json_body" in part.model_fields_set:
        return json.dumps(part.json_body, ensure_ascii=False).encode(), "application/json"
    if part.form:
        return urlencode(part.form).encode(), "application/x-www-form-urlencoded"
    return part.body.encode() or None, ""


def _exactly_one(given: set[str], keys: tuple[str, ...]) -> None:
    found = [key for key in keys if key in given]
    if len(found) != 1:
        listed = f"{', '.join(keys[:-1])} or {keys[-1]}"
        message = f"has {' and '.join(found)}" if found else f"has no {listed}"
        raise UnfitError(f"exactly one of {', '.join(keys)}", message=message)


def _check_forgery(spot: Spot, of: str, known: dict[str, Spot], reading: Reading, *, signing: bool) -> None:
    target = spot.find(("of",))
    if of not in known:
        reading.mistakes.add(
            target.place, f"unknown identity '{of}'", nearest(of, known.keys() - {spot.name})
        )
    elif not (known[of].below("login") or known[of].below("token")):
        reading.mistakes.add(
            target.place, f"identity '{of}' has no token to forge", "one with a login or a token"
        )
    if not signing:
        reading.mistakes.add(
            spot.place, f"'{spot.name}' is forged, and there is no key to sign with", "a key 'signing'"
        )


def _credentials(spot: Spot, reading: Reading) -> None:
    """Keep everything secret that an identity is known by."""
    reading.credential(spot.below("token"))
    for header in _headers(spot.below("headers")):
        reading.credential(header, literal=tells_a_secret(header.name))
    if login := spot.below("login"):
        for body in _BODIES:
            reading.credential(login.below(body), literal=False)
        for header in _headers(login.below("headers")):
            if tells_a_secret(header.name):
                reading.credential(header)


def _headers(spot: Spot | None) -> tuple[Spot, ...]:
    return entries(spot, Mistakes()) if spot else ()
