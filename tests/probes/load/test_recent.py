"""The last requests: so many, or those of so long, whichever are more."""

from pytest_deploycheck.probes.loadgen.recent import Recent


def recent(*came: tuple[float, str], most: int = 3, seconds: float = 1.0) -> Recent:
    found = Recent(most, seconds)
    for now, kind in came:
        found.add(now, kind)
    return found


def told(found: Recent) -> tuple[int, int, bool]:
    return len(found), found.failed, found.is_full


def test_slow_ones_are_as_many_as_asked_for() -> None:
    slow = recent(*((float(at), "refused" if at < 2 else "") for at in range(5)))

    assert told(slow) == (3, 0, True)


def test_fast_ones_are_those_of_the_time_and_one_that_is_older() -> None:
    fast = recent(*((at / 8, "refused" if at % 2 else "") for at in range(40)))

    assert told(fast) == (9, 5, True)


def test_too_few_or_too_short_are_not_full() -> None:
    assert told(recent((0.0, ""), (9.0, ""))) == (2, 0, False)
    assert told(recent((0.0, ""), (0.1, ""), (0.2, ""), (0.9, ""))) == (4, 0, False)


def test_one_that_is_taken_back_is_the_newest_good_one_and_no_other_is_forgotten_for_it() -> None:
    found = recent((0.0, ""), (1.0, ""), (2.0, "refused"))

    found.retract()
    found.add(3.0, "closed early")
    taken_back = told(found)
    found.add(4.0, "")

    assert taken_back == (3, 2, True)
    assert told(found) == (3, 2, True)  # without the first one


def test_where_none_is_good_none_is_taken_back() -> None:
    found = recent((0.0, "refused"))

    found.retract()

    assert told(found) == (1, 1, False)


def test_the_commonest_failure_is_told() -> None:
    assert recent((0.0, "refused"), (1.0, "deadline"), (2.0, "deadline")).commonest == "deadline"
