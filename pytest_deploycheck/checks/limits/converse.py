"""The conversation about one limit: count, look at the refusal, try to get past it, wait, ask again."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.judge import broken_expectations
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, parse_statuses
from pytest_deploycheck.checks.limits.ask import Ask, Found
from pytest_deploycheck.checks.limits.count import Count, Counting, count
from pytest_deploycheck.checks.limits.disguise import disguises
from pytest_deploycheck.checks.limits.fields import broken_countdown, broken_fields, retry_after
from pytest_deploycheck.checks.limits.judge import judge
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Withheld
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import Pause, Probe

LIMITED = parse_statuses(TOO_MANY_REQUESTS)
"""A 429 is what is asked for here."""

SLACK = 1.0
"""Seconds waited beyond what was asked for: Retry-After is in whole seconds."""


Text: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], str]


def converse(ask: Ask) -> Steps:
    """Count once; a second time, in a window of its own, only if the first count leaves a doubt."""
    if ask.hidden:
        return Inconclusive(ask.hidden)
    found = Found()
    counted = yield from _count(ask, "count")
    doubt = counted.trouble or (yield from _look(ask, counted, found, fresh=False))
    if isinstance(doubt, Failed | Inconclusive):
        return doubt
    if doubt and not found.faults:
        return (yield from _again(ask, counted, found, doubt))
    if ask.recovers and not found.faults and counted.refusal:
        yield from _recover(ask, counted, counted.refusal, found)
    return found.outcome


def _count(ask: Ask, purpose: str) -> Counting:
    return count(partial(ask.request, purpose), ask.act.statuses, ask.bound.limit, ask.bound.allowed)


def _look(ask: Ask, counted: Count, found: Found, *, fresh: bool) -> Text:
    """Judge a count and its refusal, try to get past it; return the doubt that is left."""
    judged = judge(ask.bound, counted, fresh=fresh)
    found.faults += judged.faults
    found.hint = judged.hint
    if found.faults:
        found.hint = ask.bound.of_another_tier(counted) or found.hint
    if counted.refusal is None:
        return judged.doubt
    found.notes.append(f"429 after {many(counted.served, 'request')}")
    found.faults += [f"the 429: {fault}" for fault in broken_expectations(ask.refusal, counted.refusal, {})]
    if wrong := tuple(broken_fields(counted.refusal, ask.bound.limit, ask.bound.window)):
        found.faults += wrong
        found.hint = ask.bound.of_another_tier(counted) or found.hint
    if not (found.faults or judged.doubt):
        found.faults += broken_countdown(counted.told, ask.bound.limit, ask.bound.tolerance)
    return judged.doubt or (yield from _press(ask, counted, counted.refusal, found))


def _again(ask: Ask, first: Count, found: Found, doubt: str) -> Steps:
    """Count once more after a whole window in which nothing was sent, so that nothing else is counted."""
    asked = max(ask.bound.window, (first.refusal and retry_after(first.refusal)) or 0.0)
    hindrance = yield from _pause(asked)
    if hindrance and first.refusal:
        return Inconclusive(f"{doubt}; {hindrance}")
    second = yield from _count(ask, "count again")
    if second.trouble:
        return second.trouble
    if not hindrance:
        left = yield from _look(ask, second, found, fresh=True)
        found.undecided += [left] if left else []
        return found.outcome
    if second.refusal is None:  # more than twice the limit: no turn of a window explains that
        sent = first.sent + second.sent
        return Failed(
            f"{many(sent, 'request')}, none refused; the contract says {ask.bound}",
            ask.bound.hint(second),
        )
    return Inconclusive(f"{doubt}; {hindrance}")


def _press(ask: Ask, counted: Count, refusal: Reply, found: Found) -> Text:
    """Ask on, also in disguise and as somebody else, between two plain requests.

    All as the client that was refused: what it gets as another user tells whose limit was met.
    """
    plain = ask.request("once more", counted.refused)
    tried = disguises(plain, forged=ask.forged)
    others = [replace(plain, identity=ask.other, purpose="another user")] if ask.other else []
    evidence = yield (plain, *(each.request for each in tried), *others, plain)
    if silent := next((why for seen in evidence if (why := unanswered(seen, LIMITED))), ""):
        found.undecided.append(f"after the 429: {silent}")
        return ""
    replies = [seen for seen in evidence if isinstance(seen, Reply)]
    served = [reply.status in ask.act.statuses for reply in replies]
    if served[0] or served[-1]:
        return _served_again(refusal, replies, found)
    for each, seen, passed in zip(tried, replies[1:], served[1:], strict=False):
        if each.gets_past(seen, served=passed, before=counted.last):
            found.faults.append(f"{each.name} gets past the limit")
    if ask.other and not served[-2]:
        _tell_refused(ask, ask.other, replies[-2], found)
    elif ask.bound.user and not ask.other:
        found.undecided.append("whether the limit is the user's or its address's was not seen: name `other`")
    return ""


def _served_again(refusal: Reply, replies: list[Reply], found: Found) -> str:
    wait = retry_after(refusal)
    if wait is not None and wait > sum(reply.elapsed for reply in replies) + SLACK:
        found.faults.append(f"served again at once after a 429 whose Retry-After asks to wait {wait:g} s")
        found.hint = found.hint or "several replicas count apart"
        return ""
    return "served again right after the 429: a new window may have begun"


def _tell_refused(ask: Ask, name: str, reply: Reply, found: Found) -> None:
    """Who else is refused shares the limit; or what claims to be several clients is one to the deployment."""
    if reply.status != TOO_MANY_REQUESTS:
        found.faults.append(f"{name} got {reply.status}, and should be served whatever others did")
    elif any(limit.user == name for limit in ask.declared()):
        found.undecided.append(
            f"{name} is refused too: the limit is not of one user, or {name} has used up its own"
        )
    elif ask.clients:
        found.undecided.append(
            f"{name} is refused too: the limit is not of one user, or the deployment does not tell the "
            f"{len(ask.clients)} clients apart"
        )
    else:
        found.faults.append(f"{name} is refused too: the limit is not of one user")
        found.hint = found.hint or "or one of the address is met as well: declare it, and name `clients`"


def _recover(
    ask: Ask, counted: Count, refusal: Reply, found: Found
) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], None]:
    wait = retry_after(refusal) or ask.bound.window
    hindrance = yield from _pause(wait)
    if hindrance:
        found.undecided.append(f"whether it recovers was not seen: {hindrance}")
        return
    (seen,) = yield (ask.request("after the window", counted.refused),)
    if silent := unanswered(seen, LIMITED):
        found.undecided.append(f"after the window: {silent}")
    elif isinstance(seen, Reply) and seen.status == TOO_MANY_REQUESTS:
        found.faults.append(f"still 429 after waiting {wait:g} s as Retry-After asks")
    elif isinstance(seen, Reply) and seen.status not in ask.act.statuses:
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
