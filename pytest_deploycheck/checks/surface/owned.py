"""Path parameters, filled from what an identity owns: it asks the lists that it may read."""

import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.surface.path import collection, parameters
from pytest_deploycheck.checks.surface.reply import trouble
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Listing, Route

Ids: TypeAlias = Mapping[str, tuple[Any, ...]]
"""Parameter → the ids that were found, never none."""

Finding: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Ids | Inconclusive]


@dataclass(frozen=True, slots=True)
class Source:
    """A list, and where its ids are: a JSONPath, or that of the route's items."""

    path: str
    ids: str | Listing


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the ids for a path come from, and the parameters that nothing fills."""

    found: Mapping[str, Source]
    missing: tuple[str, ...]

    @property
    def requests(self) -> int:
        """How many requests finding the ids takes."""
        return len({source.path for source in self.found.values()})


def sources(path: str, identity: Identity, routes: Iterable[Route]) -> Sources:
    """Return where `identity` finds ids for the parameters of a path.

    What the contract says it `owns` comes first; else the list that stands before the parameter is asked,
    if it is a route itself: GET /api/orders for {order} of /api/orders/{order}.
    """
    lists = {route.url: route for route in routes if route.method == "GET" and not parameters(route.url)}
    found: dict[str, Source] = {}
    for name in parameters(path):
        if owned := identity.owns.get(name):
            found[name] = Source(owned.path, owned.ids)
        elif listed := lists.get(collection(path, name)):
            found[name] = Source(listed.url, listed.listing)
    return Sources(found, tuple(name for name in parameters(path) if name not in found))


def find_ids(wanted: Sources, identity: str, *, control: bool = False) -> Finding:
    """Ask for the ids of a path's parameters as `identity`, each list once in a run; `yield from` it.

    Where finding them is a `control`, which must hold now, they are asked for anew.
    Inconclusive where a parameter has no source, a list is not answered, or holds nothing.
    """
    if wanted.missing:
        name = wanted.missing[0]
        return Inconclusive(
            f"nothing fills {{{name}}}: say where {identity} finds one, "
            f'owns: {{{name}: {{GET /path: "$.items[*].id"}}}}'
        )
    paths = tuple(dict.fromkeys(source.path for source in wanted.found.values()))
    if not paths:
        return {}
    evidence = yield tuple(
        HttpRequest(method="GET", target=path, identity=identity, once=not control, purpose="ids")
        for path in paths
    )
    seen = dict(zip(paths, evidence, strict=True))
    found: dict[str, tuple[Any, ...]] = {}
    for name, source in wanted.found.items():
        ids = _ids(source, seen[source.path], identity)
        if isinstance(ids, Inconclusive):
            return ids
        found[name] = ids
    return found


def items_of(document: Any, listing: Listing) -> tuple[Any, ...]:  # noqa: ANN401 - JSON
    """Return the items of a list's reply.

    Where the contract does not say where they are, an object's first member that is a list holds them.
    """
    if listing.items == Listing().items and isinstance(document, dict):
        return tuple(next((part for part in document.values() if isinstance(part, list)), ()))
    return parse_path(listing.items).find(document)


def _ids(source: Source, seen: Evidence, identity: str) -> tuple[Any, ...] | Inconclusive:
    who = f"GET {source.path} as {identity}"
    if not isinstance(seen, Reply) or not seen.ok:
        return Inconclusive(f"no ids to ask with: {who}: {trouble(seen)}")
    try:
        document = json.loads(seen.body)
    except ValueError:
        return Inconclusive(f"no ids to ask with: {who}: its body is not JSON")
    ids = _found(source.ids, document)
    return ids or Inconclusive(f"no ids to ask with: {who} shows none: an empty list proves nothing")


def _found(where: str | Listing, document: Any) -> tuple[Any, ...]:  # noqa: ANN401 - JSON
    if isinstance(where, str):
        return parse_path(where).find(document)
    path = parse_path(where.id)
    return tuple(found for item in items_of(document, where) for found in path.find(item))
