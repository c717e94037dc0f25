"""One process that sends: admits requests, times them, knows which are under way, and when it is over."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import floor
from typing import Any, Protocol

import gevent
from gevent import getcurrent
from locust.exception import StopUser

from pytest_deploycheck.model.loaded import EXHAUSTED
from pytest_deploycheck.probes.load.job import Job, fingerprint
from pytest_deploycheck.probes.loadgen.cap import Cap
from pytest_deploycheck.probes.loadgen.effort import Effort
from pytest_deploycheck.probes.loadgen.failing import Exhausted, Failing
from pytest_deploycheck.probes.loadgen.hops import Hops
from pytest_deploycheck.probes.loadgen.kinds import kind_of, version_of
from pytest_deploycheck.probes.loadgen.lasting import Lasting
from pytest_deploycheck.probes.loadgen.marks import Marks
from pytest_deploycheck.probes.loadgen.mistakes import Mistakes
from pytest_deploycheck.probes.loadgen.recorder import Recorder
from pytest_deploycheck.probes.loadgen.slipping import Slipping
from pytest_deploycheck.probes.loadgen.starts import Starts

TICK = 0.05
"""Seconds between two looks at the clock."""
FLUSH = 0.5
"""Seconds between two reports."""
BACKLOG = 1.0
"""Seconds after the end in which a sender that is late may still send what was due before it."""

Report = dict[str, Any]


class Asker(Protocol):
    """What sends requests: a user of locust."""

    _state: str | None


class Generator:
    """Sends what the job asks of the `index`-th of its generators; `report` takes what it saw."""

    def __init__(self, job: Job, *, index: int, report: Callable[[Report], None]) -> None:
        self.job = job
        self.index = index
        self.recorder = Recorder()
        self.lasting = Lasting(self.recorder.add)
        self.ending: tuple[str, str] | None = None
        self.arrivals = 0
        self._report = report
        self._finished = False
        self._began = self.zero = time.monotonic()
        """When the warm-up ends, on the monotonic clock."""
        self._under_way: dict[Any, float] = {}
        self._starts = Starts()
        self._leaving: set[int] = set()
        self._issued = self._wanted = 0
        self._hops = Hops()
        self._cap = Cap(job.most_rate / job.generators if job.most_rate else None)
        self._mistakes = Mistakes(job.breaker)
        self.marks = Marks(job, index)
        self._slipping = Slipping()
        self._goal = job.proxy or job.host
        self._failing = Failing(job.breaker)
        self._exhausted = Exhausted(job.breaker)
        self._effort = Effort(self._began, time.process_time())

    # --- beginning and end

    def begin(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self.zero = self._began + self.job.warmup
        self._effort = Effort(self._began, time.process_time())
        self._report({"worker": self.index, "hello": fingerprint(self.job)})
        if self.index >= self.job.generators:
            self.end("broken", f"{self.index + 1} workers came, and {self.job.generators} were expected")
        gevent.spawn(self._tick)

    @property
    def began(self) -> float:
        """When it began, on the monotonic clock."""
        return self._began

    def end(self, reason: str, why: str = "") -> None:
        """Send nothing more; what is under way may finish within its deadline."""
        if self.ending is None:
            self.ending = reason, why

    def stop(self, reason: str, why: str = "") -> None:
        """End at once; what is under way is cut off and counted."""
        self.end(reason, why)
        self._finish(cut=len(self._under_way.keys() - {getcurrent()}))

    def _tick(self) -> None:
        due = flushed = time.monotonic()
        while not self._finished:
            due += TICK
            gevent.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            if not self.job.stages:
                self.recorder.late(now - due)
            due = max(due, now - TICK)
            self._look(now)
            if now - flushed >= FLUSH and not self._finished:
                flushed = now
                self._flush()

    def _look(self, now: float) -> None:
        catching_up = BACKLOG if self.job.stages else 0.0
        if self.job.seconds is not None and now >= self.zero + self.job.seconds + catching_up:
            self.end("complete")
        if now >= self._began + self.job.longest:
            self.end("broken", f"it was not over after {self.job.longest:g} s")
        self.lasting.count(now)
        if self.ending and not self._under_way and not self.lasting.open:
            self._finish(cut=0)

    def _flush(self) -> None:
        now = time.monotonic()
        slipped = self._slipping.look(now, self.recorder.lateness)
        self._effort.look(now, time.process_time())
        drained = self.recorder.drain()
        at = {"worker": self.index, "at": now - self.zero, "hops": self._hops.drain()}
        self._report({**drained, "made": self.marks.drain(), **at})
        if self.ending is None:
            self._trip(slipped, "saturated")

    def _finish(self, *, cut: int) -> None:
        if self._finished:
            return
        self._finished = True
        self.lasting.count_all()
        self._flush()
        reason, why = self.ending or ("complete", "")
        final = {
            "reason": reason,
            "why": why,
            "cut": cut + self._hops.cut,
            "arrivals": self.arrivals,
            "throttled": self._cap.held,
            "seconds": self._measured(),
            "cpu": self._effort.mean(time.monotonic(), time.process_time()),
            "peak": self._effort.peak,
            "mistakes": dict(self._mistakes.counts),
            "sent": sorted(self.marks.sent),
        }
        self._report({"worker": self.index, "final": final})

    def _measured(self) -> float:
        """How long requests were sent after the warm-up; waiting for the last answers is no part of it."""
        passed = max(time.monotonic() - self.zero, 0.0)
        return passed if self.job.seconds is None else min(passed, self.job.seconds)

    # --- requests

    def leaves(self, user: Asker | None) -> bool:
        """Whether a user is on its way out: what it sends then (a logout, a cleanup) is no load."""
        return self.ending is not None and id(user) in self._leaving

    @contextmanager
    def leaving(self, user: object) -> Iterator[None]:
        """Let a user send what it sends when it stops."""
        self._leaving.add(id(user))
        try:
            yield
        finally:
            self._leaving.discard(id(user))

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a request's place among those under way.

        Raises:
            StopUser: if nothing more is sent.
        """
        now = self._admit()
        me = getcurrent()
        self._starts.begin(me, now)
        self._hops.waited(me)
        self._under_way[me] = now
        try:
            yield
        finally:
            self._under_way.pop(me, None)

    def follow(self) -> None:
        """Count what this greenlet sends to follow a redirect; a user that leaves sends without.

        Raises:
            StopUser: if nothing more is sent.
        """
        if getcurrent() in self._under_way:
            with self._hops.admitting(getcurrent()):
                self._admit()

    def is_due(self, at: float) -> None:
        """Note that the next request of this greenlet was due at `at`: that is when its latency begins."""
        self._starts.is_due(getcurrent(), at)

    def due(self) -> float:
        """When the request of this greenlet was due; of those that tell themselves what came of them."""
        return self._starts.take(getcurrent(), time.monotonic()).at

    def forget(self) -> None:
        """Forget what was noted for this greenlet."""
        self._starts.forget(getcurrent())
        self._hops.waited(getcurrent())

    def drop(self, name: str, at: float) -> None:
        """Note an arrival that is not sent."""
        self.recorder.add(name, "", floor(at - self.zero), "dropped", float("inf"))

    def _admit(self) -> float:
        if self.ending is None:
            self._cap.wait()
        now = time.monotonic()
        if self.ending is None:
            self._count_down(now)
        if self.ending is not None:
            raise StopUser
        return now

    def _count_down(self, at: float) -> None:
        """Count a request that begins `at`; those before the warm-up's end are not among what is wanted."""
        self._issued += 1
        self._wanted += at >= self.zero
        if self.job.requests is not None and self._wanted > self._share(self.job.requests):
            self.end("complete")
        elif self._issued > self._share(self.job.most):
            self.end("capped", f"it has sent the {self.job.most} requests that it may send")

    def _share(self, number: int) -> int:
        every, rest = divmod(number, self.job.generators)
        return every + (self.index < rest)

    @contextmanager
    def marking(self, number: int) -> Iterator[str]:
        """Hold a mark for the `number`-th request, which creates something; give it back if it is not sent.

        Raises:
            StopUser: if all are used up; then nothing more is sent at all.
        """
        if (mark := self.marks.take(number)) is None:
            self._count_down(time.monotonic())  # where none is wanted any more, that is the end
            self.end("capped", f"{self.job.asks[number].name} was sent as often as it may be")
            raise StopUser
        try:
            yield mark
        except StopUser:
            self.marks.give_back(number, mark)
            raise

    # --- what locust tells

    def on_request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float | None,
        exception: BaseException | None,
        response: object = None,
        **_: object,
    ) -> None:
        """Record a request that was answered, or not."""
        if self._finished or not self._counts():
            return
        me = getcurrent()
        waited = (response_time or 0.0) / 1000 - self._hops.waited(me)
        is_admitted = self._starts.has(me)
        start = self._starts.take(me, otherwise=time.monotonic() - waited)
        if not is_admitted and self.ending is None:
            self._count_down(start.at)  # of a client of the scenario's own, which asks nobody
        if self._hops.is_cut(me):
            return
        kind = kind_of(exception, response, self._goal) or ("deadline" if waited >= self.job.deadline else "")
        called = f"{request_type} {str(name).partition('?')[0]}"
        version = version_of(response, self.job.version_header)
        self.recorder.add(called, version, floor(start.at - self.zero), kind, start.passed + waited)
        self.came(kind)

    def _counts(self) -> bool:
        """A cleanup's requests, after the end, are no load: they were not admitted, so nothing was noted."""
        return self.ending is None or self._starts.has(getcurrent())

    def came(self, kind: str) -> None:
        """Count failures, the sender's own apart; `kind` is how the last request failed, or nothing."""
        self._mistakes.interrupt()
        if kind in EXHAUSTED:
            self._trip(self._exhausted.look(kind), "saturated")
        elif self.ending is None:  # of what is left after the end, those that hang come last, in a row
            self._trip(self._failing.look(time.monotonic(), kind), "breaker")

    def failed_later(self, kind: str) -> None:
        """Count a failure of one that had come well."""
        self._failing.retract()
        self.came(kind)

    def _trip(self, why: str, reason: str) -> None:
        if why:
            self._report({"worker": self.index, "trip": why, "reason": reason})

    def on_mistake(self, exception: BaseException, **_: object) -> None:
        """Count an exception of the scenario itself."""
        if told := self._mistakes.add(exception):
            self._trip(told, "broken")
