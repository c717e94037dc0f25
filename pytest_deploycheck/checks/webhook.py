"""Webhooks: a signed delivery is accepted and takes effect once, any other is refused."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.rules import hold_rules, require_identity
from pytest_deploycheck.checks.exchange.section import Creates, LineOf, Step
from pytest_deploycheck.checks.language.amount import Duration, parse_duration
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text, is_pending
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.checks.language.template import MARK, names_in
from pytest_deploycheck.checks.posture.answers import CLIENT_ERRORS, SERVER_ERRORS, Replies, gathered
from pytest_deploycheck.checks.posture.deliveries import Endpoint, Wrong
from pytest_deploycheck.checks.posture.effects import LOOKS, Part, still_once, wait_for
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.signatures import SCHEMES
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.evidence import Evidence, Mark, Reply, Values
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, NewMark, Pause, Probe, Variables
from pytest_deploycheck.model.secret import Secret

AGAIN = 2
"""How often a delivery is repeated, so that another replica gets it, too: as it was, and signed anew."""
LATER = 1
"""Seconds after which it is signed anew, as senders do when they deliver again."""

_HIDDEN = "the body must be verified as it came, with the endpoint's own secret, in constant time"

_WEAKNESSES = {
    Wrong.MISSING: Weakness(Severity.CRITICAL, "CWE-347", "API2:2023"),
    Wrong.FORGED: Weakness(Severity.CRITICAL, "CWE-347", "API2:2023"),
    Wrong.TAMPERED: Weakness(Severity.CRITICAL, "CWE-347", "API2:2023"),
    Wrong.STALE: Weakness(Severity.MEDIUM, "CWE-294", "API2:2023"),
}
_HINTS = {
    Wrong.MISSING: "a delivery without a signature must be refused before its body is read",
    Wrong.FORGED: _HIDDEN,
    Wrong.TAMPERED: _HIDDEN,
    Wrong.STALE: "compare the signed time with the clock: five minutes is what the libraries allow",
}


def _secret(value: object) -> Secret:
    if isinstance(value, str) and value:
        return Secret(value)
    raise MistakeError("no secret", "the text that the sender signs with, from a variable")


SecretOf = Annotated[Secret, PlainValidator(_secret), WithJsonSchema({"type": "string"})]


class Section(BaseModel):
    """Where deliveries go, how they are signed, and what an event looks like.

    `event` holds {mark}, so that each delivery is an event of its own. `effect` is a request whose reply
    shows, for {mark}, that the event took effect once; `creates` says how that is undone. `header` replaces
    the name of the signature's header, for svix what the names begin with. `tolerance` is how old a delivery
    may be.
    """

    model_config = PART

    path: PathOf
    scheme: Literal["stripe", "svix"]
    secret: SecretOf
    event: dict[Text, Any] = Field(min_length=1)
    header: Text | None = None
    headers: dict[Text, Text] = {}
    tolerance: Duration = parse_duration("5m")
    creates: Creates | None = None
    effect: Annotated[dict[LineOf, Step], Field(min_length=1, max_length=1)] | None = None
    every: Duration = parse_duration("500ms")
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each way in which a delivery can be right or wrong.

    Raises:
        Misuse: if the event holds no mark, the secret is none, or the effect could not be seen.
    """
    if MARK not in names_in(section.event):
        raise Misuse(
            "no {mark} in the event: a second run would send the same one again",
            at=("event",),
            expected='an id of its own, such as id: "evt_{mark}"',
        )
    endpoint = _endpoint(section)
    try:
        usable = is_pending(section.secret.reveal()) or bool(endpoint.key)
    except ValueError:
        usable = False
    if not usable:
        raise Misuse("the secret is none of svix's", at=("secret",), expected="whsec_ and base64")
    if section.creates:
        hold_rules(endpoint.act, (), (), control=True)
        if section.creates.by is None:
            raise Misuse(
                "nobody removes what it creates", at=("creates",), expected="by: an identity that may"
            )
        require_identity(section.creates.by, context, ("creates", "by"))
    return made("webhook", section, context, _items(section, endpoint, _effect(section, context)))


def _endpoint(section: Section) -> Endpoint:
    return Endpoint(
        path=section.path,
        scheme=section.scheme,
        secret=section.secret,
        header=section.header or SCHEMES[section.scheme].header,
        headers=tuple(section.headers.items()),
        event=section.event,
        tolerance=section.tolerance,
        creates=section.creates,
    )


def _effect(section: Section, context: Context) -> Act | None:
    if section.effect is None:
        return None
    ((line, step),) = section.effect.items()
    at = ("effect",)
    if not line.safe or step.creates or step.capture or step.control:
        raise Misuse(
            f"'{line}' does more than look", at=at, expected="GET, without creates, capture or control"
        )
    act = Act(line, step, step.identity or ANONYMOUS)
    if act.identity != ANONYMOUS:
        require_identity(act.identity, context, (*at, "as"))
    hold_rules(act, (), at)
    if not act.uses_mark:
        raise Misuse(f"'{line}' shows any event", at=at, expected="{mark} in the path or in what is expected")
    return act


