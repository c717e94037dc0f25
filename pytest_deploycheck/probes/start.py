"""Starts a deployment with the contract's command, and stops it with the run."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from pytest_deploycheck.model.environment import Start
from pytest_deploycheck.probes.warden import PATIENCE

PROVIDES = "DEPLOYCHECK_PROVIDES"
"""Names the file that the started command writes its variables to."""

TAIL = 12
"""Lines of a failed command's output that are shown."""

_POLL = 0.02


class NotStartedError(Exception):
    """The deployment did not come up; the message says what its command said last."""


class Deployment:
    """A deployment that was started by this run. Ends with the run, even if that is killed."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._folder = Path(tempfile.mkdtemp(prefix="deploycheck-"))
        self._provides = self._folder / "provides.env"
        self._log = self._folder / "output.log"
        environment = os.environ | {
            PROVIDES: str(self._provides),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the contract's own
                [
                    sys.executable,
                    "-m",
                    "pytest_deploycheck.probes.warden",
                    str(self._folder),
                    *shlex.split(start.command),
                ],
                cwd=start.cwd,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def variables(self) -> Mapping[str, str]:
        """Wait until the command has told its variables, and return them.

        Raises:
            NotStartedError: if it ends before, takes too long, or leaves one out.
        """
        if not self._start.provides:
            return {}
        deadline = time.monotonic() + self._start.timeout
        while not self._provides.exists():
            if self._process.poll() is not None:
                raise NotStartedError(f"`{self._start.command}` gave no variables")
            if time.monotonic() > deadline:
                raise NotStartedError(
                    f"`{self._start.command}` told nothing in {self._start.timeout:g} s{self._tail()}"
                )
            time.sleep(_POLL)
        told = {
            name: value for name, value in dotenv_values(self._provides, interpolate=False).items() if value
        }
        self._provides.unlink()
        if missing := [name for name in self._start.provides if name not in told]:
            raise NotStartedError(f"`{self._start.command}` did not provide {', '.join(missing)}")
        return told

    @property
    def obituary(self) -> str:
        """What the command said last, on lines of their own, if it has ended; nothing while it runs."""
        if self._process.poll() is None:
            return ""
        return f"\n`{self._start.command}` ended with {self._process.returncode}{self._tail()}"

    def stop(self) -> None:
        """End the command and everything it started; returns when it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE * 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
        return "".join(f"\n    {line}" for line in lines)
