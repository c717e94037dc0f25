"""Reads the replies to those who may and those who may not: no answer, no JSON, another layer's answer."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.surface.reply import said
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest

NO_JSON = object()
"""What `document` returns where there is none; null is one."""


def all_answered(
    requests: Sequence[HttpRequest], evidence: Iterable[Evidence]
) -> tuple[Reply, ...] | Inconclusive:
    """Return the replies, or say which request was not answered: rate limited, silent, or not sent."""
    replies = []
    for request, seen in zip(requests, evidence, strict=True):
        if reason := unanswered(seen):
            return Inconclusive(f"{named(request)}: {reason}")
        if isinstance(seen, Reply):
            replies.append(seen)
    return tuple(replies)


def named(request: HttpRequest) -> str:
    """Who asks for what."""
    return f"{request.method} {request.target} as {request.identity}"


def shown(reply: Reply) -> str:
    """The status, and what the body says where it is no success."""
    return str(reply.status) if reply.ok else f"{reply.status}{said(reply)}"


def broken_control(request: HttpRequest, reply: Reply) -> Inconclusive | None:
    """Why what the others got proves nothing, or None if the control was served."""
    if reply.ok:
        return None
    return Inconclusive(
        f"the control {named(request)}: expected 2xx, got {shown(reply)}: without it a refusal proves nothing"
    )


def other_layer(denial: Reply, control: Reply, *, bare: bool) -> Inconclusive | None:
    """Why a denial is not the application's own, judged beside an answer that is; None where it may be.

    `bare`: the application refuses without a JSON body.
    """
    if _is_html(denial) and not _is_html(control):
        what = "it is an HTML page"
    elif not bare and _is_json(control) and not _is_json(denial):
        what = "the application answers JSON, and this is none"
    else:
        return None
    return Inconclusive(
        f"refused by another layer: {shown(denial)}: {what}; what the application itself would say, "
        "nobody knows"
    )


def document(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    """The reply's body as JSON, or NO_JSON."""
    try:
        return json.loads(reply.body)
    except ValueError:
        return NO_JSON


def _is_json(reply: Reply) -> bool:
    return document(reply) is not NO_JSON


def _is_html(reply: Reply) -> bool:
    kind = reply.header("content-type") or ""
    start = reply.text.lstrip()[:15].lower()
    return kind.startswith("text/html") or start.startswith(("<!doctype html", "<html"))
