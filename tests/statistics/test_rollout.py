"""A series of measurements ends by Argo's limits, and never succeeds without a success."""

import pytest

from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.rollout import Limits, Result, Standing, standing

RESULTS: dict[str, Result] = {"p": Ruling.PASSED, "f": Ruling.FAILED, "u": Ruling.UNDECIDED, "e": None}


def after(letters: str, limits: Limits) -> Standing | None:
    return standing([RESULTS[letter] for letter in letters], limits)


def test_one_measurement_decides_if_nothing_else_is_said() -> None:
    assert after("p", Limits()) == Standing(Ruling.PASSED, "1 of 1 measurement passed")
    assert after("f", Limits()) == Standing(Ruling.FAILED, "1 of 1 measurement failed")
    assert after("u", Limits()) == Standing(Ruling.UNDECIDED, "1 of 1 measurement did not decide")
    assert after("e", Limits()) == Standing(Ruling.UNDECIDED, "0 of 1 measurement passed")


@pytest.mark.parametrize(
    ("letters", "limits", "ruling"),
    [
        ("ppp", Limits(count=5), None),
        ("pppp", Limits(count=5, consecutive_success=4), Ruling.PASSED),
        ("pppfp", Limits(count=5, failure=1), Ruling.PASSED),
        ("pff", Limits(count=5, failure=1), Ruling.FAILED),
        ("fffff", Limits(count=5, failure=-1), Ruling.UNDECIDED),
        ("pu", Limits(count=5, inconclusive=1), None),
        ("puu", Limits(count=5, inconclusive=1), Ruling.UNDECIDED),
        ("uuuuu", Limits(count=5, inconclusive=-1), Ruling.UNDECIDED),
        ("eeee", Limits(count=9), None),
        ("eeeee", Limits(count=9), Ruling.UNDECIDED),
        ("eeeepeeee", Limits(count=9), Ruling.PASSED),
        ("ppppu", Limits(count=5, inconclusive=1, consecutive_success=5), Ruling.UNDECIDED),
        ("", Limits(), None),
    ],
)
def test_the_limits_are_those_of_argo(letters: str, limits: Limits, ruling: Ruling | None) -> None:
    found = after(letters, limits)

    assert (found.ruling if found else None) is ruling


def test_a_failure_counts_more_than_what_is_undecided() -> None:
    assert after("uf", Limits(count=5)) == Standing(Ruling.FAILED, "1 of 2 measurements failed")


def test_why_a_series_ended_is_told() -> None:
    assert after("eeeee", Limits(count=9)) == Standing(
        Ruling.UNDECIDED, "5 measurements in a row did not take place"
    )
    assert after("fpp", Limits(count=9, failure=1, consecutive_success=2)) == Standing(
        Ruling.PASSED, "2 passed in a row"
    )