def _items(section: Section, endpoint: Endpoint, effect: Act | None) -> Iterator[Item]:
    one = endpoint.act.spend
    remover = endpoint.act.names
    viewer = {effect.identity} if effect else set()
    again = "takes effect once" if effect else "is answered without an error"
    yield Item(
        title="a signed delivery is accepted" + (" and takes effect" if effect else ""),
        steps=partial(_accepted, endpoint, effect, section.every),
        requests=one.requests + (LOOKS if effect else 0),
        writes=one.writes,
        identities=remover | viewer,
        hint="was the endpoint's secret changed with this deploy, and the sender's not?",
    )
    for wrong in Wrong:
        yield Item(
            title=f"a delivery {wrong.value} is refused",
            steps=partial(_refused, endpoint, wrong),
            requests=2 * one.requests,
            writes=2 * one.writes,
            identities=remover,
            weakness=_WEAKNESSES[wrong],
            hint=_HINTS[wrong],
        )
    yield Item(
        title=f"a delivery that comes again {again}",
        steps=partial(_replayed, endpoint, effect, section.every),
        requests=one.requests + AGAIN + (LOOKS + 1 if effect else 0),
        writes=one.writes + AGAIN,
        identities=remover | viewer,
        weakness=Weakness(Severity.HIGH, "CWE-294", "API6:2023"),
        hint="senders deliver again whenever an answer is late: remember the ids of the events done",
    )


def _start(marks: int = 1) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], tuple[int, list[str]]]:
    """The time, and marks; fewer marks if they were not given."""
    evidence = yield (Variables(()), *(NewMark() for _ in range(marks)))
    (clock, *given) = evidence
    at = int(clock.at.timestamp()) if isinstance(clock, Values) else 0
    return at, [mark.text for mark in given if isinstance(mark, Mark) and at]


_NO_MARK = Inconclusive("no mark or no time was given, so nothing was sent")


def _accepted(endpoint: Endpoint, effect: Act | None, every: float) -> Steps:
    at, marks = yield from _start()
    if not marks:
        return _NO_MARK
    reply = yield from _deliver(endpoint.delivery(marks[0], at, None, "signed delivery"))
    if isinstance(reply, Inconclusive):
        return reply
    if not reply.ok:
        return Failed(f"POST {endpoint.path}: expected 2xx, got {reply.status}{_said(reply)}")
    if effect and (missing := (yield from wait_for(effect, marks[0], every))):
        return missing
    return Passed() if effect else Passed("whether it took effect was not looked at: `effect` says where")


def _refused(endpoint: Endpoint, wrong: Wrong) -> Steps:
    """Deliver what is wrong and what is right: unless that is accepted, a refusal proves nothing."""
    at, marks = yield from _start(2)
    if not marks[1:]:
        return _NO_MARK
    control = endpoint.delivery(marks[1], at, None, "control: signed delivery")
    if wrong is Wrong.TAMPERED:  # its signature was right once: some remember no more than that
        accepted = yield (control,)
        same = replace(endpoint.delivery(marks[1], at, wrong, wrong.value), creates=None)
        evidence = (*(yield (same,)), *accepted)
    else:
        evidence = yield (endpoint.delivery(marks[0], at, wrong, wrong.value), control)
    if isinstance(evidence[0], Reply) and evidence[0].ok:
        return Failed(f"POST {endpoint.path}: a delivery {wrong.value} got {evidence[0].status}")
    names = (f"a delivery {wrong.value}", "the control, a signed delivery")
    replies = gathered(names, evidence)
    if isinstance(replies, Inconclusive):
        return replies
    return _judged(endpoint, wrong, replies)


def _judged(endpoint: Endpoint, wrong: Wrong, replies: Replies) -> Passed | Failed | Inconclusive:
    refused, control = replies
    if not control.ok:
        return Inconclusive(
            f"the control, a signed delivery, got {control.status}{_said(control)}: without it a refusal "
            "proves nothing"
        )
    if refused.status not in CLIENT_ERRORS:
        got = f"got {refused.status}{_said(refused)}"
        return Failed(f"POST {endpoint.path}: a delivery {wrong.value}: expected 4xx, {got}")
    return Passed()


def _replayed(endpoint: Endpoint, effect: Act | None, every: float) -> Steps:
    """Deliver, wait for the effect, repeat the very same, look whether anything changed."""
    at, marks = yield from _start()
    if not marks:
        return _NO_MARK
    request = endpoint.delivery(marks[0], at, None, "signed delivery")
    first = yield from _deliver(request)
    if isinstance(first, Inconclusive):
        return first
    if not first.ok:
        return Inconclusive(
            f"the first delivery got {first.status}{_said(first)}: there is nothing to repeat"
        )
    if effect and (missing := (yield from wait_for(effect, marks[0], every))):
        return Inconclusive(f"after the first delivery: {missing.reason}")
    anew = endpoint.delivery(marks[0], at + LATER, None, "the same again, signed anew")
    if trouble := (yield from _again(request, anew)):
        return trouble
    if effect is None:
        return Passed("whether it took effect once was not looked at: `effect` says where")
    yield (Pause(every),)
    return (yield from still_once(effect, marks[0]))


def _again(request: HttpRequest, anew: HttpRequest) -> Part:
    """Repeat a delivery; what it creates is in the ledger already."""
    same = replace(request, creates=None, purpose="the same again")
    replies = gathered((f"POST {request.target} again",) * AGAIN, (yield (same, replace(anew, creates=None))))
    if isinstance(replies, Inconclusive):
        return replies
    for reply in replies:
        if reply.status in SERVER_ERRORS:
            return Failed(f"POST {request.target}: the same delivery again got {reply.status}{_said(reply)}")
    return None


def _deliver(
    request: HttpRequest,
) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], Reply | Inconclusive]:
    replies = gathered((f"POST {request.target}",), (yield (request,)))
    return replies if isinstance(replies, Inconclusive) else replies[0]


def _said(reply: Reply) -> str:
    return f" ({short(reply.text)})" if reply.body else ""
