"""The balancer: TLS in front, requests in turn to the replicas behind."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from suites.standins.kit.listener import Drip, Listener, Request, reply
from suites.standins.kit.wire import MAX_BODY, WireError, read_head, read_raw_body, write_head

HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"te", b"upgrade", b"expect", b"transfer-encoding", b"content-length"}
)
FORWARDING = frozenset({b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip", b"forwarded"})
NOT_PASSED = HOP_BY_HOP | FORWARDING
API = "/api/"
SERVED = b"HTTP/1.1 200"
DENIAL = b"<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"
SAFE_TO_REPEAT = frozenset({b"GET", b"HEAD", b"OPTIONS"})
OWN_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


Onward = Callable[[], Awaitable[bytes]]


class Strain(Protocol):
    """What reads of the API go through by a fault; `number` is the replica whose turn it is, from 0."""

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Answer, after or instead of asking `onward`."""


class UnreachableError(ConnectionError):
    """A replica can't be reached."""


@dataclass(slots=True)
class _Line:
    """One connection to a replica."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def exchange(self, request: bytes, method: bytes) -> bytes:
        self.writer.write(request)
        arrived = await read_head(self.reader)
        if arrived is None:
            raise UnreachableError("the replica hung up")
        raw, head = arrived
        return raw + await read_raw_body(self.reader, head, method)


class Backend:
    """One replica behind its unix socket, with connections kept for reuse."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[_Line] = []

    async def exchange(self, request: bytes, method: bytes) -> bytes:
        """Send a request, return the response, both as bytes."""
        line = self._kept()
        if line is not None:
            try:
                return await self._through(line, request, method)
            except (OSError, WireError) as error:
                if method not in SAFE_TO_REPEAT:
                    raise UnreachableError(str(error)) from error
        try:
            return await self._through(await self._connect(), request, method)
        except (OSError, WireError) as error:
            raise UnreachableError(str(error)) from error

    def close(self) -> None:
        """Drop the kept connections."""
        for line in self._idle:
            line.writer.close()
        self._idle.clear()

    def _kept(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if not line.reader.at_eof():
                return line
            line.writer.close()
        return None

    async def _connect(self) -> _Line:
        return _Line(*await asyncio.open_unix_connection(self._path, limit=MAX_BODY))

    async def _through(self, line: _Line, request: bytes, method: bytes) -> bytes:
        try:
            response = await line.exchange(request, method)
        except BaseException:
            line.writer.close()
            raise
        self._idle.append(line)
        return response


class Balancer:
    """Takes HTTPS requests and gives them to the replicas in turn."""

    def __init__(self, tls: ssl.SSLContext, replicas: Sequence[Path]) -> None:
        self._backends = [Backend(path) for path in replicas]
        self._turn = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.believed: set[bytes] = set()
        """Forwarding headers that it takes from clients: none, unless by a fault."""
        self.denied: set[str] = set()
        """Paths below which it answers 403 itself: none, unless by a fault."""
        self.kept: dict[str, dict[str, bytes]] = {}
        """Good answers by address, below each of these paths: none, unless by a fault."""
        self.redirects_by = 308
        """The status that leads plain HTTP to HTTPS."""
        self.serves_plainly = False
        """Whether the plain port serves: never, unless by a fault."""
        self.strains: dict[Hashable, Strain] = {}
        """What reads of the API go through: nothing, unless by a fault."""
        self._canary_every = 0
        self._sent = 0
        self._listener = Listener(self._answer, tls)
        self._plain = Listener(self._answer_plainly)

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._listener.port

    @property
    def is_open(self) -> bool:
        """Whether the public port is open."""
        return self._listener.is_open

    def drop_connections(self) -> None:
        """Drop the connections of the public port, and go on listening."""
        self._listener.drop()

    @property
    def plain_port(self) -> int:
        """Return the port where it leads plain HTTP to HTTPS."""
        return self._plain.port

    async def open(self) -> None:
        """Listen."""
        await self._listener.open()
        await self._plain.open()

    async def close(self) -> None:
        """Stop listening, drop all connections."""
        await self._listener.close()
        await self._plain.close()
        for backend in self._backends:
            backend.close()

    def weigh(self, canary_every: int) -> None:
        """From now on give each request of so many to the last replica; in turn if 0."""
        self._canary_every, self._sent = canary_every, 0

    def hold(self) -> None:
        """From now on accept requests and answer none."""
        self._flowing.clear()

    def release(self) -> None:
        """Answer again, held requests too."""
        self._flowing.set()

    async def _answer_plainly(self, request: Request) -> bytes:
        if self.serves_plainly:
            return await self._answer(request)
        location = f"https://localhost:{self.port}{request.target}"
        return reply(self.redirects_by, None, {"location": location, **OWN_HEADERS})

    async def _answer(self, request: Request) -> bytes:
        await self._flowing.wait()
        if any(request.target.startswith(prefix) for prefix in self.denied):
            return _denial()
        number = self._next()
        onward: Onward = partial(self._ask, number, request)
        for prefix, kept in self.kept.items():
            if request.method == "GET" and request.target.startswith(prefix):
                onward = partial(_once, kept, request.target, onward)
        if request.method == "GET" and API in request.target:
            for strain in self.strains.values():
                onward = partial(strain, request, number, onward)
        response = await onward()
        return response if request.head.keeps_alive else _closing(response)

    def _next(self) -> int:
        if not self._canary_every:
            self._turn = (self._turn + 1) % len(self._backends)
            return self._turn
        self._sent += 1
        if self._sent % self._canary_every == 0:
            return len(self._backends) - 1
        self._turn = (self._turn + 1) % (len(self._backends) - 1)
        return self._turn

    async def _ask(self, number: int, request: Request) -> bytes:
        onward = _onward(request, NOT_PASSED - self.believed)
        try:
            return await self._backends[number].exchange(onward, request.head.start[0])
        except UnreachableError:
            return reply(502, {"message": "no answer from upstream"}, OWN_HEADERS)


async def _once(kept: dict[str, bytes], target: str, onward: Onward) -> bytes:
    """Ask for an address until that was answered well; then hand out the same to everybody."""
    if target not in kept:
        answer = await onward()
        if not answer.startswith(SERVED):
            return answer
        kept[target] = answer
    return kept[target]


def _denial() -> bytes:
    """Return the page of a filter in front of the application."""
    headers = {"content-type": "text/html", "content-length": str(len(DENIAL)), **OWN_HEADERS}
    fields = ((name.encode(), value.encode()) for name, value in headers.items())
    return write_head((b"HTTP/1.1", b"403", b"Forbidden"), fields) + DENIAL


def _onward(request: Request, left_out: frozenset[bytes]) -> bytes:
    headers = [(n, v) for n, v in request.head.headers if n not in left_out]
    headers += [(b"x-forwarded-for", request.peer.encode()), (b"x-forwarded-proto", b"https")]
    if request.body or request.head.count(b"content-length") or request.head.is_chunked:
        headers.append((b"content-length", str(len(request.body)).encode()))
    method, target, _ = request.head.start
    return write_head((method, target, b"HTTP/1.1"), headers) + request.body


def _closing(response: bytes) -> bytes:
    if isinstance(response, Drip):
        return response
    first, rest = response.split(b"\r\n", 1)
    return first + b"\r\nconnection: close\r\n" + rest
