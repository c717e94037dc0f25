"""A ruling is passed, failed or undecided, and says what it rests on."""

import pytest

from pytest_deploycheck.statistics.bursts import Count, overdispersion, thinned
from pytest_deploycheck.statistics.decision import Decision, Ruling, about, percent, seconds
from pytest_deploycheck.statistics.judge import judge_mean, judge_rate, judge_share, least
from pytest_deploycheck.statistics.moments import Moments, mean_of
from pytest_deploycheck.statistics.thresholds import parse

PASSED, FAILED, UNDECIDED = Ruling.PASSED, Ruling.FAILED, Ruling.UNDECIDED


def test_nothing_measured_never_passes() -> None:
    nothing = Decision(UNDECIDED, "no requests", advice="nothing was measured")

    assert judge_share(0, 0, 0.05) == nothing
    assert judge_share(0, 0, 0.0) == nothing
    assert judge_mean([], 0.1) == nothing
    assert judge_mean([Moments()], 0.1) == nothing
    assert judge_rate([], 100) == nothing


def test_59_good_requests_show_a_p95_and_58_do_not() -> None:
    assert judge_share(0, 59, 0.05).ruling is PASSED
    assert judge_share(0, 58, 0.05).ruling is UNDECIDED


def test_a_share_is_passed_failed_or_undecided_with_what_would_decide_it() -> None:
    undecided = judge_share(8, 240, 0.05)

    assert judge_share(2, 240, 0.05).ruling is PASSED
    assert judge_share(30, 240, 0.05).ruling is FAILED
    assert undecided.ruling is UNDECIDED
    assert undecided.told("slower than 100 ms or failed") == (
        "8 of 240 slower than 100 ms or failed (3.3 %, one-sided 95 % bounds 1.7 % and 5.9 %); "
        "about 490 requests at this share would decide it"
    )


def test_a_share_on_the_limit_says_that_no_number_decides_it() -> None:
    assert judge_share(12, 240, 0.05).advice == "so near the limit that no number of requests decides it"


def test_where_none_is_allowed_one_fails() -> None:
    assert judge_share(0, 1000, 0.0).told("failed") == (
        "0 of 1,000 failed (0 %, one-sided 95 % bounds 0 % and 0.30 %)"
    )
    assert judge_share(0, 1000, 0.0).ruling is PASSED
    assert judge_share(1, 1000, 0.0).ruling is FAILED


@pytest.mark.parametrize(("bad", "n", "limit"), [(2, 1, 0.05), (-1, 1, 0.05), (0, 1, 1.0), (0, 1, -0.1)])
def test_what_is_no_count_is_refused(bad: int, n: int, limit: float) -> None:
    with pytest.raises(ValueError, match=rf"^{bad} bad of {n} against a limit of {limit}: not a count and a"):
        judge_share(bad, n, limit)


def test_bad_requests_in_bursts_are_less_evidence() -> None:
    spread = [Count(1, 100)] * 10
    burst = [Count(10, 100), *[Count(0, 100)] * 9]

    assert overdispersion(spread) == 1.0
    assert overdispersion(burst) == pytest.approx(10 / 0.99)
    assert tuple(thinned(10, 1000, burst)) == pytest.approx((0.99, 99.0))
    assert judge_share(10, 1000, 0.02, blocks=spread).ruling is PASSED
    assert judge_share(10, 1000, 0.02, blocks=burst).ruling is UNDECIDED
    assert judge_share(10, 1000, 0.02, blocks=burst).bounds.endswith("bursty: as 99 independent ones")


def test_few_blocks_tell_nothing_about_bursts_and_neither_do_empty_ones() -> None:
    five = [Count(10, 100), *[Count(0, 100)] * 4]

    assert overdispersion(five) == 1.0
    assert overdispersion([*five, Count(0, 0), Count(0, 0)]) == 1.0
    assert overdispersion([Count(0, 100)] * 6) == 1.0
    assert overdispersion([Count(100, 100)] * 6) == 1.0


