"""A series of measurements ends by Argo's limits; it succeeds neither without a success nor by many tries."""

import random
from bisect import bisect_left
from functools import cache

import pytest

from pytest_deploycheck.checks.rollout.series import shared, tries
from pytest_deploycheck.statistics.binomial import at_most
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.judge import judge_share
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


@pytest.mark.parametrize(
    ("limits", "often", "confidence"),
    [
        (Limits(), 1, 0.95),
        (Limits(count=10), 1, 0.95),
        (Limits(count=5, inconclusive=2), 3, 1 - 0.05 / 3),
        (Limits(count=2, inconclusive=2), 2, 0.975),
        (Limits(count=10, inconclusive=-1, consecutive_success=1), 10, 0.995),
        (Limits(count=10, inconclusive=-1, consecutive_success=2), 9, 0.95),
        (Limits(count=81, inconclusive=-1, consecutive_success=2), 80, 0.975),
    ],
)
def test_the_more_tries_there_are_the_surer_each_must_be(
    limits: Limits, often: int, confidence: float
) -> None:
    assert tries(limits) == often
    assert shared(0.95, limits) == pytest.approx(confidence)


REQUESTS, LIMIT, SERIES = 1000, 0.05, 2000
BROKEN = 0.3
"""How many measurements do not take place."""


@cache
def cumulated(share: float) -> list[float]:
    return [at_most(bad, REQUESTS, share) for bad in range(REQUESTS + 1)]


@cache
def ruled(bad: int, confidence: float) -> Ruling:
    return judge_share(bad, REQUESTS, LIMIT, confidence).ruling


def let_through(seed: int, share: float, limits: Limits, confidence: float) -> float:
    """How many series, of all, end with a success if `share` of the canary's requests is bad."""
    dice = random.Random(seed)  # noqa: S311 - a simulation
    passed = 0
    for _ in range(SERIES):
        results: list[Result] = []
        while not (ended := standing(results, limits)):
            bad = bisect_left(cumulated(share), dice.random())
            results.append(None if dice.random() < BROKEN else ruled(bad, confidence))
        passed += ended.ruling is Ruling.PASSED
    return passed / SERIES


@pytest.mark.parametrize(
    "limits",
    [
        Limits(count=10, inconclusive=-1, consecutive_success=1),
        Limits(count=10, inconclusive=-1, failure=-1),
        Limits(count=40, inconclusive=-1, failure=-1, consecutive_success=2),
        Limits(count=5, inconclusive=2),
    ],
    ids=str,
)
def test_a_canary_on_its_limit_is_not_let_through_by_trying_often(limits: Limits) -> None:
    confidence = shared(0.95, limits)

    assert let_through(10, LIMIT, limits, confidence) <= 0.05
    assert let_through(11, LIMIT * 0.4, limits, confidence) > 0.98


def test_if_each_try_were_as_sure_as_a_single_one_every_fifth_would_be_let_through() -> None:
    limits = Limits(count=10, inconclusive=-1, consecutive_success=1)

    assert let_through(12, LIMIT, limits, 0.95) > 0.2
