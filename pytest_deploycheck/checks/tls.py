"""The public name: it resolves, its certificate is valid for it and lasts, no old protocol is offered."""

from collections.abc import Iterable, Iterator
from functools import partial
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import (
    Addresses,
    Agreed,
    Certificate,
    Declined,
    Distrusted,
    Evidence,
    Silence,
    Withheld,
)
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Downgrade, Handshake, Lookup

PROTOCOLS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""Oldest first, as OpenSSL calls them."""

OLD = ("TLSv1.1", "TLSv1")
"""Versions that nobody should offer (RFC 8996)."""

_HTTPS = 443


class Section(BaseModel):
    """What to connect to, the environment's base URL if `host` is not given, and what it must show.

    `addresses` are all that the name may resolve to. `old_protocols` says why TLS 1.0 and 1.1 may still be
    offered, `plain_http` why a base URL without TLS is right in this environment.
    """

    model_config = PART

    host: Text | None = None
    addresses: tuple[Text, ...] = Field(default=(), min_length=1)
    days_left: float = Field(default=14, ge=0)
    protocol: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.2"
    old_protocols: Text | None = None
    plain_http: Text | None = None
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one name."""
    yield Check(
        marker=context.marker,
        title=section.name or (f"tls {section.host}" if section.host else "tls"),
        place=context.place(()),
        steps=partial(_shake_hands, section, context.environment.base_url),
        runbook=section.runbook,
        hint=section.hint,
        independent=True,
    )


def _shake_hands(section: Section, base_url: str) -> Steps:
    """Take the host from the base URL only now: before, a variable may still be missing."""
    where = _where(section, base_url)
    if not isinstance(where, tuple):
        return where
    host, port = where
    old = () if section.old_protocols else OLD
    seen = yield (
        Lookup(host),
        Handshake(host, port),
        *(Downgrade(host, port, version) for version in old),
    )
    what = (
        f"{host} was not looked up",
        f"no handshake with {host}:{port}",
        *(f"whether {host}:{port} offers {version} is not known" for version in old),
    )
    return _judge(section, host, seen, what)


def _where(section: Section, base_url: str) -> tuple[str, int] | Outcome:
    """Return host and port, or what is to be said of a base URL without TLS or host."""
    if section.host is None and urlsplit(base_url).scheme == "http":
        if section.plain_http:
            return Passed(f"plain HTTP: {section.plain_http}")
        return Failed(f"{base_url} is plain HTTP", hint="plain_http: REASON, where that is right")
    try:
        parts = urlsplit(f"https://{section.host}" if section.host else base_url)
        host, port = parts.hostname, parts.port or _HTTPS
    except ValueError as error:
        return Inconclusive(f"no host to connect to: {error}")
    return (host, port) if host else Inconclusive(f"no host to connect to in '{section.host or base_url}'")


def _judge(section: Section, host: str, seen: tuple[Evidence, ...], what: tuple[str, ...]) -> Outcome:
    """A fault counts whatever else could not be seen."""
    found, shown, *offers = seen
    faults = (
        *_wrong_addresses(section, found, host),
        *_wrong_certificate(section, shown, host),
        *_outdated(offers, host),
    )
    if faults:
        return Failed("\n".join(faults))
    undecided = next(filter(None, map(_undecided, seen, what)), None)
    return undecided or Passed(_summary(section, shown))


def _undecided(evidence: Evidence, what: str) -> Inconclusive | None:
    match evidence:
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"{what}: {reason}")
        case Addresses() | Certificate() | Distrusted() | Agreed() | Declined():
            return None
        case _:
            return Inconclusive(f"{what}: {type(evidence).__name__} is no answer")


def _wrong_addresses(section: Section, evidence: Evidence, host: str) -> Iterator[str]:
    if not section.addresses or not isinstance(evidence, Addresses):
        return
    expected = {_normal(address) for address in section.addresses}
    foreign = [address for address in evidence.addresses if _normal(address) not in expected]
    if foreign:
        yield f"{host}: resolves to {', '.join(foreign)}, expected only {', '.join(section.addresses)}"


def _normal(address: str) -> str:
    """Return an address in its shortest form (RFC 5952)."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address


def _wrong_certificate(section: Section, evidence: Evidence, host: str) -> Iterator[str]:
    if isinstance(evidence, Distrusted):
        yield f"{host}: {evidence.reason}"
    if not isinstance(evidence, Certificate):
        return
    if evidence.days_left < section.days_left:
        left = f"{evidence.not_after:%Y-%m-%d}, in {evidence.days_left:.1f} days"
        yield f"{host}: the certificate ends on {left}; expected at least {section.days_left:g}"
    if evidence.protocol not in PROTOCOLS[PROTOCOLS.index(section.protocol) :]:
        yield f"{host}: expected {section.protocol} or newer, got {evidence.protocol}"


def _outdated(offers: Iterable[Evidence], host: str) -> Iterator[str]:
    taken = dict.fromkeys(offer.protocol for offer in offers if isinstance(offer, Agreed))
    if taken:
        yield f"{host}: {' and '.join(taken)} is offered too, to whoever asks for nothing newer"


def _summary(section: Section, evidence: Evidence) -> str:
    if not isinstance(evidence, Certificate):
        return ""
    told = f"{evidence.protocol}, certificate until {evidence.not_after:%Y-%m-%d}"
    return f"{told}; older versions not tried: {section.old_protocols}" if section.old_protocols else told
