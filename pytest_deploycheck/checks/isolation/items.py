"""The items of a list's reply: their ids, and the tenants they belong to."""

from dataclasses import dataclass
from typing import Any

from pytest_deploycheck.checks.isolation.replies import NO_JSON, broken_control, document, named
from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.checks.surface.owned import items_of
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.many import some
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Listing


@dataclass(frozen=True, slots=True)
class Seen:
    """Ids of items, the tenant each belongs to where the contract says how to tell, and the items."""

    ids: tuple[str, ...]
    owners: tuple[str, ...]
    items: tuple[Any, ...]

    @property
    def first(self) -> Any:  # noqa: ANN401 - JSON
        """The first item, or null."""
        return self.items[0] if self.items else None

    def foreign(self, home: str | None) -> tuple[str, ...]:
        """The ids of items of other tenants than `home`."""
        return tuple(id_ for id_, owner in zip(self.ids, self.owners, strict=False) if owner != home)

    def with_more(self, more: "Seen") -> "Seen":
        """Return these and what stands on another page."""
        return Seen(self.ids + more.ids, self.owners + more.owners, self.items + more.items)

    def without(self, home: str | None) -> "Seen":
        """Return what does not belong to `home`; all where nobody can tell."""
        if not self.owners:
            return self
        kept = [index for index, owner in enumerate(self.owners) if owner != home]
        return Seen(*(tuple(each[index] for index in kept) for each in (self.ids, self.owners, self.items)))


def seen_in(request: HttpRequest, reply: Reply, listing: Listing) -> Seen | Inconclusive:
    """Return the items of a list's reply, or why they cannot be judged."""
    if trouble := broken_control(request, reply):
        return trouble
    data = document(reply)
    if data is NO_JSON:
        return Inconclusive(f"{named(request)}: its body is not JSON, so its contents cannot be judged")
    items = items_of(data, listing)
    ids = _values(items, listing.id)
    if len(ids) != len(items):
        return _unseen(request, len(items) - len(ids), len(items), listing.id)
    owners = _values(items, listing.owner) if listing.owner else ()
    if listing.owner and len(owners) != len(items):
        return _unseen(request, len(items) - len(owners), len(items), listing.owner)
    return Seen(ids, owners, items)


def _values(items: tuple[Any, ...], path: str) -> tuple[str, ...]:
    found = (parse_path(path).find(item) for item in items)
    return tuple(as_text(values[0]) for values in found if values and values[0] is not None)


def _unseen(request: HttpRequest, missing: int, total: int, path: str) -> Inconclusive:
    items = some(missing, total, "item", "has", "have")
    return Inconclusive(f"{named(request)}: {items} nothing at {path}")
