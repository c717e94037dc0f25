"""Runs locust beside this process, follows it line by line, and stops it within two seconds."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.loaded import Ending, Loaded
from pytest_deploycheck.model.many import many
from pytest_deploycheck.probes.load import job as jobs
from pytest_deploycheck.probes.load.command import arguments
from pytest_deploycheck.probes.load.progress import progress
from pytest_deploycheck.probes.load.stopping import Stopping
from pytest_deploycheck.probes.load.tally import Tally

STARTING = 30.0
"""Seconds that the generators may take to start."""
STOPPING = 2.0
"""Seconds between asking to stop and killing."""
SLACK = 10.0
"""Seconds beyond all that was planned after which a run is broken."""
LAUNCH = "pytest_deploycheck.probes.loadgen.launch"
"""The module that is locust, in the process of its own."""
TAIL = 12
"""Lines of locust's output that are shown."""

_POLL = 0.1


class Engine:
    """One load run. `show` is told how it goes; `stop` may be called from any thread."""

    def __init__(self, run: LoadRun, job: jobs.Job, *, cwd: Path, show: Callable[[str], None]) -> None:
        self._run = run
        self._job = job
        self._cwd = cwd
        self.tally = Tally(run.parts)
        self._stopping = Stopping(run.stops, self.tally)
        self._count = self.tally.count()
        self._show = show
        self._shown = 0.0
        self._stop = threading.Event()

    def stop(self) -> None:
        """Stop soon; `go` then returns what was seen."""
        self._stop.set()

    def go(self) -> tuple[Loaded, bool]:
        """Run to the end; return what was seen, and whether somebody pressed Ctrl-C."""
        with Process(arguments(self._run, self._job), self._job, self._cwd) as process:
            interrupted = False
            try:
                ending, why = self._follow(process)
            except KeyboardInterrupt:
                interrupted = True
                ending, why = self._end(process, "i", Ending.INTERRUPTED, "interrupted")
            if ending is Ending.BROKEN and self.tally.end is None:
                why += process.tail()
            if self.tally.end is not None and self.tally.end["reason"] != Ending.COMPLETE.value:
                process.hurry()
        return self.tally.seen(ending, why, self._job.seconds), interrupted

    def _follow(self, process: "Process") -> tuple[Ending, str]:
        """Read until the generators tell their end; stop them when there is a reason to."""
        workers = self._run.workers
        begun, last = False, time.monotonic() + (workers.wait if workers else STARTING)
        while self.tally.end is None:
            if not self._read(process):
                return Ending.BROKEN, f"locust ended with status {process.status()}"
            if self._stop.is_set():
                return self._end(process, "i", Ending.INTERRUPTED, "interrupted")
            self._tell()
            if why := self._stopping.look():
                return self._end(process, "r", Ending.STOP_RULE, why)
            if self.tally.began and not begun:
                begun, last = True, time.monotonic() + self._job.longest + self._job.deadline + SLACK
            if time.monotonic() > last:
                return self._end(process, "i", Ending.BROKEN, self._late())
        return Ending.COMPLETE, ""

    def _late(self) -> str:
        """Why there is nothing to wait for any more."""
        if self.tally.began:
            return "the generators did not come to an end"
        if workers := self._run.workers:
            return f"{self.tally.came} of {many(workers.expected, 'worker')} came within {workers.wait:g} s"
        return f"locust did not start within {STARTING:g} s"

    def _tell(self) -> None:
        """Say how it goes, once a second."""
        if time.monotonic() - self._shown >= 1.0:
            self._shown = time.monotonic()
            self._show(progress(self._run, self._job, self.tally, self._count))

    def _end(self, process: "Process", order: str, ending: Ending, why: str) -> tuple[Ending, str]:
        """Stop the generators, and take what they still tell."""
        process.order(order)
        patience = time.monotonic() + STOPPING
        while self.tally.end is None and time.monotonic() < patience and self._read(process):
            pass
        if self.tally.end is not None:
            self.tally.end["why"] = self.tally.end["why"] or why
        return ending, why

    def _read(self, process: "Process") -> bool:
        """Take the lines that are there; False at their end."""
        lines = process.lines(_POLL)
        for line in lines or ():
            self.tally.add(line)
        return lines is not None


class Process:
    """locust, in a process group of its own; leaving the block leaves nothing behind."""

    def __init__(self, command: Sequence[str], job: jobs.Job, cwd: Path) -> None:
        self._command, self._job, self._cwd = command, job, cwd
        self._rest = b""
        self._patience = job.deadline + STOPPING

    def __enter__(self) -> Self:
        told = jobs.conceal(jobs.dump(self._job))
        self._result, write = os.pipe()
        self._log: IO[bytes] = tempfile.TemporaryFile()
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", LAUNCH, *self._command],
                cwd=self._cwd,
                env=_environment(
                    {jobs.FD: str(told), jobs.RESULT: str(write), jobs.PARENT: str(os.getpid())}
                ),
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=(told, write),
                start_new_session=True,
            )
        finally:
            os.close(told)
            os.close(write)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._result, selectors.EVENT_READ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(self._patience if kind is None else 0.0)
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        _kill_group(self._popen.pid)
        self._popen.wait()
        self._selector.close()
        os.close(self._result)
        self._log.close()

    def lines(self, timeout: float) -> list[dict[str, object]] | None:
        """Return the lines that came within `timeout` seconds; None at the end of all lines."""
        if not self._selector.select(timeout):
            return []
        chunk = os.read(self._result, 1 << 20)
        if not chunk:
            return None
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        return [json.loads(line) for line in whole]

    def hurry(self) -> None:
        """Leave the generators less time to end: nothing that they still do matters."""
        self._patience = STOPPING

    def order(self, order: str) -> None:
        """Tell the generators to stop."""
        self.hurry()
        if self._popen.stdin is not None:
            try:
                self._popen.stdin.write(order.encode())
                self._popen.stdin.flush()
            except BrokenPipeError:
                return

    def wait(self) -> int:
        """Wait for the end, however long it takes; return the exit status."""
        return self._popen.wait()

    def status(self) -> int:
        """The exit status, once there are no more lines."""
        try:
            return self._popen.wait(STOPPING)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL

    def tail(self) -> str:
        """What locust said last, on lines of their own."""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").splitlines()[-TAIL:]
        return "".join(f"\n    {line}" for line in lines)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what would make pytest in locust's process check something, or locust do more, or fail.

    gevent warns where it is imported late, which is no error of the scenario.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DEPLOYCHECK_", "LOCUST_")) and name != "PYTHONWARNINGS"
    }
    return {**kept, **more, "PYTHONUNBUFFERED": "1"}


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
