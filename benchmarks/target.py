"""Starts the server in a process of its own, and asks it what it saw."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import ProxyHandler, build_opener

_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    base_url: str

    def count(self) -> int:
        """How many requests it answered since this was asked last."""
        with _OPENER.open(f"{self.base_url}/count", timeout=10) as reply:
            return int(json.load(reply)["count"])


@contextmanager
def served() -> Iterator[Served]:
    """Run the server until the end of the block, or of this process."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield Served(f"http://127.0.0.1:{port}")
        finally:
            process.kill()
