"""Checks that run ahead on worker threads, in the order in which they will be reported."""

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Runs jobs on at most `size` daemon threads, first come first served.

    Daemon threads, so that an interrupted run need not wait for an answer that never comes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._jobs: queue.SimpleQueue[tuple[Future[T], Callable[[], T]] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()

    def submit(self, jobs: Iterable[Callable[[], T]]) -> list[Future[T]]:
        """Queue `jobs`; their futures come in the same order."""
        futures: list[Future[T]] = []
        for job in jobs:
            future: Future[T] = Future()
            futures.append(future)
            self._jobs.put((future, job))
        while len(self._threads) < min(self._size, len(futures)):
            thread = threading.Thread(target=self._work, name="deploycheck-probe", daemon=True)
            self._threads.append(thread)
            thread.start()
        return futures

    def stop(self) -> None:
        """Start no further job; jobs under way go on, and those that wait are cancelled."""
        self._stopped.set()
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, run = job
            if self._stopped.is_set():
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(run())
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result is told
                future.set_exception(error)
