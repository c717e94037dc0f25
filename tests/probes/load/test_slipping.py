"""Who cannot keep up is told from who was held up once."""

from pytest_deploycheck.probes.loadgen.slipping import Slipping

IN_TIME, LATE = [500, 800, 900_000], [400, 300_000, 900_000]
"""Microseconds: half of the second are late."""


def looks(*late: list[int]) -> list[bool]:
    slipping = Slipping()
    return [bool(slipping.look(number / 2, each)) for number, each in enumerate(late)]


def test_one_that_is_late_for_three_seconds_cannot_keep_up() -> None:
    assert looks(*[LATE] * 7) == [False] * 6 + [True]


def test_one_that_is_in_time_again_or_has_nothing_to_do_can() -> None:
    assert not any(looks(*[LATE] * 5, IN_TIME, *[LATE] * 5, [], *[LATE] * 5))


def test_the_reason_says_how_long_and_by_how_much() -> None:
    slipping = Slipping()
    slipping.look(10.0, LATE)

    assert slipping.look(13.2, LATE) == "for 3 s half of what was due went out late, by 0.3 s at last"
