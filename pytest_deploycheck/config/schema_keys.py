"""Which keys a part of a JSON Schema knows: for the nearest name beside an unknown one."""

from collections.abc import Iterable, Iterator
from typing import Any

_BRANCHES = ("anyOf", "oneOf", "allOf")


def known_keys(schema: dict[str, Any], loc: Iterable[str | int]) -> frozenset[str]:
    """Return the keys that are known where `loc` leads; steps that lead nowhere are passed over."""
    here = list(_branches(schema, schema))
    for step in loc:
        below = [inner for part in here for inner in _below(part, step)]
        here = [leaf for inner in below for leaf in _branches(inner, schema)] or here
    return frozenset(name for part in here for name in part.get("properties", {}))


def knows(schema: dict[str, Any], key: str) -> bool:
    """Whether a key is known anywhere in a part."""
    parts = [schema]
    for part in parts:
        if key in part.get("properties", {}):
            return True
        for inner in part.values():
            parts += [each for each in _listed(inner) if isinstance(each, dict)]
    return False


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else (value,)


def _branches(part: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if reference := part.get("$ref"):
        yield from _branches(root["$defs"][reference.rsplit("/", 1)[-1]], root)
    for name in _BRANCHES:
        for branch in part.get(name, ()):
            yield from _branches(branch, root)
    yield part


def _below(part: dict[str, Any], step: str | int) -> Iterator[dict[str, Any]]:
    if isinstance(step, int):
        inner = part.get("items")
    else:
        inner = part.get("properties", {}).get(step) or part.get("additionalProperties")
    if isinstance(inner, dict):
        yield inner
