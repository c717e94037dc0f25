"""The replicas as the supervisor sees them: started, told, killed, started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suites.standins.kit.limiter import Limiter
from suites.standins.kit.link import Line, Message

ROOT = Path(__file__).resolve().parents[3]
START_DEADLINE = 30.0
PAUSE = 0.01


class ReplicaError(RuntimeError):
    """A replica did not start."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a replica runs: `module:function`, its settings, the faults there are."""

    application: str
    settings: dict[str, Any]
    known: tuple[str, ...]


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    line: Line


@dataclass(slots=True)
class Replicas:
    """Two or more processes of the same program, which share one limiter."""

    program: Program
    limiter: Limiter
    sockets: tuple[Path, ...]
    faults: frozenset[str] = frozenset()
    _running: dict[int, _Running] = field(default_factory=dict)
    _memory: set[str] = field(default_factory=set)

    async def start(self, numbers: Iterable[int] | None = None) -> None:
        """Start these replicas (all, if none is named) and wait until they answer."""
        wanted = range(len(self.sockets)) if numbers is None else numbers
        await asyncio.gather(*(self._start(n) for n in wanted if n not in self._running))

    async def kill(self, numbers: Iterable[int] | None = None) -> None:
        """Kill these replicas, as a crash would."""
        for number in list(self._running) if numbers is None else list(numbers):
            if running := self._running.pop(number, None):
                running.process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(running.process.wait)
                running.line.close()
                self.sockets[number].unlink(missing_ok=True)

    async def switch(self, faults: Iterable[str]) -> None:
        """Return once every running replica behaves so."""
        self.faults = frozenset(faults)
        self._memory.clear()
        told = [running.line.ask({"faults": sorted(self.faults)}) for running in self._running.values()]
        await asyncio.gather(*told)

    async def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = _spawn(theirs.fileno())
        line = Line(self._handle, lambda: None)
        await line.open(ours)
        self._running[number] = _Running(process, line)
        start = {
            "application": self.program.application,
            "settings": self.program.settings,
            "name": f"replica-{number + 1}",
            "socket": str(self.sockets[number]),
        }
        try:
            await line.ask({"start": start, "known": self.program.known, "faults": sorted(self.faults)})
        except ConnectionResetError as error:
            raise ReplicaError(f"replica-{number + 1} ended before it started") from error
        await _answers(self.sockets[number], process)

    def _handle(self, message: Message) -> Message:
        if "take" in message:
            return self.limiter.take(
                message["take"], message["share"], forgives=message["forgives"]
            ).to_json()
        if "remember" in message:
            self._memory.add(message["remember"])
        return {"known": message.get("remember", message.get("recall")) in self._memory}


def _spawn(number: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "suites.standins.kit.replica", str(number)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(number,),
        env=environment,
        start_new_session=True,
    )


async def _answers(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while True:
        try:
            _, writer = await asyncio.open_unix_connection(path)
        except OSError as error:
            if process.poll() is not None:
                raise ReplicaError(f"a replica ended with status {process.returncode}") from error
            if time.monotonic() > deadline:
                raise ReplicaError(f"a replica did not answer in {START_DEADLINE:.0f} s") from error
            await asyncio.sleep(PAUSE)
        else:
            writer.close()
            return
