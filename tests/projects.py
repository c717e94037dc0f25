"""A user's project in a folder of its own: a contract, Python tests, and runs of pytest in it."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.servers.running import RunningShop

PATIENCE = 60
"""Seconds after which a run counts as hanging."""

ENVIRONMENTS = """\
system: Shop
environments:
  local: {base_url: "${SHOP_URL}"}
  prod: {base_url: "${SHOP_URL}", protected: true}
  small: {base_url: "${SHOP_URL}", budget: {requests: 5, writes: 1, duration: 1m}}
  brief: {base_url: "${SHOP_URL}", budget: {duration: 1s}}
  down: {base_url: "http://127.0.0.1:9"}
"""

READY = """\
release:
  ready: {path: /health, timeout: 6s, interval: 2s}
"""

IMPATIENT = """\
release:
  ready: {path: /health, timeout: 2s, interval: 1500ms}
"""
"""For a deployment that is not there; a busy machine may need longer than that to answer."""

ANN = """\
signing: {algorithm: HS256, key: "${SHOP_SIGNING_KEY}"}
identities:
  ann:
    tenant: a
    login: {path: /login, json: {email: ann@shop.test, password: "${ANN_PASSWORD}"}, token: $.access_token}
"""

BOB = """\
  bob:
    tenant: b
    login: {path: /login, json: {email: bob@shop.test, password: "${BOB_PASSWORD}"}, token: $.access_token}
"""

ORDER = """\
  - an order is made:
      as: ann
      steps:
        - POST /orders:
            send: {json: {reference: "{mark}"}}
            status: 201
            creates:
              id: $.id
              delete: DELETE /orders/{id}
              find: {"GET /orders?reference={mark}": "$.items[*].id"}
"""


@dataclass(frozen=True)
class Run:
    """What a run of pytest, or of the command, left behind."""

    status: int
    out: str
    err: str

    @property
    def verdict(self) -> str:
        """The last line."""
        return self.out.rstrip().rpartition("\n")[2]

    @property
    def summary(self) -> str:
        """What is told below the headings of the systems."""
        return self.out.partition(" deploycheck: ")[2].partition("\n")[2]

    @property
    def everything(self) -> str:
        return self.out + self.err

    def counts(self) -> str:
        """Pytest's own last line, without the time: "1 passed, 1 inconclusive"."""
        told = [line for line in self.out.splitlines() if " in " in line and line.endswith(("s", "="))]
        return told[-1].strip("= ").partition(" in ")[0]


class Project:
    """A folder with a contract for a running shop."""

    def __init__(self, pytester: pytest.Pytester, shop: RunningShop) -> None:
        self._pytester = pytester
        self.folder = pytester.path
        self.shop = shop

    def contract(self, *parts: str, folder: str = ".") -> Path:
        """Write a contract of `parts`, one below the other."""
        path = self.folder / folder / "deploycheck.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(dedent(part) if part.startswith(" " * 8) else part for part in parts))
        return path

    def file(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    def pytest(self, *arguments: str, env: str = "local") -> Run:
        """Run pytest with warnings as errors; without --env if `env` is empty."""
        chosen = [f"--env={env}"] if env else []
        return self.python("-m", "pytest", "-Werror", *chosen, *arguments)

    def command(self, *arguments: str) -> Run:
        """Run `deploycheck`."""
        return self.python("-m", "pytest_deploycheck.cli", *arguments)

    def python(self, *arguments: str) -> Run:
        """Run Python in the project's folder."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        return Run(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, env: str = "local") -> "subprocess.Popen[str]":
        """Start pytest and return at once; in a process group of its own, as a shell would."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", f"--env={env}", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: "subprocess.Popen[str]") -> Run:
        """Wait for a started pytest."""
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        sys.stdout.write(out)
        sys.stderr.write(err)
        return Run(process.returncode, out, err)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Ask until `holds` says yes.

    Raises:
        AssertionError: naming `what`, when the patience is over.
    """
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {PATIENCE} s: {what}"
        time.sleep(0.01)
