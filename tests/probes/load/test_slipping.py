"""What can only go on badly ends: who cannot keep up, or is gone, is told from who was held up once."""

from pytest_deploycheck.model.loaded import NO_FILES
from pytest_deploycheck.probes.loadgen.slipping import Exhausted, Failing, Slipping

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


def rows(*came: tuple[float, str], most: int = 20) -> list[str]:
    """What is told of requests that come at the given seconds, each failed like that, or good."""
    failing = Failing(most)
    return [failing.look(at, kind) for at, kind in came]


def test_so_many_failures_in_a_row_are_enough_however_fast_they_come_and_are_told_once() -> None:
    told = rows(*((number / 100, "refused") for number in range(45)))

    assert [(at, why) for at, why in enumerate(told) if why] == [(19, "20 failures in a row: refused")]


def test_a_quarter_of_them_is_enough_once_nothing_else_has_come_for_four_seconds() -> None:
    each_second = rows(*((float(at), "refused") for at in range(7)))
    a_little_early = rows(*((at * 0.99, "refused") for at in range(7)))
    twice_a_second = rows(*((at / 2, "deadline") for at in range(12)))

    assert each_second == ["", "", "", "", "5 failures in a row, for 4 s: refused", "", ""]
    assert a_little_early.index("5 failures in a row, for 4 s: refused") == 4
    assert twice_a_second.index("9 failures in a row, for 4 s: deadline") == 8


def test_fewer_are_not_enough_however_long_they_last() -> None:
    assert not any(rows(*((at * 10.0, "refused") for at in range(4))))
    assert rows((0.0, "refused"), (5.0, "refused"), (9.0, "closed"), most=9)[-1] == (
        "3 failures in a row, for 9 s: closed"
    )


def test_a_good_answer_begins_the_row_anew() -> None:
    came = [(float(at), "" if at == 4 else "refused") for at in range(9)]

    assert not any(rows(*came))
    assert rows(*came, (9.0, "refused"))[-1] == "5 failures in a row, for 4 s: refused"


def test_a_sender_without_sockets_is_told_with_what_helps_whatever_else_comes() -> None:
    exhausted = Exhausted(3)

    told = [exhausted.look(NO_FILES) for _ in range(4)]

    assert told[:2] + told[3:] == ["", "", ""]
    assert told[2].startswith("3 not sent, sender out of file descriptors: raise its ulimit -n")
