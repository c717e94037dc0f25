"""The signed rank: exact by counting, right about shifts, and seldom wrong whatever the noise."""

import random
from collections.abc import Callable
from itertools import combinations
from math import inf

import pytest

from pytest_deploycheck.statistics.signed_rank import at_least, at_most, exceeding, tail, typical

Noise = Callable[[random.Random], float]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time is the point


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_tail_is_that_of_all_subsets_counted(n: int) -> None:
    ranks = range(1, n + 1)
    sums = [sum(subset) for size in range(n + 1) for subset in combinations(ranks, size)]

    for total in range(n * (n + 1) // 2 + 2):
        assert tail(total, n) == pytest.approx(sum(each >= total for each in sums) / 2**n)


def test_the_tail_is_that_of_the_tables() -> None:
    assert tail(150, 20) == pytest.approx(0.0487, abs=5e-5)  # Hollander and Wolfe, A.4
    assert tail(40 * 41 // 2, 40) == 0.5**40


def test_unanimous_pairs_are_as_unlikely_as_they_can_be() -> None:
    assert exceeding([0.25, 0.26, 0.24, 0.3], 0.2) == 1 / 16
    assert exceeding([0.25, 0.26, 0.24, 0.3], 0.4) == 1.0


def test_ties_do_not_speak_for_a_difference() -> None:
    assert exceeding([0.1, -0.1], 0.0) == tail(1, 2)
    assert exceeding([0.0] * 30, 0.0) == 1.0


def test_the_typical_difference_is_not_moved_by_outliers() -> None:
    assert typical([1.0, 1.1, 0.9, 1.0, 50.0]) == pytest.approx(1.05)


def test_the_bounds_hold_the_typical_difference() -> None:
    drawn = dice(7)
    differences = [drawn.gauss(0.02, 0.01) for _ in range(40)]

    assert at_least(differences, 0.001) < typical(differences) < at_most(differences, 0.001)
    assert exceeding(differences, at_least(differences, 0.001)) <= 0.001
    assert at_least(differences, 0.001) == pytest.approx(0.0135, abs=0.003)


def test_too_few_know_nothing() -> None:
    assert at_least([0.25] * 9, 0.001) == -inf
    assert at_most([], 0.5) == inf
    assert at_least([0.25] * 10, 0.001) == pytest.approx(0.25)


NOISES: dict[str, Noise] = {
    "even": lambda drawn: drawn.uniform(0, 0.1),
    "long tails": lambda drawn: drawn.lognormvariate(-4, 1.5),
    "stalls": lambda drawn: 2.0 if drawn.random() < 0.1 else 0.01,
    "almost none": lambda drawn: drawn.gauss(0, 1e-5),
}


@pytest.mark.parametrize("name", NOISES)
def test_without_a_difference_one_is_found_as_seldom_as_asked_for(name: str) -> None:
    drawn, noise = dice(1), NOISES[name]
    runs = [[noise(drawn) - noise(drawn) for _ in range(24)] for _ in range(1000)]

    assert sum(exceeding(run, 0.0) <= 0.05 for run in runs) <= 70  # 50 and three deviations
    assert sum(exceeding(run, 0.0) <= 0.001 for run in runs) <= 5


def test_drift_and_bursts_that_meet_both_alike_are_no_difference() -> None:
    drawn = dice(2)
    wrong = 0
    for _ in range(500):
        load = 0.0
        differences = []
        for _ in range(24):
            load = max(0.0, load + drawn.gauss(0.002, 0.01))
            first, second = load + drawn.random() * load, load + drawn.random() * load
            differences.append(first - second if drawn.random() < 0.5 else second - first)
        wrong += exceeding(differences, 0.0) <= 0.01
    assert wrong <= 12
