"""What a reply is to a check that asks whether somebody is let in."""

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.model.evidence import Evidence, Reply

UNHANDLED = 500
"""The first of the statuses that say the deployment failed (RFC 9110, 15.6)."""


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
