"""What a reply says about who may read it from another origin (WHATWG Fetch, 3.3)."""

from collections.abc import Collection, Iterator

from pytest_deploycheck.checks.language.shown import shown
from pytest_deploycheck.model.evidence import Reply

_ALWAYS_ALLOWED_METHODS = frozenset({"GET", "HEAD", "POST"})
_EVERYBODY = "*"


def not_let_in(reply: Reply, origin: str, *, credentials: bool) -> Iterator[str]:
    """Why a browser would keep the reply from a page of `origin`."""
    allowed = reply.header("access-control-allow-origin")
    if credentials and allowed == _EVERYBODY:
        yield "Access-Control-Allow-Origin: * does not go with credentials"
    elif allowed not in {origin, _EVERYBODY}:
        yield f"Access-Control-Allow-Origin: expected {origin}, got {_got(allowed)}"
    said = reply.header("access-control-allow-credentials")
    if credentials and said != "true":
        yield f"Access-Control-Allow-Credentials: expected true, got {_got(said)}"
    if not credentials and said == "true":
        yield "Access-Control-Allow-Credentials: expected nothing, got true"


def let_in(reply: Reply, origin: str) -> str | None:
    """What lets a page of `origin` read the reply, or None. One origin among several counts too."""
    allowed = reply.header("access-control-allow-origin") or ""
    if not {origin, _EVERYBODY} & {part.strip() for part in allowed.split(",")}:
        return None
    if reply.header("access-control-allow-credentials") == "true":
        return f"Access-Control-Allow-Origin: {allowed}, with credentials"
    return f"Access-Control-Allow-Origin: {allowed}"


def not_permitted(reply: Reply, method: str, headers: Collection[str], *, credentials: bool) -> Iterator[str]:
    """What a preflight does not permit: the method, or one of the headers (WHATWG Fetch, 4.8)."""
    methods = _listed(reply, "access-control-allow-methods")
    wild = not credentials and _EVERYBODY in methods
    if method.lower() not in methods and method not in _ALWAYS_ALLOWED_METHODS and not wild:
        yield f"Access-Control-Allow-Methods: expected {method} in it, got {_got(_methods(reply))}"
    permitted = _listed(reply, "access-control-allow-headers")
    wild = not credentials and _EVERYBODY in permitted
    for name in headers:
        if name.lower() not in permitted and not (wild and name.lower() != "authorization"):
            got = _got(reply.header("access-control-allow-headers"))
            yield f"Access-Control-Allow-Headers: expected {name} in it, got {got}"


def age_of(reply: Reply) -> float | None:
    """How long a browser may remember a preflight, in seconds."""
    value = reply.header("access-control-max-age") or ""
    return float(value) if value.strip().isdigit() else None


def shares_its_cache(reply: Reply) -> bool:
    """Whether a cache may hand the answer for one origin to another: it is echoed, and not in Vary."""
    varies = _listed(reply, "vary")
    return reply.header("access-control-allow-origin") != _EVERYBODY and not {"origin", "*"} & varies


def _methods(reply: Reply) -> str | None:
    return reply.header("access-control-allow-methods")


def _listed(reply: Reply, name: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in (reply.header(name) or "").split(","))


def _got(value: str | None) -> str:
    return "nothing" if value is None else shown(value)
