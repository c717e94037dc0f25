"""Jobs run at once, in order, on few threads; an interrupted run waits for none of them."""

import threading
from concurrent.futures import CancelledError
from functools import partial

import pytest

from pytest_deploycheck.run.pool import Pool


def test_results_come_in_the_order_of_the_jobs() -> None:
    pool: Pool[int] = Pool(4)

    futures = pool.submit(partial(int, number) for number in range(50))

    assert [future.result(timeout=10) for future in futures] == list(range(50))
    pool.stop()


def test_as_many_jobs_run_at_once_as_there_are_threads_and_no_more() -> None:
    together = threading.Barrier(3, timeout=10)
    pool: Pool[int] = Pool(3)

    futures = pool.submit([together.wait] * 6)

    assert sorted(future.result(timeout=10) for future in futures) == [0, 0, 1, 1, 2, 2]
    pool.stop()


def test_with_one_thread_jobs_run_one_after_the_other() -> None:
    done: list[int] = []
    pool: Pool[None] = Pool(1)

    futures = pool.submit([lambda: done.append(1), lambda: done.append(2)])
    later = pool.submit([lambda: done.append(3)])

    for future in futures + later:
        future.result(timeout=10)
    assert done == [1, 2, 3]
    pool.stop()


def test_an_exception_goes_to_whoever_waits_and_stops_nobody_else() -> None:
    def broken() -> int:
        raise ValueError("ours")

    pool: Pool[int] = Pool(1)

    first, second = pool.submit([broken, lambda: 2])

    with pytest.raises(ValueError, match="ours"):
        first.result(timeout=10)
    assert second.result(timeout=10) == 2
    pool.stop()


def test_after_stop_what_waits_is_cancelled_and_what_runs_is_not_waited_for() -> None:
    started, released = threading.Event(), threading.Event()

    def hang() -> None:
        started.set()
        released.wait(10)

    pool: Pool[None] = Pool(1)
    under_way, waiting = pool.submit([hang, lambda: None])
    started.wait(10)

    pool.stop()

    assert not under_way.done()
    released.set()
    under_way.result(timeout=10)
    with pytest.raises(CancelledError):
        waiting.result(timeout=10)


def test_its_threads_end_with_the_process() -> None:
    pool: Pool[bool] = Pool(1)

    (future,) = pool.submit([lambda: threading.current_thread().daemon])

    assert future.result(timeout=10)
    pool.stop()
