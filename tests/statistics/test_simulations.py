"""How often the rulings are wrong: exactly where that can be computed, else by seeded simulation."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import exp, lgamma, log, log1p

import pytest

from pytest_deploycheck.statistics.bursts import Count, total
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.eprocess import Watch
from pytest_deploycheck.statistics.judge import judge_mean, judge_rate, judge_share
from pytest_deploycheck.statistics.moments import Moments, mean_of

PASSED, FAILED, UNDECIDED = Ruling.PASSED, Ruling.FAILED, Ruling.UNDECIDED
RUNS = 200
SECONDS, PER_SECOND, BURST = 300, 20, 5


def outcomes(n: int, limit: float, truth: float, confidence: float = 0.95) -> dict[Ruling, float]:
    """How likely each ruling on `n` independent requests is, if the share `truth` of all is bad. Exact."""
    found = dict.fromkeys(Ruling, 0.0)
    for bad in range(n + 1):
        ways = lgamma(n + 1) - lgamma(bad + 1) - lgamma(n - bad + 1)
        if (weight := exp(ways + bad * log(truth) + (n - bad) * log1p(-truth))) > 1e-9:
            found[judge_share(bad, n, limit, confidence).ruling] += weight
    return found


@pytest.mark.parametrize(("n", "limit"), [(1000, 0.05), (3000, 0.01), (600, 0.01), (10_000, 0.001)])
class TestIndependentRequests:
    def test_a_deployment_a_quarter_beyond_its_limit_is_never_called_good(self, n: int, limit: float) -> None:
        for worse in (1.25, 1.5, 2, 5):
            assert outcomes(n, limit, limit * worse)[PASSED] < 0.01

    def test_a_deployment_a_quarter_within_its_limit_is_never_called_bad(self, n: int, limit: float) -> None:
        for better in (0.75, 0.5, 0.25):
            assert outcomes(n, limit, limit * better)[FAILED] < 0.01

    def test_on_the_limit_it_is_undecided_and_no_coin_is_tossed(self, n: int, limit: float) -> None:
        found = outcomes(n, limit, limit)

        assert found[PASSED] <= 0.05
        assert found[FAILED] <= 0.05
        assert found[UNDECIDED] >= 0.9

    def test_at_99_percent_even_on_the_limit_either_error_is_rarer_than_one_in_a_hundred(
        self, n: int, limit: float
    ) -> None:
        found = outcomes(n, limit, limit, confidence=0.99)

        assert max(found[PASSED], found[FAILED]) <= 0.01


@pytest.mark.parametrize(
    ("n", "limit", "bad", "good"), [(1000, 0.05, 2, 0.4), (3000, 0.01, 2, 0.4), (10_000, 0.001, 3, 0.1)]
)
def test_what_is_plainly_bad_fails_and_what_is_plainly_good_passes(
    n: int, limit: float, bad: float, good: float
) -> None:
    assert outcomes(n, limit, limit * bad)[FAILED] > 0.99
    assert outcomes(n, limit, limit * good)[PASSED] > 0.98


def seconds(dice: random.Random, share: float, burstiness: float) -> Iterator[int]:
    """Bad requests of each second of a run: beta-binomial bursts of `BURST` seconds, 0 for none."""
    now = share
    for second in range(SECONDS):
        if burstiness and second % BURST == 0:
            scale = (1 - burstiness) / burstiness
            now = dice.betavariate(share * scale, (1 - share) * scale)
        yield sum(dice.random() < now for _ in range(PER_SECOND))


def judged(dice: random.Random, share: float, burstiness: float, *, blocks: bool) -> Ruling:
    """The ruling on a run whose limit is 5 %, from blocks of 10 s, or as if there were no bursts."""
    bad = list(seconds(dice, share, burstiness))
    ten = [Count(sum(bad[at : at + 10]), 10 * PER_SECOND) for at in range(0, SECONDS, 10)]
    counted = total(ten)
    return judge_share(int(counted.bad), int(counted.n), 0.05, blocks=ten if blocks else ()).ruling


@pytest.mark.parametrize("burstiness", [0.05, 0.2])
def test_bursts_make_no_wrong_ruling(burstiness: float) -> None:
    dice = random.Random(5)  # noqa: S311 - a simulation

    good = Counter(judged(dice, 0.02, burstiness, blocks=True) for _ in range(RUNS))
    bad = Counter(judged(dice, 0.1, burstiness, blocks=True) for _ in range(RUNS))

    assert good[FAILED] < RUNS * 0.01
    assert bad[PASSED] < RUNS * 0.01


def test_bursts_on_the_limit_would_toss_a_coin_if_they_were_not_seen() -> None:
    dice = random.Random(6)  # noqa: S311 - a simulation

    seen = Counter(judged(dice, 0.05, 0.2, blocks=True) for _ in range(RUNS))
    unseen = Counter(judged(dice, 0.05, 0.2, blocks=False) for _ in range(RUNS))

    assert unseen[UNDECIDED] < RUNS * 0.4
    assert seen[UNDECIDED] > RUNS * 0.8


def stopped(dice: random.Random, share: float, burstiness: float) -> int | None:
    """In which second a run was aborted that is looked at every second; its limit is 5 %."""
    watch = Watch(0.05, 0.95, block=BURST)
    for second, bad in enumerate(seconds(dice, share, burstiness), start=1):
        if watch.look(bad, PER_SECOND) is FAILED:
            return second
    return None


@pytest.mark.parametrize("burstiness", [0.0, 0.2])
def test_who_looks_every_second_stops_no_healthy_run(burstiness: float) -> None:
    dice = random.Random(7)  # noqa: S311 - a simulation

    aborted = [stopped(dice, 0.03, burstiness) for _ in range(RUNS)]

    assert sum(second is not None for second in aborted) < RUNS * 0.01


@pytest.mark.parametrize("burstiness", [0.0, 0.2])
def test_a_deployment_that_falls_over_is_stopped_as_soon_as_bursts_are_known(burstiness: float) -> None:
    dice = random.Random(8)  # noqa: S311 - a simulation

    aborted = [stopped(dice, 0.4, burstiness) or SECONDS for _ in range(RUNS)]

    assert max(aborted) <= 35


def mean_ruling(dice: random.Random, mean: float) -> Ruling:
    """The ruling on 500 lognormal latencies; the limit is 100 ms."""
    middle = log(mean) - 0.5**2 / 2
    blocks = [Moments.of([dice.lognormvariate(middle, 0.5) for _ in range(50)]) for _ in range(10)]
    return judge_mean(blocks, 0.1).ruling


def outlying(dice: random.Random, mean: float, share: float, seconds: float, n: int) -> list[Moments]:
    """Latencies of which a few wait `seconds` more, in ten blocks; their true mean is `mean`."""
    middle = log(mean - share * seconds) - 0.25**2 / 2
    latencies = (
        dice.lognormvariate(middle, 0.25) + (seconds if dice.random() < share else 0.0) for _ in range(n)
    )
    return [Moments.of(islice(latencies, n // 10)) for _ in range(10)]


def test_means_are_not_ruled_wrongly_and_borderline_ones_not_at_all() -> None:
    dice = random.Random(9)  # noqa: S311 - a simulation

    good, bad, borderline = (
        Counter(mean_ruling(dice, mean) for _ in range(RUNS)) for mean in (0.085, 0.115, 0.1)
    )

    assert good[FAILED] == bad[PASSED] == 0
    assert good[PASSED] > RUNS * 0.95
    assert bad[FAILED] > RUNS * 0.95
    assert borderline[UNDECIDED] > RUNS * 0.85


@pytest.mark.parametrize(("n", "share", "outlier"), [(300, 0.01, 1.0), (1000, 0.005, 1.0), (1000, 0.01, 5.0)])
def test_means_that_a_few_outliers_make_are_not_ruled_wrongly(n: int, share: float, outlier: float) -> None:
    dice = random.Random(10)  # noqa: S311 - a simulation
    mean = 0.05 + share * outlier

    def rulings(limit: float) -> Counter[Ruling]:
        runs = (outlying(dice, mean, share, outlier, n) for _ in range(RUNS))
        return Counter(judge_mean(blocks, limit).ruling for blocks in runs)

    assert rulings(mean / 1.25)[PASSED] <= RUNS * 0.01
    assert rulings(mean * 1.25)[FAILED] <= RUNS * 0.01


def test_outliers_on_the_limit_would_toss_a_coin_if_the_skew_were_not_seen() -> None:
    dice = random.Random(11)  # noqa: S311 - a simulation
    means = [mean_of(outlying(dice, 0.1, 0.01, 0.95, 300)) for _ in range(10 * RUNS)]

    unseen = sum(mean.bounds(0.95)[1] < 0.1 for mean in means)
    seen = sum(mean.skewed_bounds(0.95)[1] < 0.1 for mean in means)

    assert unseen > len(means) * 0.09
    assert seen < len(means) * 0.06


def rate_ruling(dice: random.Random, rate: float) -> Ruling:
    """The ruling on a minute of as many good answers a second as chance gives; the limit is 100/s."""
    seconds = [dice.gauss(rate, rate**0.5) for _ in range(60)]
    return judge_rate([sum(seconds[at : at + 10]) / 10 for at in range(0, 60, 10)], 100).ruling


def test_rates_are_not_ruled_wrongly_and_borderline_ones_not_at_all() -> None:
    dice = random.Random(12)  # noqa: S311 - a simulation

    good, bad, borderline = (
        Counter(rate_ruling(dice, rate) for _ in range(5 * RUNS)) for rate in (105, 95, 100)
    )

    assert good[FAILED] < 5 * RUNS * 0.01
    assert bad[PASSED] < 5 * RUNS * 0.01
    assert good[PASSED] > 5 * RUNS * 0.9
    assert bad[FAILED] > 5 * RUNS * 0.9
    assert borderline[UNDECIDED] > 5 * RUNS * 0.85
