"""What response headers must say to a browser, and what is wrong with those of a reply."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.many import many

Fault = Callable[[Reply], str | None]
"""What is wrong with a reply, or None."""

_OWASP = "API8:2023"
_REFERRER = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
"""Policies that tell another origin no path and plain HTTP nothing (W3C Referrer Policy, 3)."""
_FRAME_OPTIONS = frozenset({"deny", "sameorigin"})
_EVERYWHERE = frozenset({"*", "http:", "https:", "http://*", "https://*"})
_BANNERS = ("x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-runtime")
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Protection:
    """A property that each answer must have."""

    title: str
    weakness: Weakness
    hint: str


PROTECTIONS = {
    "nosniff": Protection(
        "the content type is not guessed",
        Weakness(Severity.LOW, "CWE-693", _OWASP),
        "send X-Content-Type-Options: nosniff with every answer, errors too",
    ),
    "framing": Protection(
        "no other site may frame it",
        Weakness(Severity.MEDIUM, "CWE-1021", _OWASP),
        "send Content-Security-Policy: frame-ancestors 'none', or X-Frame-Options: DENY",
    ),
    "hsts": Protection(
        "browsers are told to stay on HTTPS",
        Weakness(Severity.MEDIUM, "CWE-319", _OWASP),
        "send Strict-Transport-Security: max-age=31536000 with every answer, errors too",
    ),
    "referrer_policy": Protection(
        "no path leaks as a referrer",
        Weakness(Severity.LOW, "CWE-200", _OWASP),
        "send Referrer-Policy: no-referrer",
    ),
    "banner": Protection(
        "no software and version is announced",
        Weakness(Severity.LOW, "CWE-497", _OWASP),
        "take the header out where the server or the proxy is configured",
    ),
}
"""By the name that a contract leaves one out with."""


def broken(name: str, reply: Reply, hsts_min_age: float) -> str | None:
    """Return what a reply should have said and did not, or None."""
    if name == "hsts":
        return _hsts(reply, hsts_min_age)
    return _FAULTS[name](reply)


def _nosniff(reply: Reply) -> str | None:
    """Only the first value counts (WHATWG Fetch, 3.6)."""
    value = reply.header("x-content-type-options")
    if value is not None and value.split(",")[0].strip().lower() == "nosniff":
        return None
    return f"X-Content-Type-Options: expected nosniff, got {_got(value)}"


def _framing(reply: Reply) -> str | None:
    """Where there is a frame-ancestors, browsers ignore X-Frame-Options (CSP 3, 6.4.2)."""
    ancestors = tuple(_ancestors(reply.header("content-security-policy") or ""))
    options = reply.header("x-frame-options")
    if ancestors:
        if any(not _EVERYWHERE & sources for sources in ancestors):
            return None
        return "frame-ancestors: expected 'none', 'self' or named hosts, got everybody"
    if options is not None and {part.strip().lower() for part in options.split(",")} <= _FRAME_OPTIONS:
        return None
    return f"X-Frame-Options: expected DENY or SAMEORIGIN, got {_got(options)}; and no frame-ancestors"


def _ancestors(policies: str) -> Iterator[frozenset[str]]:
    """The sources of each frame-ancestors; several policies are separated by commas, all must agree."""
    for directive in re.split("[;,]", policies):
        name, *sources = directive.split() or [""]
        if name.lower() == "frame-ancestors":
            yield frozenset(map(str.lower, sources))


def _hsts(reply: Reply, least: float) -> str | None:
    value = reply.header("strict-transport-security")
    found = re.search(r'(?:^|;)\s*max-age\s*=\s*"?(\d+)', (value or "").split(",")[0], re.IGNORECASE)
    age = float(found[1]) if found else None
    if age is not None and age >= least:
        return None
    got = _got(value) if age is None else _days(age)
    return f"Strict-Transport-Security: expected at least {_days(least)}, got {got}"


def _days(seconds: float) -> str:
    return many(seconds / _DAY, "day", shown=f"{seconds / _DAY:g}")


def _referrer(reply: Reply) -> str | None:
    """The last policy that a browser knows counts; it knows all that are accepted here."""
    value = reply.header("referrer-policy")
    last = (value or "").split(",")[-1].strip().lower()
    return None if last in _REFERRER else f"Referrer-Policy: expected no-referrer, got {_got(value)}"


def _banner(reply: Reply) -> str | None:
    server = reply.header("server") or ""
    told = [f"Server: {server}"] if re.search(r"/\s*v?\d", server) else []
    told += [f"{name}: {value}" for name in _BANNERS if (value := reply.header(name)) is not None]
    return f"announced: {', '.join(told)}" if told else None


def _got(value: str | None) -> str:
    return "nothing" if value is None else shown(value)


_FAULTS: dict[str, Fault] = {
    "nosniff": _nosniff,
    "framing": _framing,
    "referrer_policy": _referrer,
    "banner": _banner,
}
