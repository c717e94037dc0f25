"""Replies that can be judged, and what keeps the others from it."""

from collections.abc import Sequence
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.outcome import Inconclusive

Replies: TypeAlias = tuple[Reply, ...]

SERVER_ERRORS = range(500, 600)
CLIENT_ERRORS = range(400, 500)


def gathered(asked: Sequence[str], evidence: tuple[Evidence, ...]) -> Replies | Inconclusive:
    """Return the replies to what was asked, or why the first that is none says nothing."""
    for what, seen in zip(asked, evidence, strict=True):
        if why := silent(seen):
            return Inconclusive(f"{what}: {why}")
    return tuple(seen for seen in evidence if isinstance(seen, Reply))


def silent(evidence: Evidence) -> str | None:
    """Why the evidence says nothing about the deployment's behaviour, or None if it does."""
    match evidence:
        case Reply(status=status) if status == TOO_MANY_REQUESTS:
            after = evidence.header("retry-after")
            return f"rate limited (429{f', Retry-After {after}' if after else ''})"
        case Reply():
            return None
        case Silence(reason=reason):
            return f"no answer: {reason}"
        case Withheld(reason=reason):
            return f"not sent: {reason}"
        case _:
            return f"{type(evidence).__name__} is no reply"
