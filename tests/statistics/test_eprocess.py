"""Who looks every second at the always-valid test is as seldom wrong as who looks once."""

import pytest

from pytest_deploycheck.statistics.bursts import Count, overdispersion
from pytest_deploycheck.statistics.decision import Ruling
from pytest_deploycheck.statistics.eprocess import Watch, evidence_above, evidence_below, rule


def test_what_may_be_looked_at_any_time_takes_a_few_more_requests() -> None:
    first = [
        next(n for n in range(1, 5000) if rule(0, n, limit, 0.95) is Ruling.PASSED)
        for limit in (0.05, 0.01, 0.001)
    ]

    assert first == [86, 437, 4389]


def test_without_requests_there_is_no_evidence() -> None:
    assert evidence_above(0, 0, 0.05) == evidence_below(0, 0, 0.05) == 0.0
    assert rule(0, 0, 0.05, 0.95) is Ruling.UNDECIDED


def test_overwhelming_evidence_does_not_overflow() -> None:
    assert rule(1_000_000, 1_000_000, 0.001, 0.95) is Ruling.FAILED


def test_a_limit_that_leaves_no_room_above_is_never_shown_to_be_exceeded() -> None:
    assert rule(10, 10, 0.9, 0.95) is Ruling.UNDECIDED


def test_where_none_is_allowed_the_first_bad_one_stops() -> None:
    watch = Watch(0.0, 0.95)

    assert watch.look(0, 50) is Ruling.UNDECIDED
    assert watch.look(1, 50) is Ruling.FAILED


def test_nothing_is_ruled_before_anybody_knows_how_bursty_it_is() -> None:
    watch = Watch(0.05, 0.95)

    rulings = [watch.look(10, 20) for _ in range(30)]

    assert set(rulings[:29]) == {Ruling.UNDECIDED}
    assert rulings[29] is Ruling.FAILED
    assert watch.total == (300, 600)


def test_the_watch_sees_the_bursts_that_the_judge_sees_however_its_blocks_lie() -> None:
    watch = Watch(0.05, 0.95, block=2)
    counts = [(3, 10), (0, 10)] * 2 + [(0, 10), (1, 10)] * 3 + [(5, 20), (0, 0)] * 2

    for bad, n in counts:
        watch.look(bad, n)

    def seen(first: int) -> float:
        cuts = range(first, len(counts) - 1, 2)
        pairs = [(counts[i], counts[i + 1]) for i in cuts]
        start = [Count(*counts[0])] if first else []
        return overdispersion(start + [Count(a[0] + b[0], a[1] + b[1]) for a, b in pairs])

    assert watch.overdispersion == pytest.approx(max(seen(0), seen(1)))
    assert watch.overdispersion > seen(0) > 1


def test_bursts_that_blocks_cut_in_two_are_seen_all_the_same() -> None:
    """A stall of two seconds every ten: 16 % are bad, half of each burst at the end of a block of five."""
    stalls = ([(0, 10)] * 4 + [(8, 10)] * 2 + [(0, 10)] * 4) * 4
    cut, whole = Watch(0.05, 0.95), Watch(0.05, 0.95)

    for bad, n in stalls:
        cut.look(bad, n)
    for bad, n in stalls[2:] + stalls[:2]:
        whole.look(bad, n)

    assert cut.overdispersion > 5
    assert whole.overdispersion > 5
