"""The process that speaks with the run: writes what generators saw, obeys, and notices who is gone."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent import get_hub

from pytest_deploycheck.probes.load.job import Job, fingerprint

MISSING = 4.0
"""Seconds of silence after which a generator is gone; it reports twice a second."""

Report = dict[str, Any]


class Reporter:
    """Collects the reports of all generators. `stop_all` makes them stop; `leave` ends locust."""

    def __init__(
        self, job: Job, result: int, *, stop_all: Callable[[str, str], None], leave: Callable[[], None]
    ) -> None:
        self._job = job
        self._result = result
        self._stop_all = stop_all
        self._leave = leave
        self._heard: dict[int, float] = {}
        self._finals: dict[int, Report] = {}
        self._over: tuple[str, str] | None = None
        self._stopping = 0.0
        self._done = False
        self._print = fingerprint(job)

    def begin(self) -> None:
        """All generators begin now."""
        now = time.monotonic()
        self._heard = dict.fromkeys(range(self._job.generators), now)
        self._write({"began": True})
        gevent.spawn(self._watch)

    def await_workers(self, came: Callable[[], int]) -> None:
        """Say how many workers have come, until the run begins."""
        told = -1
        while not self._heard and not self._done:
            if came() != told:
                told = came()
                self._write({"came": told})
            gevent.sleep(0.2)

    def take(self, report: Report) -> None:
        """Take a report of a generator."""
        worker = int(report["worker"])
        self._heard[worker] = time.monotonic()
        if "samples" in report:
            self._write(report)
        if report.get("hello", self._print) != self._print:
            self.stop("broken", f"worker {worker} was started for another scenario than this one")
        if "trip" in report:
            self.stop(report.get("reason", "breaker"), str(report["trip"]))
        if "final" in report:
            self._finals[worker] = report["final"]
            self._conclude()

    def stop(self, reason: str, why: str) -> None:
        """Stop all generators at once."""
        if self._over is None:
            self._over = reason, why
            self._stopping = time.monotonic()
            self._stop_all(reason, why)

    def _watch(self) -> None:
        while not self._done:
            gevent.sleep(0.1)
            now = time.monotonic()
            silent = [w for w, at in self._heard.items() if w not in self._finals and now - at > MISSING]
            if silent and self._over is None:
                self.stop("worker lost", f"{len(silent)} of {self._job.generators} generators are gone")
            if self._stopping and now - self._stopping > 1.0:
                self._conclude(all_of_them=False)

    def _conclude(self, *, all_of_them: bool = True) -> None:
        if self._done or (all_of_them and len(self._finals) < self._job.generators):
            return
        self._done = True
        finals = list(self._finals.values())
        reason, why = self._over or next(
            ((f["reason"], f["why"]) for f in finals if f["reason"] != "complete"), ("complete", "")
        )
        mistakes: dict[str, int] = {}
        for final in finals:
            for text, times in final["mistakes"].items():
                mistakes[text] = mistakes.get(text, 0) + times
        end = {
            "reason": reason,
            "why": why,
            "cut": sum(final["cut"] for final in finals),
            "arrivals": sum(final["arrivals"] for final in finals),
            "throttled": sum(final["throttled"] for final in finals),
            "seconds": max((final["seconds"] for final in finals), default=0.0),
            "cpu": max((final["cpu"] for final in finals), default=0.0),
            "peak": max((final["peak"] for final in finals), default=0.0),
            "workers": len(finals),
            "mistakes": mistakes,
            "sent": self._sent(),
        }
        self._write({"end": end})
        gevent.spawn(self._leave)

    def _sent(self) -> list[str] | None:
        """The marks that were sent, if all generators tell."""
        if len(self._finals) < self._job.generators:
            return None
        return [mark for final in self._finals.values() for mark in final["sent"]]

    def _write(self, report: Report) -> None:
        line = json.dumps(report).encode() + b"\n"
        while line:
            line = line[os.write(self._result, line) :]


def attend(orders: Callable[[str], None]) -> None:
    """Obey what comes on standard input; when it closes, the run is gone: end at once.

    A thread of the system, which works whatever the greenlets do.
    """
    get_hub().threadpool.maxsize += 1
    gevent.spawn(_listen, orders)


def _listen(orders: Callable[[str], None]) -> None:
    while told := get_hub().threadpool.apply(_read):
        orders(told)


def _read() -> str:
    """Read an order; if there will be none any more, end this process."""
    told = os.read(0, 64)
    if not told:
        os._exit(3)
    return told.decode()


def follow_parent(parent: int) -> None:
    """End at once when the process that started this one is gone."""
    while True:
        if os.getppid() != parent:
            os._exit(3)
        gevent.sleep(0.5)
