"""The exact tails, held against scipy 1.17.1's values."""

import pytest

from pytest_deploycheck.statistics.binomial import (
    at_least,
    at_most,
    deciding,
    lower_bound,
    needed,
    upper_bound,
)
from pytest_deploycheck.statistics.student import t_quantile


@pytest.mark.parametrize(
    ("bad", "n", "share", "at_most_it", "at_least_it"),
    [
        (3, 100, 0.01, 0.9816259635553504, 0.07937320225218046),
        (45, 1000, 0.05, 0.26096431749141374, 0.7853170780140897),
        (990, 1_000_000, 0.001, 0.3837019348799471, 0.6283612445312035),
        (0, 59, 0.05, 0.04849452524942322, 1.0),
        (59, 59, 0.05, 1.0, 0.05**59),
    ],
)
def test_tails_are_those_of_scipy(
    bad: int, n: int, share: float, at_most_it: float, at_least_it: float
) -> None:
    assert at_most(bad, n, share) == pytest.approx(at_most_it, abs=2e-9)
    assert at_least(bad, n, share) == pytest.approx(at_least_it, abs=2e-9)


@pytest.mark.parametrize(
    ("bad", "n", "low", "high"),
    [
        (0, 59, 0.0, 0.04950760988822693),
        (8, 240, 0.016692481646082596, 0.05933924198596146),
        (45, 1000, 0.0347285917812413, 0.057326263253131136),
        (240, 240, 0.987595361949591, 1.0),
    ],
)
def test_bounds_are_those_of_clopper_and_pearson(bad: int, n: int, low: float, high: float) -> None:
    assert lower_bound(bad, n, 0.95) == pytest.approx(low, abs=1e-11)
    assert upper_bound(bad, n, 0.95) == pytest.approx(high, abs=1e-11)


@pytest.mark.parametrize(
    ("limit", "by_bad_ones"),
    [
        (0.5, [5, 8, 11, 13, 18, 30]),
        (0.05, [59, 93, 124, 153, 208, 336]),
        (0.01, [299, 473, 628, 773, 1049, 1693]),
        (0.001, [2995, 4742, 6294, 7752, 10511, 16959]),
    ],
)
def test_how_many_requests_show_that_a_limit_holds(limit: float, by_bad_ones: list[int]) -> None:
    assert [needed(limit, 0.95, bad) for bad in (0, 1, 2, 3, 5, 10)] == by_bad_ones


def test_more_confidence_takes_more_requests() -> None:
    assert [needed(limit, 0.99) for limit in (0.05, 0.01, 0.001)] == [90, 459, 4603]


def test_a_share_on_the_limit_is_decided_by_no_number_of_requests() -> None:
    assert deciding(12, 240, 0.05, 0.95) is None
    assert deciding(49_999, 1_000_000, 0.05, 0.95) is None
    assert deciding(8, 240, 0.05, 0.95) == 489


@pytest.mark.parametrize(
    ("confidence", "freedom", "t"),
    [(0.95, 5, 2.0150483733330233), (0.99, 4, 3.746947387979196), (0.95, 999, 1.646380345427535)],
)
def test_quantiles_of_students_t_are_those_of_scipy(confidence: float, freedom: int, t: float) -> None:
    assert t_quantile(confidence, freedom) == pytest.approx(t, rel=1e-9)
