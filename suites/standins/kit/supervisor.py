"""Runs a stand-in until it is told to stop, and hands out its variables."""

import asyncio
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

PROVIDES = "DEPLOYCHECK_PROVIDES"
DEFAULT_LIMIT = 100
DEFAULT_WINDOW = 60.0
TOKENS = ("hs256", "rs256")
"""How access tokens can be signed, the usual way first."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Options:
    """How a stand-in is to run."""

    until_eof: bool = False
    faults: tuple[str, ...] = ()
    rate_limit: int = DEFAULT_LIMIT
    rate_window: float = DEFAULT_WINDOW
    tokens: str = TOKENS[0]


@dataclass(frozen=True, slots=True)
class Started:
    """What a started stand-in hands out."""

    variables: Mapping[str, str]
    summary: str


Start = Callable[[AsyncExitStack, Options], Coroutine[None, None, Started]]


async def supervise(start: Start, options: Options) -> None:
    """Start, hand out the variables, wait for the end, clean up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    if options.until_eof:
        _watch_input(loop, stop)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(start(stack, options))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        started = starting.result()
        if path := os.environ.get(PROVIDES):
            provide(Path(path), started.variables)
        sys.stdout.write(f"{started.summary}\n")
        sys.stdout.flush()
        await stopping


def _watch_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, daemon=True).start()


def provide(path: Path, variables: Mapping[str, str]) -> None:
    """Write a dotenv file that appears complete or not at all, for its owner only."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with open(number, "w", encoding="utf-8") as file:  # noqa: PTH123 - a file descriptor
        file.writelines(f"{key}={_quoted(value)}\n" for key, value in variables.items())
    Path(name).replace(path)


def _quoted(value: str) -> str:
    safe = all(c.isalnum() or c in "-_./:@%+,=" for c in value)
    return value if safe else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
