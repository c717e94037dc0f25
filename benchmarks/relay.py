"""A relay between a client and a server on this machine: adds a round trip's time, counts turns, can cut.

`python -m benchmarks.relay PORT MILLISECONDS` runs one in a process of its own, and prints its port.
"""

import asyncio
import contextlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial


class Relay:
    """Passes on what comes, half of `round_trip` seconds later each way.

    `turns` counts how often a client spoke after it had been answered, or for the first time: the round trips
    that it waited for. After `cut_after` bytes of answers, if given, every connection breaks.
    """

    def __init__(self, server: int, *, round_trip: float = 0.0, cut_after: int | None = None) -> None:
        self._server = server
        self._way = round_trip / 2
        self._left = cut_after
        self._open: set[asyncio.StreamWriter] = set()
        self._answered = True
        self.turns = 0
        self.port = 0

    async def listen(self) -> asyncio.Server:
        """Begin to listen at a free port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection("127.0.0.1", self._server)
        self._open |= {writer, back}
        try:
            await asyncio.gather(
                self._pump(reader, back, answers=False), self._pump(onward, writer, answers=True)
            )
        finally:
            self._open -= {writer, back}
            writer.transport.abort()
            back.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool) -> None:
        """Pass on each piece when it is due; pieces that follow at once do not wait for one another."""
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver(due, sink))
            data = b"first"
            with contextlib.suppress(ConnectionError):
                while data:
                    data = await source.read(65536)
                    self._note(data, answers=answers)
                    due.put_nowait((asyncio.get_running_loop().time() + self._way, data))
            due.put_nowait((0.0, b""))

    async def _deliver(self, due: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                when, data = await due.get()
                await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))
                if not data:
                    break
                sink.write(data)
                await sink.drain()
            sink.write_eof()

    def _note(self, data: bytes, *, answers: bool) -> None:
        if not data:
            return
        if not answers:
            self.turns += self._answered
        elif self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self._break()
        self._answered = answers

    def _break(self) -> None:
        for writer in self._open:
            writer.transport.abort()


@contextlib.contextmanager
def relaying(relay: Relay) -> Iterator[Relay]:
    """Let `relay` pass things on until the end of the block, in a thread of its own."""
    started: queue.Queue[Callable[[], object]] = queue.Queue()

    async def work() -> None:
        stop = asyncio.Event()
        server = await relay.listen()
        started.put(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    stop = started.get()
    try:
        yield relay
    finally:
        stop()
        thread.join()


async def _main(server: int, milliseconds: float) -> None:
    relay = Relay(server, round_trip=milliseconds / 1000)
    async with await relay.listen() as listening:
        print(relay.port, flush=True)
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
