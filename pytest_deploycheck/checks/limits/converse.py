"""The conversation about one limit: count, look at the refusal, try to get past it, wait, ask again."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.judge import broken_expectations
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, parse_statuses
from pytest_deploycheck.checks.limits.count import Count, count, most
from pytest_deploycheck.checks.limits.fields import broken_fields, retry_after
from pytest_deploycheck.checks.limits.judge import Bound, judge
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Pause, Probe

FORGED = (
    ("X-Forwarded-For", "203.0.113.7"),
    ("Forwarded", "for=203.0.113.7"),
    ("X-Real-IP", "203.0.113.7"),
)
"""Headers that claim another address (RFC 7239), one that nobody has (RFC 5737)."""

LIMITED = parse_statuses(TOO_MANY_REQUESTS)
"""A 429 is what is asked for here."""

SLACK = 1.0
"""Seconds waited beyond what was asked for: Retry-After is in whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked about a limit. `refusal` says what the body of a 429 must show.

    `exempted`: with the environment's own headers nothing would be counted, so they are left out.
    """

    request: Act
    refusal: Act
    bound: Bound
    other: str | None
    recovers: bool
    forged: bool
    exempted: bool = False

    @property
    def most(self) -> int:
        """The most requests: two counts, what follows each, and the last one."""
        pressing = 2 + len(FORGED) * self.forged + (self.other is not None)
        return 2 * (most(self.bound.limit) + pressing) + 1


@dataclass(slots=True)
class Found:
    """What is wrong, what could not be decided, and what is worth telling if neither is."""

    faults: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hint: str = ""

    @property
    def outcome(self) -> Outcome:
        """A fault counts whatever else could not be seen."""
        if self.faults:
            return Failed("\n".join(self.faults), self.hint)
        if self.undecided:
            return Inconclusive("; ".join(self.undecided))
        return Passed(", ".join(self.notes))


Text: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], str]


def converse(ask: Ask) -> Steps:
    """Count once; a second time, in a window of its own, only if the first count leaves a doubt."""
    request = _request(ask, "count")
    found = Found()
    counted = yield from count(request, ask.request.statuses, ask.bound.limit)
    doubt = counted.trouble or (yield from _look(ask, counted, found, fresh=False))
    if isinstance(doubt, Failed | Inconclusive):
        return doubt
    if doubt and not found.faults:
        return (yield from _again(ask, counted, found, doubt))
    if ask.recovers and not found.faults and counted.refusal:
        wait = retry_after(counted.refusal) or ask.bound.window
        yield from _recover(ask, wait, found)
    return found.outcome


def _request(ask: Ask, purpose: str) -> HttpRequest:
    return replace(request_of(ask.request, {}, purpose), bare=ask.exempted)


def _look(ask: Ask, counted: Count, found: Found, *, fresh: bool) -> Text:
    """Judge a count and its refusal, try to get past it; return the doubt that is left."""
    judged = judge(ask.bound, counted, fresh=fresh)
    found.faults += judged.faults
    found.hint = judged.hint
    if counted.refusal is None:
        return judged.doubt
    found.notes.append(f"429 after {counted.served} requests")
    found.faults += [f"the 429: {fault}" for fault in broken_expectations(ask.refusal, counted.refusal, {})]
    found.faults += broken_fields(counted.refusal, ask.bound.limit, ask.bound.window)
    return judged.doubt or (yield from _press(ask, counted.refusal, found))


def _again(ask: Ask, first: Count, found: Found, doubt: str) -> Steps:
    """Count once more after a whole window in which nothing was sent, so that nothing else is counted."""
    request = _request(ask, "count again")
    asked = max(ask.bound.window, (first.refusal and retry_after(first.refusal)) or 0.0)
    hindrance = yield from _pause(asked)
    if hindrance and first.refusal:
        return Inconclusive(f"{doubt}; {hindrance}")
    second = yield from count(request, ask.request.statuses, ask.bound.limit)
    if second.trouble:
        return second.trouble
    if not hindrance:
        left = yield from _look(ask, second, found, fresh=True)
        found.undecided += [left] if left else []
        return found.outcome
    if second.refusal is None:  # more than twice the limit: no turn of a window explains that
        sent = first.sent + second.sent
        return Failed(f"{sent} requests, none refused; the contract says {ask.bound}", ask.bound.hint(second))
    return Inconclusive(f"{doubt}; {hindrance}")


def _press(ask: Ask, refusal: Reply, found: Found) -> Text:
    """Ask on, also with forged headers and as somebody else, between two plain requests."""
    plain = _request(ask, "once more")
    forged = [
        replace(plain, headers=(*plain.headers, header), purpose="forged") for header in FORGED if ask.forged
    ]
    others = [replace(plain, identity=ask.other, purpose="another user")] if ask.other else []
    evidence = yield (plain, *forged, *others, plain)
    if silent := next((why for seen in evidence if (why := unanswered(seen, LIMITED))), ""):
        found.undecided.append(f"after the 429: {silent}")
        return ""
    replies = [seen for seen in evidence if isinstance(seen, Reply)]
    served = [reply.status in ask.request.statuses for reply in replies]
    if served[0] or served[-1]:
        return _served_again(refusal, replies, found)
    for (name, value), passed in zip(FORGED, served[1 : 1 + len(forged)], strict=False):
        if passed:
            found.faults.append(f"{name}: {value} gets past the limit")
    if ask.other and not served[-2]:
        found.faults.append(_other_refused(ask.other, replies[-2]))
    return ""


def _served_again(refusal: Reply, replies: list[Reply], found: Found) -> str:
    wait = retry_after(refusal)
    if wait is not None and wait > sum(reply.elapsed for reply in replies) + SLACK:
        found.faults.append(f"served again at once after a 429 whose Retry-After asks to wait {wait:g} s")
        found.hint = found.hint or "several replicas count apart"
        return ""
    return "served again right after the 429: a new window may have begun"


def _other_refused(name: str, reply: Reply) -> str:
    if reply.status == TOO_MANY_REQUESTS:
        return f"{name} is refused too: the limit is not of one user"
    return f"{name} got {reply.status}, and should be served whatever others did"


def _recover(ask: Ask, wait: float, found: Found) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], None]:
    hindrance = yield from _pause(wait)
    if hindrance:
        found.undecided.append(f"whether it recovers was not seen: {hindrance}")
        return
    (seen,) = yield (_request(ask, "after the window"),)
    if silent := unanswered(seen, LIMITED):
        found.undecided.append(f"after the window: {silent}")
    elif isinstance(seen, Reply) and seen.status == TOO_MANY_REQUESTS:
        found.faults.append(f"still 429 after waiting {wait:g} s as Retry-After asks")
    elif isinstance(seen, Reply) and seen.status not in ask.request.statuses:
        found.faults.append(f"got {seen.status} after waiting {wait:g} s")
    else:
        found.notes.append(f"served again after {wait:g} s")


def _pause(seconds: float) -> Text:
    """Wait; return why it was not possible, if so."""
    (paused,) = yield (Pause(seconds + SLACK),)
    match paused:
        case Paused(seconds=past) if past >= seconds:
            return ""
        case Withheld(reason=reason):
            return reason
        case _:
            return f"the run's time was over before {seconds:g} s had passed"
