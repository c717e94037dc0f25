"""The budget is taken before anything is sent, by however many threads."""

import threading

import pytest

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.safety.budget import Allowance, BudgetSpentError
from tests.words import HandClock


def test_what_would_exceed_the_budget_is_refused_and_nothing_of_it_is_taken() -> None:
    allowance = Allowance(Budget(requests=2, writes=1))
    allowance.take(Spend(requests=1, writes=1))

    with pytest.raises(BudgetSpentError, match=r"^the budget of 1 write is spent$"):
        allowance.take(Spend(requests=1, writes=1))
    allowance.take(Spend(requests=1))
    with pytest.raises(BudgetSpentError, match=r"^the budget of 2 requests is spent$"):
        allowance.take(Spend(requests=1))

    assert allowance.spent == Spend(requests=2, writes=1)


def test_when_the_time_is_over_nothing_is_allowed() -> None:
    clock = HandClock()
    allowance = Allowance(Budget(duration=90.0), clock=clock)
    clock.now += 89.5
    left = allowance.seconds_left
    clock.now += 0.5

    assert left == 0.5
    assert allowance.seconds_left == 0
    with pytest.raises(BudgetSpentError, match=r"^the budget of 90 s is over$"):
        allowance.take(Spend(requests=1))


def test_after_the_run_nothing_is_allowed() -> None:
    allowance = Allowance(Budget())
    allowance.close()

    with pytest.raises(BudgetSpentError, match=r"^the run has ended$"):
        allowance.take(Spend(requests=1))


def test_threads_together_take_no_more_than_the_budget() -> None:
    allowance = Allowance(Budget(requests=1000))
    begin = threading.Barrier(8)
    taken: list[int] = []

    def spend() -> None:
        begin.wait()
        count = 0
        try:
            while True:
                allowance.take(Spend(requests=1))
                count += 1
        except BudgetSpentError:
            taken.append(count)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 1000
    assert allowance.spent == Spend(requests=1000)
