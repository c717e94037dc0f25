"""Which origins' pages may read the answers: the configured ones, and none that only looks like one."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import LineOf
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text, is_pending
from pytest_deploycheck.checks.posture.answers import SERVER_ERRORS, gathered
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.origins import ONCE, TRICKS, Trick, is_origin
from pytest_deploycheck.checks.posture.sharing import (
    age_of,
    let_in,
    not_let_in,
    not_permitted,
    shares_its_cache,
)
from pytest_deploycheck.model.check import Check, Steps, Weakness
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest


def _origin(text: str) -> str:
    if is_pending(text) or is_origin(text):
        return text
    raise MistakeError(
        f"{text!r} is not an origin", "such as https://app.example, in lower case, nothing after it"
    )


class Section(BaseModel):
    """Which origins are let in, and where that is asked.

    `preflight` is the request that a page would like to send, with `headers`. `max_age` bounds how long a
    browser may remember the answer.
    """

    model_config = PART

    path: PathOf
    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(min_length=1)
    credentials: bool
    preflight: LineOf | None = None
    headers: tuple[Text, ...] = ()
    max_age: Duration | None = None
    identity: Text | None = Field(default=None, alias="as")
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each allowed origin, and one for each trick.

    Raises:
        Misuse: if the identity is not declared.
    """
    if section.identity is not None:
        require_identity(section.identity, context, ("as",))
    return made("cors", section, context, _items(section))


def _items(section: Section) -> Iterator[Item]:
    who = {section.identity or ANONYMOUS}
    for number, origin in enumerate(section.origins, 1):
        title = f"an allowed origin is let in{_counted(number)}"
        yield Item(title=title, steps=partial(_allowed, section, origin), requests=1, identities=who)
        if section.preflight:
            title = f"an allowed origin passes the preflight{_counted(number)}"
            yield Item(title=title, steps=partial(_preflight, section, origin), requests=1)
    for trick in ONCE:
        yield _refusal(section, trick, section.origins[0], 1)
    for number, origin in enumerate(section.origins, 1):
        for trick in TRICKS:
            if is_pending(origin) or trick.change(origin) not in section.origins:
                yield _refusal(section, trick, origin, number)


def _counted(number: int) -> str:
    return f" [{number}]" if number > 1 else ""


def _refusal(section: Section, trick: Trick, origin: str, number: int) -> Item:
    return Item(
        title=f"{trick.title} is refused{_counted(number)}",
        steps=partial(_refused, section, trick, origin),
        requests=4 if section.preflight else 2,
        identities={section.identity or ANONYMOUS},
        weakness=Weakness(trick.severity, "CWE-942", "API8:2023"),
        hint=f"compare the whole origin with a list; as it is, {trick.flaw}",
    )


def _simple(section: Section, origin: str, purpose: str = "request") -> HttpRequest:
    return HttpRequest(
        method="GET",
        target=section.path,
        identity=section.identity or ANONYMOUS,
        headers=(("Origin", origin),),
        purpose=purpose,
    )


def _asking(section: Section, origin: str, purpose: str = "request") -> Iterator[HttpRequest]:
    """The preflight, if there is one: browsers send no credentials with it."""
    if section.preflight:
        names = ",".join(sorted(name.lower() for name in section.headers))
        yield HttpRequest(
            method="OPTIONS",
            target=section.preflight.target,
            headers=(
                ("Origin", origin),
                ("Access-Control-Request-Method", section.preflight.method),
                *((("Access-Control-Request-Headers", names),) if names else ()),
            ),
            purpose=purpose,
        )


def _allowed(section: Section, origin: str) -> Steps:
    evidence = yield (_simple(section, origin),)
    asked = f"GET {section.path} from {origin}"
    replies = gathered((asked,), evidence)
    if isinstance(replies, Inconclusive):
        return replies
    (reply,) = replies
    if not reply.ok:
        return Inconclusive(f"{asked}: expected 2xx, got {reply.status}: its headers prove nothing")
    if faults := tuple(not_let_in(reply, origin, credentials=section.credentials)):
        return Failed("\n".join(f"{asked}: {fault}" for fault in faults))
    if shares_its_cache(reply):
        return Passed("no Vary: Origin, so a cache may hand the answer for one origin to another")
    return Passed()


def _preflight(section: Section, origin: str) -> Steps:
    evidence = yield tuple(_asking(section, origin))
    asked = f"the preflight of {section.preflight} from {origin}"
    replies = gathered((asked,), evidence)
    if isinstance(replies, Inconclusive):
        return replies
    faults = tuple(_preflight_faults(section, replies[0], origin))
    return Failed("\n".join(f"{asked}: {fault}" for fault in faults)) if faults else Passed()


def _preflight_faults(section: Section, reply: Reply, origin: str) -> Iterator[str]:
    """A preflight must answer 2xx, whatever its headers say (WHATWG Fetch, 4.8)."""
    if not reply.ok:
        yield f"status: expected 2xx, got {reply.status}"
    yield from not_let_in(reply, origin, credentials=section.credentials)
    if section.preflight:
        method = section.preflight.method
        yield from not_permitted(reply, method, section.headers, credentials=section.credentials)
    age = age_of(reply)
    if section.max_age is not None and age is not None and age > section.max_age:
        yield f"Access-Control-Max-Age: expected at most {section.max_age:g}, got {age:g}"


def _refused(section: Section, trick: Trick, allowed: str) -> Steps:
    """Ask as the trick, and as the allowed origin: where that is not let in, a refusal proves nothing."""
    origin = trick.change(allowed)
    tricked = (_simple(section, origin), *_asking(section, origin))
    controls = (_simple(section, allowed, "control"), *_asking(section, allowed, "control"))
    evidence = yield (*tricked, *controls)
    names = [
        f"{each.method} {each.target} from {dict(each.headers)['Origin']}" for each in (*tricked, *controls)
    ]
    replies = gathered(names, evidence)
    if isinstance(replies, Inconclusive):
        return _let_in_anyway(names, evidence[: len(tricked)], origin) or replies
    if fault := _let_in_anyway(names, replies[: len(tricked)], origin):
        return fault
    for name, reply in zip(names, replies, strict=True):
        if reply.status in SERVER_ERRORS:
            return Inconclusive(f"{name}: got {reply.status}, so nothing was refused")
    for name, reply in zip(names[len(tricked) :], replies[len(tricked) :], strict=True):
        if not reply.ok or let_in(reply, allowed) is None:
            got = f"got {reply.status}" if not reply.ok else "is not let in"
            return Inconclusive(f"the control {name}: {got}: without it a refusal proves nothing")
    return Passed()


def _let_in_anyway(names: list[str], seen: Iterable[object], origin: str) -> Failed | None:
    """Being let in is a fault, whatever the control says."""
    told = [
        f"{name}: {how}"
        for name, reply in zip(names, seen, strict=False)
        if isinstance(reply, Reply) and (how := let_in(reply, origin))
    ]
    return Failed("\n".join(told)) if told else None
