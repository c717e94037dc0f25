"""What is left to spend: taken before a request is sent. Only load, taken as a whole, gives back its rest."""

import threading
import time
from collections.abc import Callable

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.many import many


class BudgetSpentError(Exception):
    """The budget does not allow what was asked for; the message says which part of it."""


class Allowance:
    """What a run has spent of its budget. Safe to use from several threads."""

    def __init__(self, budget: Budget, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._spent = Spend()
        self._closed = False

    def close(self) -> None:
        """Allow nothing more: the run has ended."""
        with self._lock:
            self._closed = True

    @property
    def spent(self) -> Spend:
        """What was taken until now."""
        return self._spent

    @property
    def seconds_left(self) -> float:
        """Wall time until the budget's duration is over; never negative."""
        return max(0.0, self._began + self._budget.duration - self._clock())

    def take(self, spend: Spend) -> None:
        """Take `spend`.

        Raises:
            BudgetSpentError: if it would exceed the budget; then nothing is taken.
        """
        with self._lock:
            total = self._spent + spend
            if self._closed:
                raise BudgetSpentError("the run has ended")
            if self.seconds_left <= 0:
                raise BudgetSpentError(f"the budget of {self._budget.duration:g} s is over")
            if total.requests > self._budget.requests:
                raise BudgetSpentError(f"the budget of {many(self._budget.requests, 'request')} is spent")
            if total.writes > self._budget.writes:
                raise BudgetSpentError(f"the budget of {many(self._budget.writes, 'write')} is spent")
            if total.load > self._budget.load:
                raise BudgetSpentError(
                    f"the budget of {many(self._budget.load, 'request')} under load is spent"
                )
            self._spent = total

    def give_back(self, spend: Spend) -> None:
        """Give back what a load run was allowed to send, and did not."""
        with self._lock:
            self._spent += Spend(-spend.requests, -spend.writes, -spend.queries, -spend.load)
