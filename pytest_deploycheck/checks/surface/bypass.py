"""Other ways to a protected path: none may reach what the plain path denies."""

import json
from collections.abc import Iterator, Sequence

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.surface.denial import Control
from pytest_deploycheck.checks.surface.reply import said, unhandled
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest

_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_REWRITES = ("X-Original-URL", "X-Rewrite-URL")
_NOWHERE = "/no-such-path"
"""What headers rewrite: nothing is there, so that what comes is what they asked for."""
_NOT_IMPLEMENTED = 501
_REFUSALS = frozenset({401, 403})


def detours(target: str) -> tuple[tuple[str, HttpRequest], ...]:
    """Return requests without a credential that mean `target`, each with its name.

    All are safe methods.
    """
    overridden = tuple((name, "GET") for name in _OVERRIDES)
    base, path = _split(target)
    rewritten = tuple((name, path) for name in _REWRITES)
    head, _, last = target.rpartition("/")
    upper = last.upper()
    start, middle = _capitals(path.removesuffix(f"/{last}"))
    return (
        ("HEAD", _request("HEAD", target)),
        ("OPTIONS", _request("OPTIONS", target)),
        ("OPTIONS, overridden by GET", _request("OPTIONS", target, overridden)),
        ("OPTIONS, overridden in the query", _request("OPTIONS", f"{target}?_method=GET")),
        ("GET, overridden by OPTIONS", _request("GET", target, ((_OVERRIDES[0], "OPTIONS"),))),
        ("trailing slash", _request("GET", f"{target}/")),
        ("upper case", _request("GET", f"{head}/{upper}" if upper != last else base + path.upper())),
        ("capitals before it", _request("GET", f"{base}{start}{middle}/{last}")),
        ("encoded letter", _request("GET", f"{head}/%{ord(last[:1] or '/'):02X}{last[1:]}")),
        ("double slash", _request("GET", f"{head}//{last}")),
        ("encoded slash", _request("GET", f"{head if head != base else base + '/'}%2F{last}")),
        ("path parameter", _request("GET", f"{target};x=1")),
        ("rewritten path", _request("GET", base + _NOWHERE, rewritten)),
    )


def _capitals(folder: str) -> tuple[str, str]:
    """Return the first segment as it is, and those after it in capitals; one that is alone in capitals."""
    first, slash, rest = folder.removeprefix("/").partition("/")
    return (f"/{first}", f"/{rest.upper()}") if slash else ("", folder.upper())


def _split(target: str) -> tuple[str, str]:
    """Return what stands before the path, nothing where that is the environment's base URL, and the path."""
    if not target.startswith(("http://", "https://")):
        return "", target
    origin = "/".join(target.split("/")[:3])
    return origin, target.removeprefix(origin)


def judge(names: Sequence[str], evidence: Sequence[Evidence], plain: Evidence, control: Control) -> Outcome:
    """Decide whether a detour led to what the control saw; the plain path must be denied."""
    undecided = [
        f"{name}: {why}" for name, seen in zip(names, evidence, strict=True) if (why := unanswered(seen))
    ]
    if why := control.trouble or unanswered(plain):
        undecided.append(why)
    elif isinstance(plain, Reply) and plain.status not in _REFUSALS:
        return Inconclusive(f"the plain path is not denied: got {plain.status}: a detour proves nothing")
    if isinstance(control.seen, Reply) and control.seen.ok:
        faults = list(_faults(zip(names, evidence, strict=True), control.seen))
        if faults and (not undecided or any("reaches" in fault for fault in faults)):
            return Failed("\n".join(faults))
    return Inconclusive("\n".join(undecided)) if undecided else Passed()


def _faults(pairs: "zip[tuple[str, Evidence]]", wanted: Reply) -> Iterator[str]:
    for name, seen in pairs:
        if not isinstance(seen, Reply) or unanswered(seen):
            continue
        if seen.ok and (name == "HEAD" or same(seen, wanted)):
            yield f"{name}: reaches what the plain path denies ({seen.status})"
        elif unhandled(seen) and seen.status != _NOT_IMPLEMENTED:
            yield f"{name}: not handled: got {seen.status}{said(seen)}"


def same(seen: Reply, wanted: Reply) -> bool:
    """Whether two replies show the same: byte for byte, or JSON of the same form."""
    if not seen.body:
        return False
    return seen.body == wanted.body or (_form(seen) is not None and _form(seen) == _form(wanted))


def _form(reply: Reply) -> object:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return None
    return sorted(document) if isinstance(document, dict) else type(document)


def _request(method: str, target: str, headers: tuple[tuple[str, str], ...] = ()) -> HttpRequest:
    return HttpRequest(method=method, target=target, headers=headers, purpose="detour")


DETOURS = len(detours("/a"))
"""How many there are."""
