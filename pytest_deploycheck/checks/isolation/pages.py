"""The pages of a list behind the first: followed as the replies lead there, so far as the contract goes."""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pytest_deploycheck.checks.isolation.items import Seen, seen_in
from pytest_deploycheck.checks.isolation.replies import all_answered, document, named, shown
from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Listing

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s;,=]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]*))*)")
_RELATION = re.compile(r";\s*rel\s*=\s*\"?([^\";,]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Book:
    """What stands on the pages that were read, and why the next one, if there is one, was not."""

    seen: Seen
    pages: int = 1
    unread: str = ""

    @property
    def told(self) -> str:
        """The pages, where there is something to tell."""
        read = f", on {self.pages} pages" if self.pages > 1 else ""
        return f"{read}; {self.unread}" if self.unread else read


Reading: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Book | Inconclusive]


def read_on(first: tuple[HttpRequest, Reply, Seen], listing: Listing, base_url: str, most: int) -> Reading:
    """Read the pages after the first, `most` in all; each with a request of its own."""
    request, reply, seen = first
    pages = 1
    while link := next_page(request, reply, listing, base_url):
        if pages == most:
            return Book(seen, pages, "there are more pages, which were not looked at")
        if _origin(link) != _origin(_absolute(request, base_url)):
            return Book(seen, pages, f"its next page is at {_origin(link)}, and was not looked at")
        request = HttpRequest(method="GET", target=link, identity=request.identity, purpose="next page")
        replies = all_answered((request,), (yield (request,)))
        if isinstance(replies, Inconclusive):
            return replies
        (reply,) = replies
        if not reply.ok:
            return Inconclusive(f"its next page, {named(request)}: expected 2xx, got {shown(reply)}")
        more = seen_in(request, reply, listing)
        if isinstance(more, Inconclusive):
            return more
        seen, pages = seen.with_more(more), pages + 1
    return Book(seen, pages)


def next_page(request: HttpRequest, reply: Reply, listing: Listing, base_url: str) -> str:
    """Return the address of the page after a reply, or nothing.

    As the contract says where the reply names it; else by its Link field (RFC 8288, 3.3).
    """
    here = _absolute(request, base_url)
    data = document(reply)
    if isinstance(listing.next, tuple):
        values = {name: _found(path, data) for name, path in listing.next}
        return _with_query(here, values) if all(values.values()) else ""
    link = _found(listing.next, data) if listing.next else _linked(reply)
    return urljoin(here, link) if link else ""


def _absolute(request: HttpRequest, base_url: str) -> str:
    return request.target if "://" in request.target else base_url + request.target


def _found(path: str, data: Any) -> str:  # noqa: ANN401 - JSON
    found = parse_path(path).find(data)
    return as_text(found[0]) if found and found[0] not in (None, False) else ""


def _linked(reply: Reply) -> str:
    for link, parameters in _LINK.findall(reply.header("link") or ""):
        relation = _RELATION.search(parameters)
        if relation and "next" in relation[1].lower().split():
            return str(link)
    return ""


def _with_query(url: str, values: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    kept = [(name, value) for name, value in kept if name not in values]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
