"""What a reply says about a limit: the RateLimit fields in all their versions, and Retry-After."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import inf

from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.many import many

_PREFIXES = ("ratelimit", "x-ratelimit")
_EPOCH = 10**9
"""A reset beyond this is no number of seconds but a point in time, as some APIs send it."""
_ROUNDING = 1.0
"""Seconds by which whole seconds may be off."""
_SEVERAL = 2
"""As many as a sliding window may be off, and too few to tell whether a number falls."""
_PARAMETER = re.compile(r"([a-z]+)\s*=\s*(\d+)")
_FIRST_NUMBER = re.compile(r"\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """The quota, what is left of it, and the seconds until it is whole again; None where not sent."""

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None


def told(reply: Reply) -> Told:
    """Return what the RateLimit fields say.

    draft-ietf-httpapi-ratelimit-headers: three fields until 06, one since; and the X- fields.
    """
    if field := reply.header("ratelimit"):
        return _of_one_field(field, reply.header("ratelimit-policy") or "")
    for prefix in _PREFIXES:
        limit, remaining, reset = (
            _number(reply.header(f"{prefix}-{name}")) for name in ("limit", "remaining", "reset")
        )
        if (limit, remaining, reset) != (None, None, None):
            return Told(limit, remaining, _seconds(reset, reply))
    return Told()


def _of_one_field(field: str, policy: str) -> Told:
    if "remaining" in field:  # 07: limit=100, remaining=50, reset=30
        values = _parameters(field)
        return Told(values.get("limit"), values.get("remaining"), values.get("reset"))
    quotas = {_name(item): _parameters(item).get("q") for item in policy.split(",")}
    items = {_name(item): _parameters(item) for item in field.split(",")}  # since 08: "default";r=50;t=30
    name, values = min(items.items(), key=lambda item: item[1].get("r", inf))
    return Told(quotas.get(name), values.get("r"), values.get("t"))


def _name(item: str) -> str:
    return item.partition(";")[0].strip()


def _parameters(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in _PARAMETER.findall(text)}


def _number(text: str | None) -> int | None:
    found = _FIRST_NUMBER.match(text or "")
    return int(found[1]) if found else None


def _seconds(reset: int | None, reply: Reply) -> float | None:
    if reset is None or reset < _EPOCH:
        return reset
    now = _date(reply.header("date"))
    return max(0.0, reset - now.timestamp()) if now else None


def retry_after(reply: Reply) -> float | None:
    """Return the seconds that Retry-After asks to wait (RFC 9110, 10.2.3), None if it does not say.

    A date is held against the reply's own Date: no clock of ours need be right.
    """
    text = reply.header("retry-after") or ""
    if text.isdecimal():
        return float(text)
    until, now = _date(text), _date(reply.header("date"))
    return (until - now).total_seconds() if until and now else None


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return None


def broken_fields(reply: Reply, limit: int, window: float) -> Iterator[str]:
    """What a refusal says wrongly about when to come back, and about the limit it enforces."""
    yield from _broken_retry(reply, window)
    said = told(reply)
    if said.limit not in (None, limit):
        yield f"the RateLimit fields of the 429 speak of a limit of {said.limit}, the contract of {limit}"
    if said.remaining:
        left = many(said.remaining, "request remains", "requests remain")
        yield f"the RateLimit fields of the 429 say that {left}"
    wait = retry_after(reply)
    if said.reset is not None and wait is not None and abs(said.reset - wait) > _ROUNDING:
        yield (
            f"Retry-After asks to wait {wait:g} s, the RateLimit fields {said.reset:g} s: "
            "both should mean the same moment"
        )


def broken_countdown(replies: Sequence[Told], limit: int, tolerance: int) -> Iterator[str]:
    """What the replies before a refusal say wrongly: whoever reads them would have sent on.

    Requests sent together may be answered in any order; the least that remained was near to nothing.
    """
    left = [each.remaining for each in replies if each.remaining is not None and each.limit in (None, limit)]
    if len(left) == len(replies) > _SEVERAL and min(left) > max(tolerance, _SEVERAL):
        yield (
            f"the RateLimit fields never said that fewer than {min(left)} requests remain, "
            "and then came a 429"
        )


def _broken_retry(reply: Reply, window: float) -> Iterator[str]:
    text = reply.header("retry-after")
    wait = retry_after(reply)
    if text is None:
        yield "the 429 has no Retry-After"
    elif wait is None:
        if _date(text) is None:
            yield f"Retry-After: '{text}' is neither seconds nor a date"
    elif wait < 1:
        yield f"Retry-After: '{text}' asks for no waiting"
    elif wait > window + _ROUNDING:
        yield f"Retry-After: '{text}' is {wait:g} s, longer than the window of {window:g} s"
