"""Percentiles are exact, or within 0.4 %; their bounds need no distribution."""

import random

import pytest

from pytest_deploycheck.statistics.quantile import Histogram, bounds, percentile

HUNDRED = list(range(1, 101))


def test_a_percentile_is_a_sample() -> None:
    assert [percentile(HUNDRED, share) for share in (0.5, 0.95, 0.99, 0.999)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.95) == 7.0


def test_no_samples_have_no_percentile() -> None:
    with pytest.raises(ValueError, match=r"^no samples have no percentile$"):
        percentile([], 0.95)
    with pytest.raises(ValueError, match=r"^no samples have no percentile$"):
        Histogram().percentile(0.95)


def test_a_histogram_is_within_four_thousandths() -> None:
    dice = random.Random(1)  # noqa: S311 - a simulation
    samples = sorted(dice.lognormvariate(-3, 1) for _ in range(20_000))

    histogram = Histogram.of(samples)

    assert histogram.n == len(samples)
    for share in (0.01, 0.5, 0.95, 0.999, 1.0):
        assert histogram.percentile(share) == pytest.approx(percentile(samples, share), rel=0.004)


def test_histograms_of_workers_merge_without_loss() -> None:
    mine, theirs = Histogram.of([0.0, 0.1, 0.2]), Histogram.of([0.2, 30.0])

    mine.merge(theirs)

    assert mine == Histogram.of([0.0, 0.1, 0.2, 0.2, 30.0])
    assert mine.percentile(0.1) == 0.0


def test_bounds_of_a_percentile_are_those_of_the_binomial() -> None:
    thousand = list(range(1, 1001))

    assert bounds(thousand, 0.95, 0.95) == (938, 962)
    assert bounds(HUNDRED[:59], 0.95, 0.95)[1] == 59
    assert bounds(HUNDRED[:58], 0.95, 0.95)[1] == float("inf")
    assert bounds([], 0.95, 0.95) == (0.0, float("inf"))
