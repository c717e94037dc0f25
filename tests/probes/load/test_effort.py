"""How busy a sender was when it was busiest."""

from pytest_deploycheck.probes.loadgen.effort import Effort


def test_the_busiest_seconds_count_not_the_mean() -> None:
    effort = Effort(began=100.0, used=7.0)
    used = 7.0
    for tenth in range(1, 201):
        used += 0.098 if tenth > 150 else 0.01
        effort.look(100 + tenth / 10, used)

    assert 0.97 < effort.peak < 0.99
    assert 0.31 < effort.mean(120.0, used) < 0.33


def test_a_burst_is_no_peak() -> None:
    effort = Effort(began=0.0, used=0.0)
    for half in range(1, 41):
        effort.look(half / 2, 0.5 if half >= 10 else 0.0)

    assert effort.peak < 0.2


def test_before_a_window_is_over_nothing_is_known() -> None:
    effort = Effort(began=0.0, used=0.0)
    effort.look(2.9, 2.9)

    assert effort.peak == 0.0
