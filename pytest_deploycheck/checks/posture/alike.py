"""Whether two answers could be told apart by whoever asked."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.evidence import Reply

_VOLATILE = re.compile(
    r"(?i)(^|[._\]])(id|nonce|date|instance|timestamp)$|(time|_at|_id|trace|request|correlation|duration)[\w]*$"
)
"""Keys whose values differ with every answer."""
_RUNS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
"""Ids and numbers in a text that is not JSON."""


def differences(one: Reply, other: Reply, names: tuple[str, str]) -> Iterator[str]:
    """What tells the answers apart, but for the name that each was asked with."""
    if one.status != other.status:
        yield f"status: {one.status} and {other.status}"
    kinds = [(reply.header("content-type") or "nothing").lower() for reply in (one, other)]
    if kinds[0] != kinds[1]:
        yield f"content-type: {kinds[0]} and {kinds[1]}"
    first, second = (_parts(reply, name) for reply, name in zip((one, other), names, strict=True))
    for path in sorted(first.keys() | second.keys()):
        if first.get(path) != second.get(path):
            yield f"{path}: {_got(first, path)} and {_got(second, path)}"


def _got(parts: dict[str, Any], path: str) -> str:
    return shown(parts[path]) if path in parts else "nothing"


def _parts(reply: Reply, name: str) -> dict[str, Any]:
    """Each value of an answer by its place; the name that was asked with is taken out."""
    text = reply.text.replace(name, "{user}")
    try:
        document = json.loads(text)
    except ValueError:
        return {"body": _RUNS.sub("#", text)}
    return dict(_flat("$", document))


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    """The values of a JSON document; of what is different every time only that it is there."""
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(f"{path}.{key}", part)
        case list():
            for index, part in enumerate(value):
                yield from _flat(f"{path}[{index}]", part)
        case _:
            yield path, "(changes)" if _VOLATILE.search(path) else value
