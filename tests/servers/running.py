"""A shop in its own process, and what a test may ask of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers import shop


@dataclass(frozen=True)
class Arrived:
    """A request as the shop received it."""

    listener: str
    method: str
    target: str
    headers: dict[str, str]
    body: str
    client: int

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


class RunningShop:
    """`url` is the balancer's address, `replicas` are those behind it, `elsewhere` is a foreign origin."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.url = addresses[shop.FRONT]
        self.replicas = addresses[shop.FIRST], addresses[shop.SECOND]
        self.elsewhere = addresses[shop.ELSEWHERE]
        self._control = httpx.Client(base_url=self.url, trust_env=False)

    def reset(self) -> None:
        """Be healthy, forget everything, and let go of whoever hangs."""
        self._ask("/_reset")

    def switch(self, **switches: object) -> None:
        """Change what the shop does, see `shop.HEALTHY`."""
        self._ask("/_switch", switches)

    def wake(self) -> None:
        """Let go of whoever hangs."""
        self._ask("/_wake")

    @property
    def arrived(self) -> list[Arrived]:
        """Every request since the reset, at whatever listener."""
        return [Arrived(**each) for each in self._ask("/_state")["log"]]

    @property
    def lines(self) -> list[str]:
        """The request lines that arrived at the shop itself."""
        return [each.line for each in self.arrived if each.listener != shop.ELSEWHERE]

    @property
    def strayed(self) -> list[Arrived]:
        """The requests that arrived at the foreign origin."""
        return [each for each in self.arrived if each.listener == shop.ELSEWHERE]

    @property
    def orders(self) -> list[dict[str, Any]]:
        """The orders that are there."""
        return list(self._ask("/_state")["orders"].values())

    def close(self) -> None:
        self._control.close()

    def _ask(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        return self._control.post(path, json=body).raise_for_status().json()


@contextmanager
def running_shop() -> Iterator[RunningShop]:
    """Start a shop; it ends with the block."""
    command = [sys.executable, str(Path(shop.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        running = RunningShop(json.loads(process.stdout.readline()))
        yield running
        running.close()
        process.stdin.close()
