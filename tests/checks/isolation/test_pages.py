"""Lists in pages: what stands behind the first is looked at, or it is said that it was not."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_deploycheck.checks.isolation.pages import next_page
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Listing
from tests.checks.contracts import reply
from tests.checks.isolation.app import LIST, LISTING, ROUTES, TENANTS, App, around, of

BASE = "https://api.example"
Continue = Callable[[int], dict[str, object]]


@dataclass
class Paged(App):
    """Lists come one item a page. `leads` says how a page names the next one, `leaks` which page leaks."""

    leads: Continue = lambda number: {"next": f"?page={number}"}
    leaks: int = 0
    last: int = 3

    def __call__(self, probe: Probe) -> Evidence:
        assert isinstance(probe, HttpRequest)
        if (evidence := self.broken(probe)) is not None:
            return evidence
        query = parse_qs(urlsplit(probe.target).query)
        number = int(query.get("page", ["1"])[0])
        tenant = "b" if number == self.leaks else TENANTS[probe.identity]
        own = [order for order in self.orders.values() if order["client_id"] == tenant]
        more = self.leads(number + 1) if number < self.last else {}
        link = str(more.pop("link", ""))
        return reply(body=json.dumps({"data": own[number - 1 : number], **more}), link=link)


class Alike(Paged):
    """Everybody gets the same list."""

    def __call__(self, probe: Probe) -> Evidence:
        assert isinstance(probe, HttpRequest)
        return self.broken(probe) or super().__call__(replace(probe, identity="other"))


BY_LINK = replace(LISTING, next="$.next")
BY_CURSOR = replace(LISTING, next=(("page", "$.cursor"),))


def listed(app: App, listing: Listing = BY_LINK, text: str = "pages: 3") -> Outcome:
    where = around(replace(ROUTES[0], listing=listing))
    return of(LIST, app, f"{{pairs: [[shopper, other]], queries: [], {text}}}", where)


WAYS: list[tuple[Listing, Continue]] = [
    (BY_LINK, lambda number: {"next": f"?page={number}"}),
    (BY_LINK, lambda number: {"next": f"/api/orders?page={number}"}),
    (BY_LINK, lambda number: {"next": f"{BASE}/api/orders?page={number}"}),
    (BY_CURSOR, lambda number: {"cursor": number}),
    (LISTING, lambda number: {"link": f'<?page={number}>; rel="next"'}),
    (LISTING, lambda number: {"link": f'</api/orders?page=1>; rel="first", <?page={number}>;rel=next'}),
    (LISTING, lambda number: {"link": f'<?page={number}>; title="a, b"; rel="next last"'}),
]


@pytest.mark.parametrize(("listing", "leads"), WAYS)
def test_the_next_page_is_read_wherever_a_reply_names_it(listing: Listing, leads: Continue) -> None:
    assert listed(Paged(leads=leads), listing) == Passed("3 items, none of 3, on 3 pages")
    assert listed(Paged(leads=leads, leaks=3), listing) == Failed(
        "1 of 3 items is those of other, the first is 5", hint="the list is not bound to the tenant"
    )


def test_where_items_say_whose_they_are_only_the_askers_pages_are_read() -> None:
    sent: list[HttpRequest] = []
    listing = replace(BY_LINK, owner="$.client_id")

    assert listed(Paged(broken=sent.append), listing) == Passed("3 items, none of 1, on 3 pages")
    assert [each.identity for each in sent] == ["other", "shopper", "shopper", "shopper"]
    assert listed(Paged(leaks=2), listing) == Failed(
        "1 of 3 items belongs to other tenants, the first is 3", hint="the list is not bound to the tenant"
    )


def test_pages_that_were_not_read_are_said() -> None:
    assert listed(Paged(), text="pages: 2") == Passed(
        "2 items, none of 2, on 2 pages; there are more pages, which were not looked at"
    )
    assert listed(Paged(), text="pages: 1") == Passed(
        "1 item, none of 1; there are more pages, which were not looked at"
    )


def test_a_page_at_another_origin_is_not_asked_for() -> None:
    app = Paged(leads=lambda number: {"next": f"http://api.example/api/orders?page={number}"})

    assert listed(app) == Passed(
        "1 item, none of 1; its next page is at http://api.example, and was not looked at"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (reply(404, "gone"), "expected 2xx, got 404 (gone)"),
        (reply(429), "rate limited (429)"),
        (Silence("timed out"), "no answer: timed out"),
        (reply(200, "<html>"), "its body is not JSON, so its contents cannot be judged"),
    ],
)
def test_a_page_that_cannot_be_read_proves_nothing(evidence: Evidence, reason: str) -> None:
    def broken(request: HttpRequest) -> Evidence | None:
        return evidence if request.purpose == "next page" else None

    outcome = listed(Paged(broken=broken))

    assert isinstance(outcome, Inconclusive)
    assert outcome.reason.endswith(reason)


def test_a_leak_on_the_first_page_is_one_whatever_the_next_says() -> None:
    def broken(request: HttpRequest) -> Evidence | None:
        return Silence("timed out") if request.purpose == "next page" else None

    assert isinstance(listed(Paged(broken=broken)), Inconclusive)
    assert isinstance(listed(Alike(broken=broken)), Failed)


@pytest.mark.parametrize(
    "body", ['{"next": null}', '{"next": ""}', '{"next": false}', "{}", "[]", "no JSON", '{"cursor": null}']
)
@pytest.mark.parametrize("listing", [BY_LINK, BY_CURSOR, LISTING])
def test_a_last_page_names_no_other(body: str, listing: Listing) -> None:
    request = HttpRequest(method="GET", target="/api/orders")

    assert next_page(request, reply(body=body), listing, BASE) == ""
    assert next_page(request, reply(body=body, link='</first>; rel="first"'), LISTING, BASE) == ""


def test_a_cursor_takes_the_place_of_the_one_before() -> None:
    request = HttpRequest(method="GET", target="https://api.example/v1/orders?limit=5&page=2")
    seen: Reply = reply(body='{"cursor": 3}')

    assert next_page(request, seen, BY_CURSOR, BASE) == "https://api.example/v1/orders?limit=5&page=3"