def steady(mean: float, n: int = 100) -> list[Moments]:
    return [Moments.of([mean - 0.005, mean + 0.005] * (n // 2))]


def test_a_mean_is_judged_with_its_bounds() -> None:
    assert judge_mean(steady(0.09), 0.1).ruling is PASSED
    assert judge_mean(steady(0.09), 0.1).told() == (
        "mean 90 ms of 100 (one-sided 95 % bounds 89.2 ms and 90.8 ms)"
    )
    assert judge_mean(steady(0.11), 0.1).ruling is FAILED
    assert judge_mean(steady(0.0995), 0.1).told() == (
        "mean 99.5 ms of 100 (one-sided 95 % bounds 98.7 ms and 100 ms); about 280 requests would decide it"
    )
    assert judge_mean(steady(0.1), 0.1).advice == "so near the limit that no number of requests decides it"
    assert judge_mean(steady(0.01, 20), 0.1).told() == "mean 10 ms of 20; a mean takes at least 30 requests"


def test_requests_that_were_refused_at_once_do_not_make_a_mean_faster() -> None:
    good, refused = [0.09] * 90, 10

    block = Moments.of(good, unanswered=refused, deadline=5.0)

    assert mean_of([block]).value == pytest.approx(0.581)
    assert judge_mean([block], 0.1).ruling is not PASSED


def test_the_few_that_make_a_mean_may_be_missing_so_it_is_better_known_from_below_than_from_above() -> None:
    mean = mean_of([Moments.of([0.05] * 97 + [1.0] * 3)])
    low, high = mean.skewed_bounds(0.95)

    assert (mean.value - low) / mean.error == pytest.approx(1.66, abs=0.01)
    assert (high - mean.value) / mean.error == pytest.approx(2.25, abs=0.01)
    assert mean.bounds(0.95)[1] < 0.108 < high
    assert judge_mean([Moments.of([0.05] * 97 + [1.0] * 3)], 0.108).ruling is UNDECIDED


@pytest.mark.parametrize(
    ("values", "skewness"),
    [([1.0, 2.0, 3.0], 0.0), ([0.1] * 50, 0.0), ([0.0] * 9 + [1.0], 2.277), ([0.0] + [1.0] * 9, -2.277)],
)
def test_skewness_is_told_from_sums(values: list[float], skewness: float) -> None:
    halves = Moments.of(values[::2]) + Moments.of(values[1::2])

    assert halves.skewness == pytest.approx(skewness, abs=0.001)


def test_blocks_that_differ_widen_the_bounds_of_a_mean() -> None:
    drifting = [Moments.of([0.05 + 0.01 * block] * 100) for block in range(8)]

    assert judge_mean(drifting, 0.095).ruling is UNDECIDED
    assert judge_mean([sum(drifting, Moments())], 0.095).ruling is PASSED


def test_a_rate_is_judged_over_blocks() -> None:
    assert judge_rate([101, 103, 99, 105, 102, 104], 100).ruling is PASSED
    assert judge_rate([91, 93, 89, 95, 92, 94], 100).ruling is FAILED
    assert judge_rate([101, 98, 103, 99, 105, 100], 100).told() == (
        "101/s over 6 blocks (one-sided 95 % bounds 98.85/s and 103.1/s); about 28 blocks would decide it"
    )
    assert judge_rate([120] * 5, 100).told() == "120/s over 5 blocks; a rate takes at least 6 blocks"


def test_a_rate_that_is_exactly_the_limit_is_at_least_it_and_not_more() -> None:
    assert judge_rate([100] * 6, 100).ruling is PASSED
    assert judge_rate([100] * 6, 100, strict=True).ruling is UNDECIDED


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("p(95)<1s", 59),
        ("errors<0.1%", 2995),
        ("med<1s", 5),
        ("avg<1s", 30),
        ("rate>=1/s", 1),
        ("errors<=0%", 1),
    ],
)
def test_how_many_requests_a_threshold_takes_is_known_before(text: str, requests: int) -> None:
    assert least(parse(text)) == requests


def test_numbers_are_short() -> None:
    assert [percent(share) for share in (0, 0.00012, 0.003, 0.0333, 0.12, 1)] == [
        "0 %", "0.012 %", "0.30 %", "3.3 %", "12 %", "100 %"
    ]  # fmt: skip
    assert [seconds(value) for value in (0.0872, 0.9996, 1.0432)] == ["87.2 ms", "1 s", "1.04 s"]
    assert [about(count) for count in (5, 59, 489, 1500.2)] == ["5", "59", "490", "1,600"]
