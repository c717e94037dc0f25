"""A run is compared with earlier ones, which vary: with few of them only what is plain is said."""

import random
from collections import Counter
from math import inf, log

import pytest

from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.regression import Margin, against_earlier

PASSED, FAILED, UNDECIDED = Ruling.PASSED, Ruling.FAILED, Ruling.UNDECIDED
MARGIN = Margin()
FIVE = [0.100, 0.103, 0.098, 0.101, 0.099]


@pytest.mark.parametrize(
    ("earlier", "told"),
    [
        ([], "500 ms, 0 earlier runs; judged from 3 on"),
        ([0.1], "500 ms, 1 earlier run; judged from 3 on"),
        ([0.1, 0.1], "500 ms, 2 earlier runs; judged from 3 on"),
    ],
)
def test_fewer_than_three_earlier_runs_are_shown_and_not_judged(earlier: list[float], told: str) -> None:
    decision = against_earlier(0.5, earlier, MARGIN)

    assert (decision.ruling, decision.told()) == (UNDECIDED, told)


def test_three_or_four_only_fail_what_is_plain() -> None:
    four = FIVE[:4]

    assert (
        against_earlier(0.16, four, MARGIN).told() == "160 ms, +59.2 % to the usual 100 ms of 4 earlier runs"
    )
    assert against_earlier(0.16, four, MARGIN).ruling is FAILED
    assert against_earlier(0.14, four, MARGIN).ruling is UNDECIDED
    assert against_earlier(0.10, four, MARGIN).told() == (
        "100 ms, -0.481 % to the usual 100 ms of 4 earlier runs; passed from 5 earlier runs on"
    )


def test_from_five_on_a_run_within_the_margin_passes_and_one_beyond_all_noise_fails() -> None:
    assert against_earlier(0.115, FIVE, MARGIN).ruling is PASSED
    assert against_earlier(0.13, FIVE, MARGIN).told() == (
        "130 ms, +29.8 % to the usual 100 ms of 5 earlier runs (99 % of runs are below 108 ms)"
    )
    assert against_earlier(0.13, FIVE, MARGIN).ruling is FAILED


def test_what_earlier_runs_vary_by_as_well_is_undecided() -> None:
    noisy = [0.08, 0.12, 0.1, 0.13, 0.09]

    assert against_earlier(0.14, noisy, MARGIN).ruling is UNDECIDED
    assert against_earlier(0.14, noisy, MARGIN).advice == "the earlier runs vary as much"


def test_a_few_milliseconds_are_no_regression() -> None:
    fast = [0.005, 0.0051, 0.0049, 0.005, 0.005]

    assert against_earlier(0.012, fast, MARGIN).ruling is PASSED
    assert against_earlier(0.012, fast, Margin(seconds=0.001)).ruling is FAILED


@pytest.mark.parametrize(("value", "earlier"), [(0.0, FIVE), (inf, FIVE), (0.1, [*FIVE, inf]), (0.1, [0.0])])
def test_no_answer_is_no_latency(value: float, earlier: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^a latency is above 0, and finite$"):
        against_earlier(value, earlier, MARGIN)


@pytest.mark.parametrize(("noise", "alarms"), [(0.05, 0.001), (0.1, 0.015)])
def test_ordinary_noise_between_runs_is_no_regression(noise: float, alarms: float) -> None:
    dice = random.Random(4)  # noqa: S311 - a simulation

    def ruling(slower: float) -> Ruling:
        *earlier, now = (dice.lognormvariate(log(0.1), noise) for _ in range(9))
        return against_earlier(now * slower, earlier, MARGIN).ruling

    same, doubled = (Counter(ruling(slower) for _ in range(1000)) for slower in (1, 2))

    assert same[FAILED] <= 1000 * alarms
    assert doubled[PASSED] == 0
    assert doubled[FAILED] > 1000 * 0.95
