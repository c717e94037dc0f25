"""Paths of routes, and the ids that stand in them."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from pytest_deploycheck.checks.language.template import as_text

NOBODYS_TEXT = "00000000-0000-4000-8000-000000000000"
"""A UUID (RFC 9562) that no generator gives: nothing has this id."""

NOBODYS_NUMBER = 2147483647
"""The largest integer of 32 bits: as a serial number, the last that would ever be given."""

_PARAMETER = re.compile(r"(?<!\$)\{([^{}/]+)\}")
"""Not ${NAME}: that is a variable, of which the value may not be known yet."""


def parameters(path: str) -> tuple[str, ...]:
    """Return the names in braces, in their order."""
    return tuple(_PARAMETER.findall(path))


def filled(path: str, ids: Mapping[str, object]) -> str:
    """Return the path with an id for each parameter, percent-encoded (RFC 3986, 2.1).

    Raises:
        KeyError: for a parameter without one.
    """
    return _PARAMETER.sub(lambda found: quote(as_text(ids[found[1]]), safe=""), path)


def nobodys(path: str, like: Mapping[str, object] | None = None) -> str:
    """Return the path with ids that nothing has; numbers where the ids in `like` are numbers."""
    return filled(path, {name: nobodys_id((like or {}).get(name)) for name in parameters(path)})


def nobodys_id(like: object = None) -> object:
    """Return an id that nothing has, of the type of `like`."""
    return nobodys_ids(like, 1)[0]


def nobodys_ids(like: object, count: int) -> tuple[object, ...]:
    """Return ids that nothing has, of the type of `like`."""
    if isinstance(like, int) or (isinstance(like, str) and like.isdecimal()):
        return tuple(NOBODYS_NUMBER - index for index in range(count))
    return tuple(f"{NOBODYS_TEXT[:-3]}{index:03x}" for index in range(count))


def collection(path: str, parameter: str) -> str:
    """Return what stands before a parameter: /api/orders for {order} of /api/orders/{order}."""
    return path.partition(f"/{{{parameter}}}")[0]


def shape(path: str) -> str:
    """Return the path without the names of its parameters: two routes of one shape are one route."""
    return _PARAMETER.sub("{}", path)
