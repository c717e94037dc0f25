"""How an identity gets what it sends: by logging in, or because the contract holds it already."""

import json
from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import jsonpath_rfc9535

from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.identity import Credentials, Identity, Login
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.secret import Secret

LoggingIn: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Credentials | Failed | Inconclusive]

_REASONS = ("error_description", "message", "msg", "detail", "error_code", "error")
"""Where replies to a refused login say why (RFC 6749, 5.2, and what GoTrue and others do)."""

_LONGEST = 120
_SHORTEST_SECRET = 4
_SCHEME = "bearer "
_TOO_MANY_REQUESTS = 429
_REFUSALS = frozenset({400, 401, 403, 422})
"""Statuses by which servers say that credentials are wrong."""


def login_steps(identity: Identity) -> LoggingIn:
    """Return the credentials of `identity`, after its login where it has one.

    A forgery is not logged in; it is made of the credentials of another.
    """
    if identity.login is None:
        return _fixed(identity.headers)
    login = identity.login
    (seen,) = yield (
        HttpRequest(
            method=login.method, target=login.target, headers=login.headers, body=login.body, purpose="login"
        ),
    )
    who = f"login of {identity.name}"
    match seen:
        case Reply(status=status) if status == _TOO_MANY_REQUESTS:
            return Inconclusive(f"{who}: rate limited (429)")
        case Reply(ok=True):
            return _credentials(login, seen, who)
        case Reply(status=status):
            return Failed(f"{who}: got {status}{_why(seen, login)}", hint=_hint(status, login))
        case Silence(reason=reason):
            return Inconclusive(f"{who}: no answer: {reason}")
        case Withheld(reason=reason):
            return Inconclusive(f"{who}: not sent: {reason}")
        case _:
            return Inconclusive(f"{who}: {type(seen).__name__} is no reply")


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a JWT, not verified; none where it is not one."""
    import jwt  # slow to import: it brings the cryptography package

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return {}
    return claims


def _fixed(headers: tuple[tuple[str, Secret], ...]) -> Credentials:
    for _, value in headers:
        if value.reveal().lower().startswith(_SCHEME):
            token = Secret(value.reveal()[len(_SCHEME) :])
            return Credentials(headers, token, claims_of(token.reveal()))
    return Credentials(headers)


def _credentials(login: Login, reply: Reply, who: str) -> Credentials | Failed:
    try:
        found = jsonpath_rfc9535.find(login.token, json.loads(reply.body)).values()
    except ValueError:
        return Failed(f"{who}: got {reply.status}, but its body is not JSON")
    if not found or not isinstance(found[0], str) or not found[0]:
        return Failed(f"{who}: got {reply.status}, but no token at {login.token}")
    token = Secret(found[0])
    header = (login.header, Secret(f"{login.scheme} {token.reveal()}".strip()))
    return Credentials((header,), token, claims_of(token.reveal()))


def _why(reply: Reply, login: Login) -> str:
    """What the reply says, short, without anything that was sent with the login."""
    said = _reason(reply) or " ".join(reply.text.split())
    for sent in _sent(login):
        said = said.replace(sent, "***")
    return f" ({said[:_LONGEST]})" if said else ""


def _hint(status: int, login: Login) -> str:
    """Where what was refused came from, so that one knows what to correct."""
    return "; ".join(map(str, login.sources)) if status in _REFUSALS else ""


def _reason(reply: Reply) -> str:
    try:
        body = json.loads(reply.body)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    return next((body[name] for name in _REASONS if isinstance(body.get(name), str)), "")


def _sent(login: Login) -> Iterator[str]:
    """The texts of a login's body, longest first, so that none hides in another."""
    text = (login.body or b"").decode("utf-8", "replace")
    try:
        values = list(_texts(json.loads(text)))
    except ValueError:
        values = [value for _, value in parse_qsl(text)]
    yield from sorted((value for value in values if len(value) >= _SHORTEST_SECRET), key=len, reverse=True)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from _texts(part)
        case list():
            for part in value:
                yield from _texts(part)
