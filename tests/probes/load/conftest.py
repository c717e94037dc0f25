"""Servers that answer exactly as they are asked to, each in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest


@dataclass(frozen=True)
class Server:
    """A server under load."""

    url: str
    process: "subprocess.Popen[str]"

    def told(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return httpx.get(f"{self.url}{path}", trust_env=False).json()

    @property
    def counted(self) -> dict[str, int]:
        """The requests that arrived, by method and path."""
        counts: dict[str, int] = self.told("/count")
        return counts


@contextmanager
def running(
    *arguments: str, module: str = "tests.servers.slow", scheme: str = "http", host: str = "127.0.0.1"
) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    with process.stdout:
        port = process.stdout.readline().strip()
        try:
            yield Server(f"{scheme}://{host}:{port}", process)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one
