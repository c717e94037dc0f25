"""Origins that must not be let in: those that a sloppy comparison takes for an allowed one."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_deploycheck.model.check import Severity

FOREIGN = "https://attacker.example"
NULL = "null"
"""What a sandboxed frame or a local file sends (WHATWG HTML, 7.1.1): anybody can."""

_PORT, _OTHER_PORT = 8443, 9443


@dataclass(frozen=True, slots=True)
class Trick:
    """How an allowed origin is changed; `flaw` is the comparison that falls for it."""

    title: str
    flaw: str
    change: Callable[[str], str]
    severity: Severity = Severity.HIGH


@dataclass(frozen=True, slots=True)
class _Origin:
    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{f':{self.port}' if self.port else ''}"


def is_origin(text: str) -> bool:
    """Whether `text` is an origin as a browser sends it (RFC 6454, 6.2): nothing after host and port."""
    try:
        origin = _parsed(text)
        return bool(origin.host) and origin.scheme in {"http", "https"} and text == str(origin)
    except ValueError:
        return False


def _parsed(origin: str) -> _Origin:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    return _Origin(parts.scheme, f"[{host}]" if ":" in host else host, parts.port)


def _subdomain(origin: str) -> str:
    here = _parsed(origin)
    return str(_Origin(here.scheme, f"attacker.{here.host}", here.port))


def _suffixed(origin: str) -> str:
    here = _parsed(origin)
    return f"{here.scheme}://{here.host}.attacker.example"


def _prefixed(origin: str) -> str:
    here = _parsed(origin)
    return str(_Origin(here.scheme, f"not{here.host}", here.port))


def _any_for_dot(origin: str) -> str:
    here = _parsed(origin)
    host = here.host.replace(".", "x", 1) if "." in here.host else f"{here.host}x"
    return str(_Origin(here.scheme, host, here.port))


def _other_scheme(origin: str) -> str:
    here = _parsed(origin)
    return str(_Origin("http" if here.scheme == "https" else "https", here.host, here.port))


def _other_port(origin: str) -> str:
    here = _parsed(origin)
    return str(_Origin(here.scheme, here.host, _OTHER_PORT if here.port == _PORT else _PORT))


ONCE = (
    Trick("a foreign origin", "every origin is echoed", lambda _: FOREIGN),
    Trick("the null origin", "null is on the list, and any sandboxed frame sends it", lambda _: NULL),
)
"""Need no allowed origin to start from."""

TRICKS = (
    Trick(
        "a subdomain of an allowed origin",
        "subdomains are let in, whoever has one",
        _subdomain,
        Severity.MEDIUM,
    ),
    Trick("an allowed origin with a suffix", "only the beginning is compared", _suffixed),
    Trick("an allowed origin with a prefix", "only the end is compared", _prefixed),
    Trick("an allowed origin with a letter for a dot", "a dot of a pattern is not escaped", _any_for_dot),
    Trick(
        "an allowed origin with another scheme", "the scheme is not compared", _other_scheme, Severity.MEDIUM
    ),
    Trick("an allowed origin with another port", "the port is not compared", _other_port, Severity.MEDIUM),
)
