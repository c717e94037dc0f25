"""From the contract's words to the request that is sent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.section import Creates, Send
from pytest_deploycheck.checks.language.template import MARK, as_text, filled, filled_target, filled_text
from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.probe import HttpRequest

_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


def request_of(act: Act, known: Mapping[str, Any], purpose: str = "request") -> HttpRequest:
    """Return the request, its names in braces replaced by `known` values."""
    send = act.step.send
    return HttpRequest(
        method=act.line.method,
        target=_target(act.line.target, send, known),
        identity=act.identity,
        headers=tuple(_headers(send, known)),
        body=_body(send, known),
        writes=act.writes,
        creates=_creation(act.step.creates, known) if act.step.creates else None,
        purpose=purpose,
    )


def _target(target: str, send: Send, known: Mapping[str, Any]) -> str:
    path = filled_target(target, known)
    if not send.query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{_encoded(send.query, known)}"


def _encoded(fields: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return `application/x-www-form-urlencoded` text; a list repeats its key."""
    pairs = [
        (filled_text(name, known), as_text(filled(value, known)))
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return urlencode(pairs)


def _headers(send: Send, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for content in send.contents & _TYPES.keys():
        if "content-type" not in map(str.lower, send.headers):
            yield "Content-Type", _TYPES[content]
    for name, value in send.headers.items():
        yield name, as_text(filled(value, known))


def _body(send: Send, known: Mapping[str, Any]) -> bytes | None:
    if "json" in send.contents:
        return json.dumps(filled(send.document, known), ensure_ascii=False, separators=(",", ":")).encode()
    if send.form is not None:
        return _encoded(send.form, known).encode()
    return filled_text(send.body, known).encode() if send.body is not None else None


def _creation(creates: Creates, known: Mapping[str, Any]) -> Creation:
    """Return how to undo the request; `{id}` is left for the ledger, which learns it from the reply."""
    others = {name: value for name, value in known.items() if name != "id"}

    def filled_line(line: Line) -> str:
        return f"{line.method} {filled_target(line.target, others)}"

    find, found = next(iter(creates.find.items())) if creates.find else (None, None)
    return Creation(
        mark=str(known[MARK]),
        identify=filled_text(creates.id, others),
        delete=filled_line(creates.delete),
        gone=filled_line(creates.gone or Line("GET", creates.delete.target)),
        find=filled_line(find) if find else None,
        found=found.text if found else None,
        identity=creates.by,
    )
