"""One replica: an application served on a unix socket, in a process of its own.

Started as `python -m suites.standins.kit.replica FD`; the rest comes over the line.
"""

import asyncio
import importlib
import socket
import sys
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from suites.standins.kit.limiter import Allowance
from suites.standins.kit.link import Line, Message, leave

KEEP_ALIVE_SECONDS = 3600
ODD = "replica-2"
"""The one bad replica of several, for faults that only one has."""


@dataclass(slots=True)
class Switches:
    """The faults that are on, as this replica knows them."""

    known: frozenset[str] = frozenset()
    active: frozenset[str] = field(default=frozenset())

    def __call__(self, name: str) -> bool:
        """Say whether a fault is on; a name that isn't in the table is a mistake."""
        if name not in self.known:
            raise LookupError(f"no fault is called {name!r}")
        return name in self.active


@dataclass(slots=True)
class Replica:
    """What the application knows of the replica it runs in."""

    name: str
    settings: dict[str, Any]
    fault: Switches
    line: Line

    def odd_fault(self, name: str) -> bool:
        """Say whether a fault is on that only the second replica has."""
        return self.fault(name) and self.name == ODD

    async def take(self, key: str, share: float = 1.0, *, forgives: bool = True) -> Allowance:
        """Count one request of `key` in the window that all replicas share."""
        return Allowance(**await self.line.ask({"take": key, "share": share, "forgives": forgives}))

    async def remember(self, key: str) -> bool:
        """Keep a key in the memory that all replicas share until a fault is switched."""
        return bool((await self.line.ask({"remember": key}))["known"])

    async def recalls(self, key: str) -> bool:
        """Say whether a key was kept."""
        return bool((await self.line.ask({"recall": key}))["known"])


class Switchable:
    """Receives what the supervisor says."""

    def __init__(self) -> None:
        self.fault = Switches()
        self.started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.ready = asyncio.Event()

    def handle(self, message: Message) -> Message:
        """Take the order to start, or the faults that are on from now."""
        if "start" in message:
            self.fault.known = frozenset(message["known"])
            self.started.set_result(message["start"])
        self.fault.active = frozenset(message["faults"])
        return {}


async def serve(number: int) -> None:
    """Serve the application that the supervisor names, until the line ends."""
    replica = Switchable()
    line = Line(replica.handle, leave)
    await line.open(socket.socket(fileno=number))
    start = await replica.started
    module, _, name = start["application"].partition(":")
    create = getattr(importlib.import_module(module), name)
    application = create(Replica(start["name"], start["settings"], replica.fault, line))
    config = uvicorn.Config(
        application,
        uds=start["socket"],
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=1024,
        ws="none",
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
