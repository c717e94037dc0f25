"""Each line of the runbook is green, red, signed or open; never silently nothing."""

from datetime import date
from typing import Any

import pytest

from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed, Waived
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.model.runbook import Item, Runbook, SignOff
from pytest_deploycheck.verdict.coverage import State, coverage
from tests.words import PLACE, record

TODAY = date(2026, 3, 31)
RECORDS = (
    record(Passed(), "green"),
    record(Failed("red"), "red"),
    record(Inconclusive("open"), "open"),
    record(Waived("red", "ann", "known", TODAY), "waived"),
)


def state_of(records: tuple[Record, ...] = RECORDS, **fields: Any) -> State:  # noqa: ANN401 - as the model has them
    runbook = Runbook({"R-1": Item(id="R-1", place=PLACE, what="it works", **fields)})
    return coverage(runbook, records, TODAY).states["R-1"]


@pytest.mark.parametrize(
    ("checks", "state"),
    [
        (("green",), State.GREEN),
        (("green", "red"), State.RED),
        (("red", "not there"), State.RED),
        (("green", "not there"), State.NOT_SELECTED),
        (("green", "open"), State.UNDECIDED),
        (("waived",), State.UNDECIDED),
        ((), State.OPEN),
    ],
)
def test_an_item_is_as_good_as_its_checks(checks: tuple[str, ...], state: State) -> None:
    assert state_of(checks=checks) is state


@pytest.mark.parametrize(
    ("until", "state"), [(TODAY, State.SIGNED), (date(2026, 3, 30), State.UNSIGNED), (None, State.UNSIGNED)]
)
def test_a_sign_off_holds_until_its_last_day(until: date | None, state: State) -> None:
    signed = SignOff("ann", date(2026, 1, 1), "a ticket", until) if until else None

    assert state_of(attest=True, signed=signed) is state


@pytest.mark.parametrize(
    ("checks", "until", "state"),
    [
        (("green",), TODAY, State.SIGNED),
        (("green",), None, State.UNSIGNED),
        (("red",), TODAY, State.RED),
        (("red",), None, State.RED),
        (("open",), TODAY, State.UNDECIDED),
        (("not there",), TODAY, State.NOT_SELECTED),
        (("not there",), None, State.UNSIGNED),
    ],
)
def test_with_checks_and_a_sign_off_an_item_needs_both(
    checks: tuple[str, ...], until: date | None, state: State
) -> None:
    signed = SignOff("ann", date(2026, 1, 1), "a ticket", until) if until else None

    assert state_of(checks=checks, attest=True, signed=signed) is state


def test_items_are_counted_in_the_order_of_the_states() -> None:
    items = {
        name: Item(id=name, place=PLACE, what="it works", checks=checks)
        for name, checks in {"a": ("red",), "b": ("green",), "c": ("green",), "d": ()}.items()
    }

    covered = coverage(Runbook(items), RECORDS, TODAY)

    assert list(covered.counts.items()) == [(State.GREEN, 2), (State.RED, 1), (State.OPEN, 1)]
    assert covered.undecided == ("a", "d")
