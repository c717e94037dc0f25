"""A canary is compared with the stable deployment measured at the same time: better, worse, or not known."""

import random
from collections import Counter
from math import exp, inf, log

import pytest

from pytest_deploycheck.statistics.bursts import Count
from pytest_deploycheck.statistics.canary import (
    Tolerance,
    abba,
    compare_errors,
    compare_latency,
    compare_pairs,
)
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.quantile import percentile

PASSED, FAILED, UNDECIDED = Ruling.PASSED, Ruling.FAILED, Ruling.UNDECIDED
RUNS = 200
TOLERANCE = Tolerance()


def test_as_many_errors_pass_three_times_as_many_fail() -> None:
    assert compare_errors(Count(30, 3000), Count(30, 3000), TOLERANCE).ruling is PASSED
    assert compare_errors(Count(40, 3000), Count(30, 3000), TOLERANCE).ruling is UNDECIDED
    assert compare_errors(Count(90, 3000), Count(30, 3000), TOLERANCE).told() == (
        "90 of 3,000 beside 30 of 3,000 (more, 99 % sure)"
    )


def test_a_canary_with_a_tenth_of_the_requests_is_compared_by_shares() -> None:
    assert compare_errors(Count(15, 300), Count(27, 2700), TOLERANCE).ruling is FAILED
    assert compare_errors(Count(0, 300), Count(60, 2700), TOLERANCE).ruling is PASSED
    assert compare_errors(Count(3, 300), Count(27, 2700), TOLERANCE).told() == (
        "3 of 300 beside 27 of 2,700; it takes more requests, or a greater difference"
    )


def test_where_nothing_fails_only_an_absolute_limit_can_pass() -> None:
    none = Count(0, 3000)

    assert compare_errors(none, none, TOLERANCE).ruling is UNDECIDED
    assert compare_errors(none, none, Tolerance(negligible=0.01)).told() == (
        "0 of 3,000 beside 0 of 3,000 (no more are seen, and below 1.0 %)"
    )
    assert compare_errors(Count(0, 200), none, Tolerance(negligible=0.01)).ruling is UNDECIDED
    assert compare_errors(Count(12, 3000), none, Tolerance(negligible=0.01)).ruling is FAILED


@pytest.mark.parametrize(("canary", "stable"), [(Count(0, 0), Count(5, 100)), (Count(0, 100), Count(0, 0))])
def test_what_was_not_measured_does_not_pass(canary: Count, stable: Count) -> None:
    decision = compare_errors(canary, stable, Tolerance(negligible=0.5))

    assert (decision.ruling, decision.advice) == (UNDECIDED, "nothing was measured of one of them")


def failing(dice: random.Random, share: float, n: int) -> Count:
    return Count(sum(dice.random() < share for _ in range(n)), n)


def test_errors_are_seldom_compared_wrongly() -> None:
    dice = random.Random(1)  # noqa: S311 - a simulation

    same, threefold = (
        Counter(
            compare_errors(failing(dice, share, 2000), failing(dice, 0.01, 2000), TOLERANCE).ruling
            for _ in range(RUNS)
        )
        for share in (0.01, 0.03)
    )

    assert same[FAILED] <= RUNS * 0.01
    assert threefold[PASSED] == 0
    assert threefold[FAILED] > RUNS * 0.95


def latencies(dice: random.Random, slower: float, n: int = 1000) -> list[float]:
    return [dice.lognormvariate(log(0.05 * slower), 0.5) for _ in range(n)]


def compared(dice: random.Random, slower: float) -> Ruling:
    return compare_latency([latencies(dice, slower)], [latencies(dice, 1)], 0.95, TOLERANCE).ruling


def test_latencies_are_seldom_compared_wrongly() -> None:
    dice = random.Random(2)  # noqa: S311 - a simulation

    same, a_little, half = (Counter(compared(dice, slower) for _ in range(RUNS)) for slower in (1, 1.08, 1.5))

    assert same[FAILED] == 0
    assert same[PASSED] > RUNS * 0.8
    assert a_little[FAILED] <= RUNS * 0.01
    assert half == {FAILED: RUNS}


def test_a_comparison_says_what_was_slower_than_what() -> None:
    stable = [0.001 * each for each in range(1, 1001)]
    slow = [each * 1.6 for each in stable]

    assert compare_latency([stable], [stable], 0.95, TOLERANCE).told() == (
        "950 ms of 1,000 beside 950 ms; 0 of 1,000 slower than 1.13 s (0 %, one-sided 95 % bounds 0 % "
        "and 0.30 %)"
    )
    assert (
        compare_latency([slow], [stable], 0.95, TOLERANCE)
        .told()
        .startswith("1.52 s of 1,000 beside 950 ms; 339 of 1,000 slower than 1.06 s (34 %")
    )


