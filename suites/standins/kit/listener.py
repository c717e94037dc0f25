"""One listening port of 127.0.0.1 whose requests one function answers."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from suites.standins.kit.wire import MAX_HEAD, Head, WireError, read_body, read_head, write_head

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read completely, and the address it came from."""

    head: Head
    body: bytes
    peer: str

    @property
    def method(self) -> str:
        """Return the method."""
        return self.head.start[0].decode("latin-1")

    @property
    def target(self) -> str:
        """Return path and query as they came."""
        return self.head.start[1].decode("latin-1")


Answer = Callable[[Request], Awaitable[bytes]]


def reply(status: int, content: object = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a JSON response."""
    body = b"" if content is None else json.dumps(content).encode()
    fields = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    start = (b"HTTP/1.1", str(status).encode(), HTTPStatus(status).phrase.encode())
    return write_head(start, ((n.encode(), v.encode()) for n, v in fields.items())) + body


class Drip(bytes):
    """A response whose body is sent a byte at a time."""

    pause = 0.5
    """Seconds between two bytes."""


class Listener:
    """Listens, reads requests, writes what `answer` returns, keeps connections alive."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        """Listen: on a free port the first time, on the same port later."""
        self._server = await asyncio.start_server(
            self._connected, HOST, self.port, ssl=self._tls, limit=MAX_HEAD, backlog=512
        )
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._server is not None and self._server.is_serving()

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop(self) -> None:
        """Drop every connection."""
        for task in self._tasks:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                await self._converse(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str(writer.get_extra_info("peername")[0])
        while True:
            try:
                request = await _read(reader, writer, peer)
            except WireError as error:
                refusal = {"message": error.reason}
                writer.write(reply(error.status, refusal, {"connection": "close"}))
                await writer.drain()
                return
            if request is None:
                return
            await _write(writer, await self._answer(request))
            if not request.head.keeps_alive:
                return


async def _write(writer: asyncio.StreamWriter, response: bytes) -> None:
    if isinstance(response, Drip):
        head, gap, body = response.partition(b"\r\n\r\n")
        writer.write(head + gap)
        for byte in body:
            await writer.drain()
            await asyncio.sleep(response.pause)
            writer.write(bytes([byte]))
    else:
        writer.write(response)
    await writer.drain()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> Request | None:
    arrived = await read_head(reader)
    if arrived is None:
        return None
    _, head = arrived
    if head.value(b"expect").lower() == b"100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(head, await read_body(reader, head), peer)
