"""A waiver lets a red check go until a date, and no longer."""

from datetime import date

import pytest

from pytest_deploycheck.model.contract import Waiver
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed, Waived
from pytest_deploycheck.verdict.waivers import waive, waiver_for
from tests.words import PLACE, record

TODAY = date(2026, 3, 31)


def waiver(check: str = "smoke::GET /", until: date = TODAY, owner: str = "ann") -> Waiver:
    return Waiver(check=check, place=PLACE, owner=owner, justification="known", until=until)


@pytest.mark.parametrize("outcome", [Failed("red", hint="look"), Inconclusive("red")])
def test_what_did_not_pass_is_waived_until_the_last_day(outcome: Failed | Inconclusive) -> None:
    assert waive(record(outcome), [waiver()], TODAY).outcome == Waived("red", "ann", "known", TODAY)


def test_an_expired_waiver_is_named_in_the_reason_and_waives_nothing() -> None:
    yesterday = waiver(until=date(2026, 3, 30))

    waived = waive(record(Failed("red", hint="look")), [yesterday], TODAY)

    assert waived.outcome == Failed(
        "red (its waiver, answered for by ann, expired on 2026-03-30)", hint="look"
    )


def test_what_passed_needs_no_waiver() -> None:
    assert waive(record(Passed()), [waiver()], TODAY).outcome == Passed()


def test_a_waiver_of_another_check_waives_nothing() -> None:
    assert waive(record(Failed("red")), [waiver("smoke::GET /other")], TODAY).outcome == Failed("red")


def test_a_name_goes_before_a_pattern_and_the_first_pattern_before_others() -> None:
    everything, section, exact = waiver("*"), waiver("smoke::*"), waiver("smoke::GET /a [b]")

    assert waiver_for("smoke::GET /a [b]", [everything, section, exact]) is exact
    assert waiver_for("smoke::GET /x", [section, everything, exact]) is section
    assert waiver_for("schema::tables", [section, exact]) is None
