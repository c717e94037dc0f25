"""A stand-in from outside: start it, read its variables, switch its faults, stop it.

Standard library only, so that any test can use it.

    with Standin.start("wecelebrate") as standin, standin.fault("health_degraded"):
        ...
"""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
START_DEADLINE = 60.0
STOP_DEADLINE = 20.0
ANSWER_DEADLINE = 40.0
PAUSE = 0.02
_LINE = re.compile(r"(?ms)^(?P<name>\w+)=(?:'(?P<quoted>[^']*)'|(?P<plain>[^\n]*))$")
TAIL = 2000


class StandinError(RuntimeError):
    """The stand-in did not do what it was asked."""


class Standin:
    """A running stand-in."""

    def __init__(self, process: subprocess.Popen[bytes], provided: Mapping[str, str]) -> None:
        self.process = process
        self.provided = dict(provided)
        """The variables as they were written at the start."""

    @classmethod
    def start(cls, system: str, *options: str, environment: Mapping[str, str] | None = None) -> Self:
        """Start a stand-in and return once everything answers.

        Options are those of `python -m suites.standins`, such as `--rate-limit=100000`.
        It stops with this process at the latest.
        """
        with tempfile.TemporaryDirectory(prefix="standin-provides-") as folder:
            provides = Path(folder) / "variables.env"
            complaints = Path(folder) / "complaints.txt"
            with complaints.open("wb") as written:
                process = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-m", "suites.standins", system, "--until-eof", *options],
                    cwd=ROOT,
                    env={**os.environ, **(environment or {}), "DEPLOYCHECK_PROVIDES": str(provides)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=written,
                )
            _wait_for(provides, process, complaints)
            return cls(process, read_dotenv(provides))

    def variables(self) -> dict[str, str]:
        """Return the variables as they are now: faults can change them."""
        return self._ask("GET", "/variables")

    def faults(self) -> list[dict[str, Any]]:
        """Return every fault with `name`, `breaks`, `where`, `only` and `on`."""
        return list(self._ask("GET", "/faults")["faults"])

    def switch_on(self, name: str) -> None:
        """Switch a fault on; it is in effect when this returns."""
        self._ask("PUT", f"/faults/{name}")

    def switch_off(self, name: str) -> None:
        """Switch a fault off."""
        self._ask("DELETE", f"/faults/{name}")

    def heal(self) -> None:
        """Switch every fault off and forget every count."""
        self._ask("DELETE", "/faults")
        self.reset()

    @contextmanager
    def fault(self, *names: str) -> Iterator[None]:
        """Switch faults on for the length of a `with` block."""
        try:
            for name in names:
                self.switch_on(name)
            yield
        finally:
            for name in reversed(names):
                self.switch_off(name)

    def reset(self) -> None:
        """Forget the counts of the rate limit and what went elsewhere."""
        self._ask("POST", "/reset")

    def limit(self, requests: int, window: float = 60.0) -> None:
        """Set the rate limit: requests within a window in seconds."""
        self._ask("PUT", "/limits", {"limit": requests, "window": window})

    def advance(self, seconds: float) -> None:
        """Move the clock of the rate limit forward."""
        self._ask("POST", "/clock", {"advance": seconds})

    def state(self) -> dict[str, Any]:
        """Return a fingerprint: `rows` (one digest), `tables` and `sequences`."""
        return self._ask("GET", "/state")

    def elsewhere(self) -> list[dict[str, Any]]:
        """Return the requests that another origin received."""
        return list(self._ask("GET", "/elsewhere")["requests"])

    def stop(self) -> None:
        """Stop it; when this returns nothing is left of it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        # Not urllib: it would load the system's certificates each time, 20 ms, for plain HTTP.
        address = self.provided["STANDIN_CONTROL"].removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=ANSWER_DEADLINE)
        headers = {"x-standin-token": self.provided["STANDIN_CONTROL_TOKEN"], "connection": "close"}
        with closing(connection):
            connection.request(method, path, json.dumps(content or {}), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.load(response)
        if response.status != HTTPStatus.OK:
            raise StandinError(f"{method} {path}: {answer['message']}")
        return answer


def read_dotenv(path: Path) -> dict[str, str]:
    """Read what a stand-in wrote."""
    told = path.read_text(encoding="utf-8")
    return {found["name"]: found["quoted"] or found["plain"] or "" for found in _LINE.finditer(told)}


def _wait_for(path: Path, process: subprocess.Popen[bytes], complaints: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.communicate()
            complaint = complaints.read_text(errors="replace")[-TAIL:]
            raise StandinError(f"the stand-in did not start: {complaint}")
        time.sleep(PAUSE)
