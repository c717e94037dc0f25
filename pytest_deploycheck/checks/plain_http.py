"""Plain HTTP: nobody listens, or every request is sent on to HTTPS for good."""

from collections.abc import Iterable
from functools import partial
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.language.part import PART, Runbook, Text, is_pending
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest

_FOR_GOOD = frozenset({301, 308})
_FOR_NOW = frozenset({302, 303, 307})
_CLOSED = "cannot connect"
"""How the reason of a connection that nobody accepted begins."""
_BROKEN = "the connection broke"
"""How it begins where a TLS server hangs up on somebody who speaks something else."""
_BAD_REQUEST = 400
"""What other TLS servers answer to plain HTTP."""


class Section(BaseModel):
    """What to ask for, at port 80 of the base URL's host.

    `at` is another address of plain HTTP, which replaces the base URL; with `same_port` the base URL's own
    port is asked.
    """

    model_config = PART

    path: PathOf
    at: Text | None = None
    same_port: bool = False
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of plain HTTP.

    Raises:
        Misuse: if `at` is not plain HTTP, or there are two places to ask.
    """
    if section.at and section.same_port:
        raise Misuse("at and same_port at once", at=("at",), expected="one of them")
    if section.at and not (section.at.startswith("http://") or is_pending(section.at)):
        raise Misuse("'at' is not plain HTTP", at=("at",), expected="an address that starts with http://")
    item = Item(
        title="leads to HTTPS or is closed",
        steps=partial(_ask, section, context.environment.base_url),
        requests=2,
        weakness=Weakness(Severity.MEDIUM, "CWE-319", "API8:2023"),
        hint="answer 301 or 308 with an https Location, or close the port",
    )
    return made("plain_http", section, context, [item])


def _ask(section: Section, base_url: str) -> Steps:
    """Ask over plain HTTP and, as control, over HTTPS."""
    if urlsplit(base_url).scheme != "https":
        return Inconclusive(f"{base_url} is plain HTTP itself: there is no HTTPS to lead to")
    base = section.at.rstrip("/") if section.at else _plain(base_url, same_port=section.same_port)
    url = base + section.path
    plain, control = yield (
        HttpRequest(method="GET", target=url),
        HttpRequest(method="GET", target=section.path, purpose="control"),
    )
    if fault := _served(url, plain):
        return fault
    if (why := unanswered(control)) or not isinstance(control, Reply):
        return Inconclusive(f"the control GET {section.path} over HTTPS: {why}")
    if not control.ok:
        return Inconclusive(f"the control GET {section.path} over HTTPS: got {control.status}")
    if section.same_port and _refused(plain):
        return Passed(f"{url}: plain HTTP is refused")
    return _judged(url, plain)


def _refused(plain: Evidence) -> bool:
    """Whether a port that speaks TLS refuses to speak anything else."""
    if isinstance(plain, Silence):
        return plain.reason.startswith(_BROKEN)
    return isinstance(plain, Reply) and plain.status == _BAD_REQUEST


def _plain(base_url: str, *, same_port: bool) -> str:
    """The base URL over HTTP, at port 80 or at its own."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    port = f":{parts.port or 443}" if same_port else ""
    return f"http://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


def _served(url: str, plain: Evidence) -> Failed | None:
    """Being served over plain HTTP is a fault, whatever HTTPS does."""
    if isinstance(plain, Reply) and plain.ok:
        return Failed(f"GET {url}: got {plain.status}: it is served over plain HTTP")
    return None


def _judged(url: str, plain: Evidence) -> Outcome:
    match plain:
        case Silence(reason=reason) if reason.startswith(_CLOSED):
            return Passed(f"{url}: nobody listens")
        case Reply(status=status) if status in _FOR_GOOD | _FOR_NOW:
            return _redirected(url, plain)
        case Reply() if not unanswered(plain):
            return Failed(f"GET {url}: expected 301 or 308 to https, got {plain.status}")
        case _:
            return Inconclusive(f"GET {url}: {unanswered(plain)}")


def _redirected(url: str, reply: Reply) -> Outcome:
    """Whether a redirect leads to HTTPS on the same host, and browsers remember it."""
    location = reply.header("location")
    if location is None:
        return Failed(f"GET {url}: got {reply.status} without a Location")
    target = urlsplit(urljoin(url, location))
    if target.scheme != "https":
        return Failed(f"GET {url}: got {reply.status} to {location}, expected https")
    if target.hostname != urlsplit(url).hostname:
        return Failed(f"GET {url}: got {reply.status} to {location}, another host")
    if reply.status in _FOR_NOW:
        return Failed(f"GET {url}: got {reply.status}, which browsers forget; expected 301 or 308")
    return Passed()
