"""Another's thing stays as it was, whatever the asker is told."""

import json

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.testing import answer
from tests.checks.contracts import declare, reply
from tests.checks.isolation.app import DELETE, FULL, PATCH, App, against, around, of, things


def test_a_change_is_tried_only_on_what_the_run_created_and_reread_by_its_owner() -> None:
    (check,) = (each for each in declare("tenants", FULL, around()) if each.title == PATCH)
    sent: list[HttpRequest] = []
    against(check, App(broken=sent.append))

    assert [f"{each.method} {each.target} {each.identity}" for each in sent] == [
        "POST /api/orders other",
        "GET /api/orders/1001 other",
        "GET /api/orders/1001 other",
        "GET /api/orders shopper",
        "PATCH /api/orders/1001 shopper",
        "GET /api/orders/1001 other",
        "PATCH /api/orders/1001 other",
    ]
    assert (check.phase, check.tenant) == (Phase.WRITE, "b")
    assert check.spend == Spend(requests=11, writes=4)


def test_what_differs_between_two_readings_anyway_is_no_change() -> None:
    count = iter(range(100))
    app = App()

    def ticking(probe: Probe) -> Evidence:
        got = app(probe)
        if not (isinstance(probe, HttpRequest) and isinstance(got, Reply) and things(probe)):
            return got
        return reply(got.status, json.dumps({**json.loads(got.body), "read_at": next(count)}))

    (check,) = (each for each in declare("tenants", FULL, around()) if each.title == PATCH)
    assert isinstance(against(check, ticking), Passed)


def test_without_something_of_its_own_no_change_is_tried() -> None:
    (check,) = (
        each for each in declare("tenants", "{pairs: [[shopper, other]]}", around()) if each.title == DELETE
    )

    assert check.spend == Spend()
    assert answer(check) == Inconclusive(
        "nothing tells how to create what DELETE /api/orders/{order} could change without harm: "
        "a key `create` whose `delete` has this path"
    )


def test_a_creation_that_fails_leaves_nothing_to_try() -> None:
    def broken(request: HttpRequest) -> Reply | None:
        return reply(500, "boom") if request.method == "POST" else None

    assert of(PATCH, App(broken=broken)) == Inconclusive(
        "the control POST /api/orders as other: expected 201, got 500 (boom): there is nothing to try with"
    )
