"""How many items a list says that there are: where no page follows, no more than it shows."""

from pytest_deploycheck.checks.isolation.pages import next_page
from pytest_deploycheck.checks.isolation.replies import document, named
from pytest_deploycheck.checks.language.jsonpath import parse_path
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Listing


def miscounted(
    request: HttpRequest, reply: Reply, listing: Listing, shown: int, base_url: str
) -> Failed | Inconclusive | None:
    """What is wrong with the total beside `shown` items; None also where another page follows."""
    if listing.total is None or next_page(request, reply, listing, base_url):
        return None
    found = parse_path(listing.total).find(document(reply))
    if not found or not isinstance(found[0], int):
        return Inconclusive(f"{named(request)}: no number at {listing.total}")
    if found[0] <= shown:
        return None
    return Failed(
        f"{named(request)}: shows {shown} items, and says that there are {found[0]}",
        hint="the count is not bound to the tenant, or the page after it is not named",
    )
