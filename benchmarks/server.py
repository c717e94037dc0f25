"""The target of the benchmarks: GET /MILLISECONDS/NUMBER is answered after that long.

GET /stall/NUMBER is answered at once, but for two seconds of every eight, counted from the first: what
comes in them is answered at their end.

On asyncio's bare protocols, so that an answer costs it less than the question costs any of its clients.
GET /count tells how many were answered since the last time; GET /ready, which a gate asks first, is not
among them.
"""

import asyncio
import json
import sys

PERIOD, STALL_BEGINS, STALL_ENDS = 8.0, 4.0, 6.0
"""Seconds."""

_STATUS = b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: "
_END = b"\r\n\r\n"


class Answers(asyncio.Protocol):
    """One keep-alive connection."""

    count = 0
    first: float | None = None
    """When the first request came that may meet a stall."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete; none has a body."""
        *requests, self._received = (self._received + data).split(_END)
        for request in requests:
            self._answer(request.split(b" ", 2)[1].decode())

    def _answer(self, target: str) -> None:
        if target == "/count":
            self._write({"count": Answers.count})
            Answers.count = 0
            return
        if target == "/ready":
            self._write({"status": "ok"})
            return
        _, delay, number = target.split("/")
        Answers.count += 1
        document = {"status": "ok", "number": int(number)}
        wait = _until_the_stall_ends() if delay == "stall" else int(delay) / 1000
        asyncio.get_running_loop().call_later(wait, self._write, document)

    def _write(self, document: dict[str, object]) -> None:
        body = json.dumps(document).encode()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_STATUS + str(len(body)).encode() + _END + body)


def _until_the_stall_ends() -> float:
    """Seconds, 0 outside of a stall."""
    now = asyncio.get_running_loop().time()
    Answers.first = now if Answers.first is None else Answers.first
    into = (now - Answers.first) % PERIOD
    return max(0.0, STALL_ENDS - into) if into >= STALL_BEGINS else 0.0


async def main() -> None:
    """Serve on a free port of the loopback interface, told on standard output, until standard input ends."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    server = await loop.create_server(Answers, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
