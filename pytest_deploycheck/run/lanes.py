"""Which conversations may run together."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pytest_deploycheck.model.check import Check, Phase

SETTLE = 1.0
"""Seconds that a request has to arrive, once it was let through, before somebody is alone."""


class Lanes:
    """One lane a tenant for checks that write; load and exclusive checks have all lanes for themselves.

    Requests of Python tests have no lane: they wait only while somebody is alone. Whoever is alone waits for
    no test, so neither can wait for the other, whatever order or worker they run in.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Condition()
        self._busy: dict[str | None, bool] = defaultdict(bool)
        self._alone = False
        self._closed = False
        self._admitted = -SETTLE

    @contextmanager
    def enter(self, check: Check) -> Iterator[None]:
        """Wait until `check` may run, and hold its lane."""
        alone = check.phase in (Phase.LOAD, Phase.EXCLUSIVE)
        lane = check.tenant
        with self._lock:
            self._lock.wait_for(
                lambda: not self._alone and not (any(self._busy.values()) if alone else self._busy[lane])
            )
            self._alone, self._busy[lane] = alone, True
            settling = self._admitted + SETTLE - self._clock()
        try:
            if alone and settling > 0:
                self._sleep(settling)
            yield
        finally:
            with self._lock:
                self._alone, self._busy[lane] = False, False
                self._lock.notify_all()

    def admit(self) -> None:
        """Let one request of a Python test through, once nobody is alone."""
        with self._lock:
            self._lock.wait_for(lambda: self._closed or not self._alone)
            self._admitted = self._clock()

    def close(self) -> None:
        """Let nobody wait any longer: the run has ended, and nothing more is sent."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
