"""Removes what a check created, and proves that it is gone."""

import json
from collections.abc import Generator, Iterator
from typing import Any, TypeAlias
from urllib.parse import quote

import jsonpath_rfc9535

from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.creation import MARK
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.safety.ledger import Entry

GONE = (404, 410)
"""Statuses that say a resource does not exist (RFC 9110, 15.5.5 and 15.5.11)."""

JSONPATH = "$"

Search: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], tuple[str, ...] | Failed]


def identify(entry: Entry, reply: Reply | None) -> str | None:
    """The id of what was created: as the client chose it, or as the reply tells it, or None."""
    creation = entry.creation
    if not creation.identify.startswith(JSONPATH):
        return creation.identify.replace(MARK, creation.mark)
    if reply is None or not reply.ok:
        return None
    return next(_values(reply, creation.identify), None)


def removal(entry: Entry) -> Steps:
    """Delete the resource, ask for it again, and look for others that carry its mark.

    Passed: nothing is there now; its note says whether anything was. Failed: still there, or nobody can tell.
    """
    creation = entry.creation
    found = yield from _search(entry)
    if isinstance(found, Failed):
        if entry.refused:
            return Passed()
        if entry.resource is None:
            return found
        found = ()
    resources = dict.fromkeys([*([entry.resource] if entry.resource else []), *found])
    for resource in resources:
        yield (_request(entry, creation.delete, resource),)
        (reply,) = yield (_request(entry, creation.gone, resource),)
        if not (isinstance(reply, Reply) and reply.status in GONE):
            asked = creation.gone.replace("{id}", resource)
            return Failed(f"{asked} answered {_said(reply)} after its removal")
    again = yield from _search(entry)
    if isinstance(again, Failed):
        return again
    if again:
        return Failed(f"{len(again)} still carry the mark {creation.mark}")
    return Passed("removed") if resources else Passed()


def _search(entry: Entry) -> Search:
    """The ids of all resources that carry the entry's mark."""
    creation = entry.creation
    if creation.find is None or creation.found is None:
        return () if entry.resource else Failed("its id was never told, and the contract cannot find it")
    (reply,) = yield (_request(entry, creation.find, ""),)
    if not (isinstance(reply, Reply) and reply.ok):
        return Failed(f"{creation.find} answered {_said(reply)}: whether anything is left cannot be told")
    return tuple(_values(reply, creation.found))


def _request(entry: Entry, line: str, resource: str) -> HttpRequest:
    method, _, target = line.partition(" ")
    target = target.replace("{id}", quote(resource, safe="")).replace(MARK, entry.creation.mark)
    return HttpRequest(
        method=method,
        target=target,
        identity=entry.identity,
        writes=method not in SAFE_METHODS,
        purpose="cleanup",
    )


def _values(reply: Reply, path: str) -> Iterator[str]:
    try:
        data: Any = json.loads(reply.body)
    except ValueError:
        return
    yield from (str(value) for value in jsonpath_rfc9535.find(path, data).values() if value is not None)


def _said(evidence: Evidence) -> str:
    match evidence:
        case Reply(status=status):
            return str(status)
        case Silence(reason=reason) | Withheld(reason=reason):
            return reason
        case _:
            return "something else"
