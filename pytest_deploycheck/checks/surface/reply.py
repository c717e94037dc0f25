"""What a reply is to a check that asks whether somebody is let in."""

from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld

UNHANDLED = 500
"""The first of the statuses that say the deployment failed (RFC 9110, 15.6)."""


def unanswered(evidence: Evidence) -> str:
    """Why the evidence says nothing about who is let in, or nothing: a 429 is the limiter's word."""
    match evidence:
        case Reply(status=status) if status == TOO_MANY_REQUESTS:
            after = evidence.header("retry-after")
            return f"rate limited (429{f', Retry-After {after}' if after else ''})"
        case Reply():
            return ""
        case Silence(reason=reason):
            return f"no answer: {reason}"
        case Withheld(reason=reason):
            return reason if reason.startswith("not sent") else f"not sent: {reason}"
        case _:
            return f"{type(evidence).__name__} is no reply"


def trouble(evidence: Evidence) -> str:
    """What is wrong with a control that should have been let in, or nothing."""
    if reason := unanswered(evidence):
        return reason
    if isinstance(evidence, Reply) and not evidence.ok:
        return f"got {evidence.status}{said(evidence)}"
    return ""


def unhandled(evidence: Evidence) -> bool:
    """Whether the deployment failed instead of answering."""
    return isinstance(evidence, Reply) and evidence.status >= UNHANDLED


def said(reply: Reply) -> str:
    """The beginning of a reply's body, in parentheses, or nothing."""
    return f" ({short(reply.text)})" if reply.body else ""
