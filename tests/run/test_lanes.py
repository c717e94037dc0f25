"""Writing checks of a tenant wait for one another; what disturbs others is alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.run.lanes import SETTLE, Lanes
from tests.words import HandClock, check

WRITE_A = check(phase=Phase.WRITE, tenant="a")
WRITE_B = check(phase=Phase.WRITE, tenant="b")
ALONE = check(phase=Phase.EXCLUSIVE)


def enters_beside(lanes: Lanes, second: Check) -> bool:
    """Whether `second` may run now; waits for it no longer than a moment if not."""
    entered = threading.Event()

    def enter() -> None:
        with lanes.enter(second):
            entered.set()

    threading.Thread(target=enter, daemon=True).start()
    return entered.wait(0.2)


def test_checks_of_other_tenants_run_together() -> None:
    lanes = Lanes()

    with lanes.enter(WRITE_A):
        assert enters_beside(lanes, WRITE_B)


def test_checks_of_one_tenant_wait_for_one_another() -> None:
    lanes = Lanes()

    with lanes.enter(WRITE_A):
        beside = enters_beside(lanes, WRITE_A)
    with lanes.enter(WRITE_A):
        pass

    assert not beside


def test_an_exclusive_check_waits_for_all_and_keeps_all_out() -> None:
    lanes = Lanes()

    with lanes.enter(WRITE_A):
        beside = enters_beside(lanes, ALONE)
    lanes = Lanes()
    with lanes.enter(ALONE):
        meanwhile = [enters_beside(lanes, each) for each in (WRITE_B, ALONE)]

    assert not beside
    assert meanwhile == [False, False]


def test_a_check_that_raises_leaves_its_lane() -> None:
    lanes = Lanes()

    def broken() -> None:
        with lanes.enter(ALONE):
            raise ValueError("ours")

    with ThreadPoolExecutor() as threads:
        error = threads.submit(broken).exception()

    assert isinstance(error, ValueError)
    assert enters_beside(lanes, WRITE_A)


def test_a_python_test_waits_while_somebody_is_alone_and_only_then() -> None:
    lanes = Lanes()
    let_through = threading.Event()

    def ask() -> None:
        lanes.admit()
        let_through.set()

    with lanes.enter(WRITE_A):
        lanes.admit()
    lanes = Lanes()
    with lanes.enter(ALONE):
        threading.Thread(target=ask, daemon=True).start()
        meanwhile = let_through.wait(0.2)

    assert not meanwhile
    assert let_through.wait(5)


def test_what_a_python_test_sent_just_before_has_time_to_arrive() -> None:
    clock = HandClock()
    slept: list[float] = []
    lanes = Lanes(clock=clock, sleep=slept.append)

    lanes.admit()
    clock.now += 0.25
    with lanes.enter(WRITE_A):
        pass
    with lanes.enter(ALONE):
        pass
    clock.now += SETTLE
    with lanes.enter(ALONE):
        pass

    assert slept == [0.75]


def test_nobody_waits_once_the_run_has_ended() -> None:
    lanes = Lanes()

    with lanes.enter(ALONE):
        lanes.close()
        lanes.admit()
