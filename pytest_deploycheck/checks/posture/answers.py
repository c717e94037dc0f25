"""Replies that can be judged, and what keeps the others from it."""

from collections.abc import Sequence
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Inconclusive

Replies: TypeAlias = tuple[Reply, ...]

SERVER_ERRORS = range(500, 600)
CLIENT_ERRORS = range(400, 500)


def gathered(asked: Sequence[str], evidence: tuple[Evidence, ...]) -> Replies | Inconclusive:
    """Return the replies to what was asked, or why the first that is none says nothing."""
    for what, seen in zip(asked, evidence, strict=True):
        if why := unanswered(seen):
            return Inconclusive(f"{what}: {why}")
    return tuple(seen for seen in evidence if isinstance(seen, Reply))
