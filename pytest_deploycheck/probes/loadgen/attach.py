"""Ties our generator to locust's own events: what runs where, on one process or many."""

import os
import sys
import time
from typing import Any

import gevent
from locust import User, events
from locust.runners import MasterRunner, WorkerRunner

from pytest_deploycheck.probes.load import job as jobs
from pytest_deploycheck.probes.loadgen.arrivals import arriving_user
from pytest_deploycheck.probes.loadgen.declared import declared_user
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.leaving import let_leave
from pytest_deploycheck.probes.loadgen.reporting import Reporter, attend, follow_parent
from pytest_deploycheck.probes.loadgen.sessions import instrument

SEEN = "deploycheck-seen"
STOP = "deploycheck-stop"
MASTER_SILENT = 5.0
"""Seconds without a word of the master after which a worker ends; locust's own limit is a minute."""


class Attached:
    """The job, in one process of locust: master, worker, or both."""

    def __init__(self) -> None:
        self.job = jobs.parse(jobs.reveal(int(os.environ[jobs.FD])))
        self._generator: Generator | None = None
        self._reporter: Reporter | None = None
        self._index = 0
        self._scenario: list[type[User]] = []
        self._first = os.getpid()  # locust's workers are forked from it
        instrument(self.job, self._this)

    def users(self) -> dict[str, type[User]]:
        """The classes that locust shall find beside those of the scenario."""
        found: dict[str, type[User]] = {}
        if self.job.asks:
            found["Declared"] = declared_user(self.job, self._this)
        if self.job.stages:
            found["OpenArrivals"] = arriving_user(self.job, self._this, self._scenario)
        return found

    def on_init(self, environment: Any, runner: Any, **_: object) -> None:  # noqa: ANN401 - locust's
        """Take over once locust knows what it is."""
        environment.shape_class = None
        for each in environment.user_classes:
            each.host = self.job.host
            let_leave(each, self._this)
        if self.job.stages:
            self._scenario += [each for each in environment.user_classes if each.__name__ != "OpenArrivals"]
            environment.user_classes = [
                each for each in environment.user_classes if each.__name__ == "OpenArrivals"
            ]
        if isinstance(runner, WorkerRunner):
            runner.register_message(STOP, self._on_stop)
            if os.getpid() != self._first:
                gevent.spawn(follow_parent, self._first)
            gevent.spawn(self._follow_master, runner)
        else:
            self._report_for(runner)

    def on_test_start(self, environment: Any, **_: object) -> None:  # noqa: ANN401 - locust's
        """Begin to send, or to wait for those that send."""
        runner = environment.runner
        if self._reporter is not None:
            self._reporter.begin()
        if isinstance(runner, MasterRunner):
            return
        self._index = runner.worker_index
        self._generator = Generator(self.job, index=self._index, report=self._report_to(runner))
        environment.events.request.add_listener(self._generator.on_request)
        environment.events.user_error.add_listener(self._generator.on_mistake)
        self._generator.begin()

    def _this(self) -> Generator:
        if self._generator is None:
            raise RuntimeError("a request before the run has begun")
        return self._generator

    def _report_for(self, runner: Any) -> None:  # noqa: ANN401 - locust's own
        def stop_all(reason: str, why: str) -> None:
            if isinstance(runner, MasterRunner):
                runner.send_message(STOP, {"reason": reason, "why": why})
            elif self._generator is not None:
                self._generator.stop(reason, why)

        def leave() -> None:
            runner.environment.stop_timeout = 0.0
            runner.quit()

        reporter = Reporter(self.job, int(os.environ[jobs.RESULT]), stop_all=stop_all, leave=leave)
        self._reporter = reporter
        if isinstance(runner, MasterRunner):
            runner.register_message(SEEN, lambda msg, **_: reporter.take(msg.data))
            gevent.spawn(reporter.await_workers, lambda: len(runner.clients.ready))
        attend(lambda told: reporter.stop("stop rule" if told.startswith("r") else "interrupted", ""))

    def _report_to(self, runner: Any) -> Any:  # noqa: ANN401 - locust's own
        if isinstance(runner, WorkerRunner):
            return lambda report: runner.send_message(SEEN, report)
        if self._reporter is None:
            raise RuntimeError("nobody to report to")
        return self._reporter.take

    def _on_stop(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - locust's own
        if self._generator is not None:
            self._generator.stop(msg.data["reason"], msg.data["why"])

    def _follow_master(self, runner: Any) -> None:  # noqa: ANN401 - locust's own
        """End when the master says nothing any more: nobody would stop this worker."""
        while True:
            gevent.sleep(1.0)
            last = runner.last_heartbeat_timestamp
            if last and time.time() - last > MASTER_SILENT:  # locust's own clock for heartbeats
                os._exit(3)


def attach() -> dict[str, type[User]]:
    """Attach, and return the classes of users for locust."""
    if "--worker" in sys.argv:  # it may wait long for its master, before locust calls anybody
        gevent.spawn(follow_parent, int(os.environ[jobs.PARENT]))
    attached = Attached()
    events.init.add_listener(attached.on_init)
    events.test_start.add_listener(attached.on_test_start)
    return attached.users()
