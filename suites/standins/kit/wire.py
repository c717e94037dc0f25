"""HTTP/1.1 as bytes on a stream: heads, bodies, and nothing that interprets them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

MAX_HEAD = 64 * 1024
MAX_BODY = 8 * 1024 * 1024
HEAD_END = b"\r\n\r\n"
NO_BODY_STATUSES = frozenset({204, 304})

Headers = tuple[tuple[bytes, bytes], ...]


class WireError(ValueError):
    """What arrived can't be read; carries the status to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Head:
    """The first line, in its three parts, and the headers, names in lower case."""

    start: tuple[bytes, bytes, bytes]
    headers: Headers

    def value(self, name: bytes) -> bytes:
        """Return the last value of a header, or nothing."""
        return next((value for key, value in reversed(self.headers) if key == name), b"")

    def count(self, name: bytes) -> int:
        """Return how often a header occurs."""
        return sum(1 for key, _ in self.headers if key == name)

    @property
    def is_chunked(self) -> bool:
        """Say whether the body comes in chunks."""
        return self.value(b"transfer-encoding").lower() == b"chunked"

    @property
    def keeps_alive(self) -> bool:
        """Say whether the sender goes on with this connection."""
        wish = self.value(b"connection").lower()
        return b"close" not in wish and (self.start[2] != b"HTTP/1.0" or b"keep-alive" in wish)


async def read_head(reader: asyncio.StreamReader) -> tuple[bytes, Head] | None:
    """Return a head as it came and as it was read; None at the end of the stream."""
    try:
        raw = await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise WireError(400, "incomplete request") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise WireError(431, "request header fields too large") from error
    return raw, parse_head(raw)


def parse_head(raw: bytes) -> Head:
    """Read a head; what is ambiguous is refused."""
    first, *lines = raw[: -len(HEAD_END)].lstrip(b"\r\n").split(b"\r\n")
    parts = first.split(b" ", 2)
    if len(parts) != 3 or any(b"\n" in line for line in (first, *lines)):
        raise WireError(400, "malformed request")
    head = Head((parts[0], parts[1], parts[2]), tuple(_header(line) for line in lines))
    framing = head.count(b"content-length") + head.count(b"transfer-encoding")
    if framing > 1 or (head.count(b"transfer-encoding") and not head.is_chunked):
        raise WireError(400, "ambiguous length")
    return head


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not name or name != name.strip():
        raise WireError(400, "malformed header")
    return name.lower(), value.strip()


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """Return the body of a request, without its chunks."""
    if head.is_chunked:
        return b"".join([chunk async for chunk, _ in _chunks(reader)])
    return await _exactly(reader, head.value(b"content-length") or b"0")


async def read_raw_body(reader: asyncio.StreamReader, head: Head, method: bytes) -> bytes:
    """Return the body of a response exactly as it came."""
    if method == b"HEAD" or int(head.start[1]) in NO_BODY_STATUSES:
        return b""
    if head.is_chunked:
        return b"".join([raw async for _, raw in _chunks(reader)])
    return await _exactly(reader, head.value(b"content-length") or b"0")


async def _exactly(reader: asyncio.StreamReader, length: bytes) -> bytes:
    if not length.isdigit():
        raise WireError(400, "malformed length")
    if int(length) > MAX_BODY:
        raise WireError(413, "content too large")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError as error:
        raise WireError(400, "incomplete body") from error


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    total = 0
    try:
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            total += size
            if total > MAX_BODY:
                raise WireError(413, "content too large")
            data = await reader.readexactly(size + 2) if size else await _trailer(reader)
            yield data[:size], line + data
            if not size:
                return
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError(400, "malformed chunk") from error


async def _trailer(reader: asyncio.StreamReader) -> bytes:
    lines = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        lines += line
        if line == b"\r\n":
            return lines


def write_head(start: Iterable[bytes], headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the bytes of a head."""
    lines = [b" ".join(start), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + HEAD_END
