"""Cookies: sent over HTTPS only, kept from scripts, and from other sites' requests."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from pytest_deploycheck.checks.exchange.act import Act, names_of
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import LineOf, Send, Step
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text
from pytest_deploycheck.checks.posture.answers import gathered
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.setcookie import Cookie, cookies_of
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed

SameSite = Literal["Strict", "Lax", "None"]


class Setting(BaseModel):
    """A request whose reply sets cookies. `none`: it must set none. `read_only`: it changes nothing."""

    model_config = PART

    identity: Text | None = Field(default=None, alias="as")
    send: Send = Send()
    read_only: bool = False
    none: bool = False
    name: Text | None = None


def _choices(value: tuple[SameSite, ...]) -> tuple[SameSite, ...]:
    if value:
        return value
    raise MistakeError("no choice is left", "such as [Strict, Lax]")


class Section(BaseModel):
    """Where cookies are set. `scripts` are cookies that scripts may read; `same_site` what is allowed."""

    model_config = PART

    requests: dict[LineOf, Setting] = Field(min_length=1)
    scripts: tuple[Text, ...] = ()
    same_site: Annotated[tuple[SameSite, ...], AfterValidator(_choices)] = ("Strict", "Lax")
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each request.

    Raises:
        Misuse: if an identity is not declared, or a request may change something.
    """
    for line, setting in section.requests.items():
        at = ("requests", str(line))
        if setting.identity is not None:
            require_identity(setting.identity, context, (*at, "as"))
        if not line.safe and not setting.read_only:
            raise Misuse(
                f"{line.method} may change the deployment", at=at, expected="read_only: true, as for a login"
            )
        if len(setting.send.contents) > 1:
            raise Misuse("two bodies at once", at=(*at, "send"), expected="one of json, form and body")
        if unknown := names_of(_act(line, setting)):
            raise Misuse(f"unknown name {{{min(unknown)}}}", at=at, expected="no names in braces")
    return made("cookies", section, context, _items(section))


def _items(section: Section) -> Iterator[Item]:
    for number, (line, setting) in enumerate(section.requests.items(), 1):
        what = "sets no cookie" if setting.none else "sets only cookies that are protected"
        act = _act(line, setting)
        yield Item(
            title=f"{setting.name or f'request {number}'} {what}",
            steps=partial(_look, act, setting, section),
            requests=1,
            identities={act.identity},
            weakness=Weakness(Severity.MEDIUM, "CWE-614", "API8:2023"),
            hint="set session cookies with Secure; HttpOnly; SameSite=Lax",
        )


def _act(line: Line, setting: Setting) -> Act:
    return Act(line, Step(send=setting.send), setting.identity or ANONYMOUS)


def _look(act: Act, setting: Setting, section: Section) -> Steps:
    replies = gathered((str(act),), (yield (request_of(act, {}),)))
    if isinstance(replies, Inconclusive):
        return replies
    (reply,) = replies
    cookies = tuple(cookies_of(reply))
    faults = tuple(fault for cookie in cookies for fault in _faults(cookie, section))
    if setting.none and cookies:
        return Failed(f"{act}: sets {', '.join(cookie.name for cookie in cookies)}, expected no cookie")
    if faults:
        return Failed("\n".join(f"{act}: {fault}" for fault in faults))
    if reply.status >= 400:
        return Inconclusive(f"{act}: got {reply.status}: nobody was given a session")
    if not cookies and not setting.none:
        return Inconclusive(f"{act}: sets no cookie; if that is right, none: true says so")
    return Passed()


def _faults(cookie: Cookie, section: Section) -> Iterator[str]:
    if "secure" not in cookie.attributes:
        yield f"cookie {cookie.name}: not Secure, so plain HTTP would carry it"
    if "httponly" not in cookie.attributes and cookie.name not in section.scripts:
        yield f"cookie {cookie.name}: not HttpOnly, so scripts can read it"
    if cookie.same_site not in section.same_site:
        got = cookie.same_site or "nothing"
        yield f"cookie {cookie.name}: SameSite: expected {' or '.join(section.same_site)}, got {got}"
    if cookie.name.startswith("__Host-") and (
        "domain" in cookie.attributes or cookie.attributes.get("path") != "/"
    ):
        yield f"cookie {cookie.name}: __Host- needs Path=/ and no Domain, or browsers refuse it"
