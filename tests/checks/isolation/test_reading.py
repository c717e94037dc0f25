"""Another's thing is refused by its id, and the refusal does not tell that it exists."""

from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.route import Route, Scope
from tests.checks.contracts import PLACE, declare, reply
from tests.checks.isolation.app import FULL, PATCH, READ, App, against, of, trespasses
from tests.checks.isolation.nested import nested, with_sites


def test_that_a_refusal_tells_what_exists_is_noted_or_a_fault() -> None:
    told = "403 for what exists, 404 for what does not: that tells ids apart"

    assert of(READ, App()) == Passed(told)
    assert of(READ, App(), FULL + "oracle: strict\n") == Failed(told, hint="answer both alike")
    assert of(READ, App(denied=404), FULL + "oracle: strict\n") == Passed()


def test_another_status_than_those_that_deny_is_a_fault() -> None:
    assert of(READ, App(), FULL + "denied: [404]\n") == Failed('expected 404, got 403 ({"error": "no"})')
    assert of(PATCH, App(denied=400)) == Failed('expected 403 or 404, got 400 ({"error": "no"})')


def test_head_tells_no_more_than_get() -> None:
    app = App(broken=lambda request: reply(200) if request.method == "HEAD" else None)

    assert of(READ, app) == Failed(
        "HEAD: got 200 for what other owns; GET got 403",
        hint="bind every method to the tenant: the length of an answer tells something, too",
    )


def test_an_application_without_head_is_none_the_worse() -> None:
    app = App(broken=lambda request: reply(405) if request.method == "HEAD" else None)

    assert isinstance(of(READ, app), Passed)


def test_an_application_may_refuse_without_json() -> None:
    app = App(broken=lambda request: reply(403) if trespasses(request) else None)

    assert isinstance(of(READ, app, FULL + "bare: true\n"), Passed)


NESTED = Route(method="GET", path="/api/sites/{site}/orders/{order}", place=PLACE, scope=Scope.ITEM)


def test_a_nested_thing_is_tried_below_the_others_and_below_ones_own() -> None:
    text = "{pairs: [[shopper, other]], guess: false}"
    first, within, *_ = declare("tenants", text, nested(NESTED))

    assert within.title == f"{first.title} [below its own]"
    assert isinstance(against(first, with_sites()), Passed)
    assert isinstance(against(within, with_sites()), Passed)
    assert isinstance(against(first, with_sites("thing")), Passed)
    assert isinstance(against(within, with_sites("thing")), Failed)
