"""Ways around the login that a mistake opens: the gate and the router read a request differently."""

import re
from collections.abc import Callable

from starlette.requests import Request

from suites.standins.kit.replica import Switches

OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")
Way = Callable[[Request], tuple[str, str] | None]
"""Method and path as the router reads them, if the request goes this way."""


def _head(request: Request) -> tuple[str, str] | None:
    return ("HEAD", request.scope["path"]) if request.method == "HEAD" else None


def _options(request: Request) -> tuple[str, str] | None:
    return ("GET", request.scope["path"]) if request.method == "OPTIONS" else None


def _override(request: Request) -> tuple[str, str] | None:
    wanted = next((request.headers[name] for name in OVERRIDES if name in request.headers), None)
    return (wanted.upper(), request.scope["path"]) if wanted else None


def _in_query(request: Request) -> tuple[str, str] | None:
    wanted = request.query_params.get("_method")
    return (wanted.upper(), request.scope["path"]) if wanted else None


def _path(plain: Callable[[str], str]) -> Way:
    def way(request: Request) -> tuple[str, str] | None:
        path = request.scope["path"]
        return (request.method, plain(path)) if plain(path) != path else None

    return way


def _encoded(request: Request) -> tuple[str, str] | None:
    is_encoded = b"%2f" in request.scope["raw_path"].lower()
    return (request.method, request.scope["path"]) if is_encoded else None


def _letter(request: Request) -> tuple[str, str] | None:
    is_encoded = re.search(rb"%[3-7][0-9a-f]", request.scope["raw_path"].lower())
    return (request.method, request.scope["path"]) if is_encoded else None


WAYS: dict[str, Way] = {
    "bypass_head": _head,
    "bypass_options": _options,
    "bypass_method_override": _override,
    "bypass_method_in_query": _in_query,
    "bypass_encoded_letter": _letter,
    "bypass_trailing_slash": _path(lambda path: path.rstrip("/")),
    "bypass_case": _path(str.lower),
    "bypass_double_slash": _path(lambda path: re.sub("/+", "/", path)),
    "bypass_encoded_slash": _encoded,
    "bypass_path_parameter": _path(lambda path: re.sub(";[^/]*", "", path)),
}
"""Fault → the way it opens."""


def take_way_around(request: Request, fault: Switches, below: str) -> bool:
    """Read the request as the router would, if it goes around the login; say whether it does."""
    if "authorization" in request.headers:
        return False
    for name, way in WAYS.items():
        taken = way(request) if fault(name) else None
        if taken is not None and taken[1].startswith(f"{below}/"):
            request.scope["method"], request.scope["path"] = taken
            return True
    return False