def test_requests_without_an_answer_are_slower_than_any_limit() -> None:
    stable = [0.05] * 1000
    canary = [0.05] * 800 + [inf] * 200

    assert compare_latency([canary], [stable], 0.95, TOLERANCE).ruling is FAILED
    assert compare_latency([canary], [canary], 0.95, TOLERANCE).told() == (
        "no answer of 1,000 beside no answer; the stable deployment does not answer"
    )


@pytest.mark.parametrize(
    ("canary", "stable", "advice"),
    [
        ([], [0.05] * 100, "nothing was measured of one of them"),
        ([0.05] * 100, [], "nothing was measured of one of them"),
        (
            [0.05] * 100,
            [0.05] * 3,
            "0 of 30 slower than 60 ms (0 %, one-sided 95 % bounds 0 % and 9.5 %); "
            "about 59 requests at this share would decide it",
        ),
    ],
)
def test_too_few_requests_do_not_compare(canary: list[float], stable: list[float], advice: str) -> None:
    decision = compare_latency([canary[:30]], [stable], 0.95, TOLERANCE)

    assert decision.ruling is UNDECIDED
    assert decision.advice == advice


def test_a_canary_that_is_slow_in_one_burst_is_not_condemned_for_it() -> None:
    stable = [[0.05] * 200 for _ in range(10)]
    burst = [[0.05] * 200 for _ in range(9)] + [[0.2] * 200]
    always = [[0.05] * 180 + [0.2] * 20 for _ in range(10)]

    assert compare_latency(always, stable, 0.95, TOLERANCE).ruling is FAILED
    assert compare_latency(burst, stable, 0.95, TOLERANCE).ruling is UNDECIDED


def shaken(dice: random.Random, slower: float) -> Ruling:
    """The ruling on a minute at a tenth of the requests, in which the machine slows both at random."""
    canary, stable = [], []
    for _ in range(60):
        now = slower * exp(dice.gauss(0, 0.5))
        canary.append(latencies(dice, now, 20))
        stable.append(latencies(dice, now / slower, 60))
    return compare_latency(canary, stable, 0.95, Tolerance(latency=0.3)).ruling


def test_what_slows_both_at_the_same_time_is_no_difference() -> None:
    dice = random.Random(4)  # noqa: S311 - a simulation

    same, double = (Counter(shaken(dice, slower) for _ in range(50)) for slower in (1, 2))

    assert same[FAILED] == 0
    assert same[PASSED] > 25
    assert double == {FAILED: 50}


def drifting_pairs(dice: random.Random, slower: float, blocks: int) -> list[tuple[float, float]]:
    """Pairs of percentiles of blocks sent as ABBA while the whole deployment drifts at random by 5 %."""
    level, pairs = 0.0, []
    for at in range(blocks):
        pair: dict[str, float] = {}
        for who in abba(blocks)[2 * at : 2 * at + 2]:
            level += dice.gauss(0, 0.05)
            times = exp(level) * (slower if who == "A" else 1)
            pair[who] = percentile(sorted(latencies(dice, times, 100)), 0.95)
        pairs.append((pair["A"], pair["B"]))
    return pairs


def test_interleaved_blocks_are_compared_rightly_while_everything_drifts() -> None:
    dice = random.Random(3)  # noqa: S311 - a simulation

    same, little, half = (
        Counter(compare_pairs(drifting_pairs(dice, slower, 8), TOLERANCE).ruling for _ in range(RUNS))
        for slower in (1, 1.08, 1.6)
    )

    assert same[FAILED] == 0
    assert same[PASSED] > RUNS * 0.5
    assert little[FAILED] <= RUNS * 0.01
    assert half[PASSED] == 0
    assert half[FAILED] > RUNS * 0.95


def test_pairs_say_how_much_slower() -> None:
    even = [(0.1, 0.1), (0.102, 0.1), (0.1, 0.102), (0.101, 0.1), (0.1, 0.101)]

    assert abba(4) == "ABBAABBA"
    assert compare_pairs(even, TOLERANCE).told() == "+0.0 % over 5 pairs (one-sided bounds -2.6 % and +1.5 %)"
    assert compare_pairs(even[:4], TOLERANCE).told() == (
        "4 pairs; it takes at least 5 pairs, each with answers of both"
    )
    assert compare_pairs([*even, (inf, 0.1)], TOLERANCE).ruling is UNDECIDED
