"""A target that is gone, and a sender without sockets, are told from a single failure."""

from random import Random

import pytest

from pytest_deploycheck.model.loaded import NO_FILES
from pytest_deploycheck.probes.loadgen.failing import Exhausted, Failing


def rows(*came: tuple[float, str], most: int = 20) -> list[str]:
    """What is told of requests that come at the given seconds, each failed like that, or good."""
    failing = Failing(most)
    return [failing.look(at, kind) for at, kind in came]


def test_so_many_failures_in_a_row_are_enough_and_are_told_once() -> None:
    told = rows(*((number / 10, "refused") for number in range(45)))

    assert [(at, why) for at, why in enumerate(told) if why] == [(19, "20 failures in a row: refused")]


def test_fast_ones_are_enough_after_a_second() -> None:
    told = rows(*((number / 100, "refused") for number in range(450)))

    assert [(at, why) for at, why in enumerate(told) if why] == [(100, "101 failures in a row: refused")]


@pytest.mark.parametrize(("rate", "seconds"), [(80, 0.65), (100, 0.52), (200, 0.9), (1000, 0.95)])
def test_what_is_over_within_a_second_is_not_enough_at_any_rate(rate: int, seconds: float) -> None:
    outage = range(2 * rate, round((2 + seconds) * rate))

    assert not any(rows(*((at / rate, "refused" if at in outage else "") for at in range(6 * rate))))


def test_users_who_are_refused_at_once_come_faster_and_are_not_enough_sooner() -> None:
    came = [(at / 20, "") for at in range(60)]
    came += [(3 + at / 5000, "refused") for at in range(4500)]
    came += [(4 + at / 20, "") for at in range(60)]

    assert not any(rows(*came))


def test_half_for_a_second_is_enough_however_many_came_in_it() -> None:
    told = rows(*((at / 1024, "status 502" if at % 2 else "") for at in range(4096)))

    assert [(at, why) for at, why in enumerate(told) if why] == [
        (2049, "513 of the last 1025 requests failed: status 502")
    ]


def test_half_that_is_a_little_less_for_a_moment_is_half_all_the_same() -> None:
    drawn = Random(1)  # noqa: S311 - no secret

    told = rows(*((at / 200, "status 502" if drawn.random() < 0.5 else "") for at in range(2000)))

    assert any(told)


def dropped(tenths: int) -> list[str]:
    """What is told of 20 connections a second, of which so many tenths are dropped later, the others held."""
    failing, told = Failing(20), []
    for number in range(200):
        told.append(failing.look(number / 20, ""))
        if number % 10 < tenths:
            failing.retract()
            told.append(failing.look(number / 20 + 0.01, "closed early"))
    return told


def test_one_that_fails_later_is_one_request_all_the_same() -> None:
    assert "50 of the last 100 requests failed: closed early" in dropped(5)
    assert not any(dropped(4))


def test_a_fifth_of_them_is_enough_once_nothing_else_has_come_for_three_seconds() -> None:
    each_second = rows(*((float(at), "refused") for at in range(7)))
    a_little_early = rows(*((at * 0.99, "refused") for at in range(7)))
    twice_a_second = rows(*((at / 2, "deadline") for at in range(12)))

    assert each_second == ["", "", "", "4 failures in a row, for 3 s: refused", "", "", ""]
    assert a_little_early.index("4 failures in a row, for 3 s: refused") == 3
    assert twice_a_second.index("7 failures in a row, for 3 s: deadline") == 6


def test_fewer_are_not_enough_however_long_they_last() -> None:
    assert not any(rows(*((at * 10.0, "refused") for at in range(3))))
    assert rows((0.0, "refused"), (5.0, "refused"), (9.0, "closed"), most=11)[-1] == (
        "3 failures in a row, for 9 s: closed"
    )


def test_a_good_answer_begins_the_row_anew() -> None:
    came = [(float(at), "" if at == 3 else "refused") for at in range(7)]

    assert not any(rows(*came))
    assert rows(*came, (7.0, "refused"))[-1] == "4 failures in a row, for 3 s: refused"


def test_half_of_the_last_hundred_is_enough_though_never_many_in_a_row() -> None:
    half = [(at / 10, "status 502" if at % 2 else "") for at in range(110)]
    fewer = [(at / 10, "status 502" if at % 2 and at % 20 != 1 else "") for at in range(500)]

    told = rows(*half)

    assert [(at, why) for at, why in enumerate(told) if why] == [
        (109, "50 of the last 100 requests failed: status 502")
    ]
    assert not any(rows(*fewer))


def test_of_several_kinds_of_failures_the_commonest_is_told() -> None:
    kinds = ["", "status 502", "", "status 502", "deadline", ""]

    told = rows(*((at / 10, kinds[at % len(kinds)]) for at in range(120)))

    assert [why for why in told if why] == ["50 of the last 100 requests failed: status 502"]


def test_a_sender_without_sockets_is_told_with_what_helps_whatever_else_comes() -> None:
    exhausted = Exhausted(3)

    told = [exhausted.look(NO_FILES) for _ in range(4)]

    assert told[:2] + told[3:] == ["", "", ""]
    assert told[2].startswith("3 not sent, sender out of file descriptors: raise its ulimit -n")
