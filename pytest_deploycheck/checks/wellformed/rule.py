"""The rules for one variable, and what is wrong with its value."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from pytest_deploycheck.checks.language.claims import ClaimMatchers, broken_claims, claims_of
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text
from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.many import many

_DAY = 86400.0


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise MistakeError(f"not a regular expression: {error}", "one as Python's re has it") from error
    return text


class Rule(BaseModel):
    """What a value must be. `matches` is a regular expression that must fit the whole value."""

    model_config = PART

    equals: Text | None = None
    matches: Annotated[Text, AfterValidator(_pattern)] | None = None
    min_length: Annotated[int, Field(ge=1)] | None = None
    url: Literal["https", "http", "any"] | None = None
    jwt: ClaimMatchers | None = None
    days_left: Annotated[float, Field(ge=0)] | None = None
    runbook: Runbook = ()
    hint: str = ""


def broken_rules(rule: Rule, value: str, at: datetime, *, confidential: bool) -> Iterator[str]:
    """What is wrong with `value` at a point in time; the value itself is not shown if it is confidential."""
    if rule.equals is not None and value != rule.equals:
        yield (
            "not the expected value" if confidential else f"expected {shown(rule.equals)}, got {shown(value)}"
        )
    if rule.matches is not None and not re.fullmatch(rule.matches, value):
        yield f"expected a match for /{rule.matches}/"
    if rule.min_length is not None and len(value) < rule.min_length:
        yield f"expected at least {many(rule.min_length, 'character')}, got {len(value)}"
    if rule.url is not None:
        yield from _broken_url(rule.url, value)
    if rule.jwt is not None:
        yield from _broken_token(rule, value, at)


def _broken_url(scheme: str, value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        yield "not a URL"
        return
    if not host or any(character.isspace() for character in value):
        yield "not a URL with a host"
    elif scheme not in {"any", parts.scheme}:
        yield f"expected a URL that begins with {scheme}://, got {parts.scheme}://"


def _broken_token(rule: Rule, value: str, at: datetime) -> Iterator[str]:
    claims = claims_of(value)
    if claims is None:
        yield "not a JWT"
        return
    yield from broken_claims(rule.jwt or {}, claims)
    expires = claims.get("exp")
    if not isinstance(expires, int | float):
        if rule.days_left is not None:
            yield "says nothing about its expiry"
        return
    left = (expires - at.timestamp()) / _DAY
    day = datetime.fromtimestamp(expires, UTC).date()
    if left <= 0:
        yield f"expired on {day}"
    elif rule.days_left is not None and left < rule.days_left:
        yield f"expires on {day}, in {many(round(left), 'day')}; expected at least {rule.days_left:g}"
