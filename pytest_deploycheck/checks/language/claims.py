"""Claims of tokens (RFC 7519): by name, or by JSONPath where they lie deeper."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.language.matcher import Found, Matcher, MatcherOf, broken
from pytest_deploycheck.checks.language.part import Text


def _known_path(name: object) -> object:
    if isinstance(name, str) and name.startswith("$"):
        parse_path(name)
    return name


ClaimMatchers = dict[Annotated[Text, BeforeValidator(_known_path)], MatcherOf]


def broken_claims(matchers: Mapping[str, Matcher], claims: Mapping[str, Any]) -> Iterator[str]:
    """What the claims should say and do not, one text each."""
    for name, matcher in matchers.items():
        if fault := broken(matcher, _find(name, claims), {}):
            yield f"claim {name}: {fault}"


def _find(name: str, claims: Mapping[str, Any]) -> Found:
    if name.startswith("$"):
        path = parse_path(name)
        return Found(path.find(dict(claims)), single=path.singular)
    return Found((claims[name],) if name in claims else ())


def claims_of(token: str) -> Mapping[str, Any] | None:
    """Return the claims of a JWT, not verified, or None where it is not one."""
    import jwt  # slow to import: it brings the cryptography package

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    return claims
