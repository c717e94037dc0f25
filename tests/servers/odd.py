"""A server that answers in odd ways, good and bad ones, as its path says: `python -m tests.servers.odd`."""

import asyncio
import gzip
import socket
import struct
import zlib

import brotli  # type: ignore[import-untyped]  # it has no types

from tests.servers.listening import listen

TEXT = b"a page" * 200
LATIN = "Zugriff unm\N{LATIN SMALL LETTER O WITH DIAERESIS}glich".encode("latin-1")
GZIP = gzip.compress(TEXT)


def reply(body: bytes = b"", *headers: str, status: int = 200, length: int | None = None) -> bytes:
    sized = f"Content-Length: {len(body) if length is None else length}"
    return "\r\n".join([f"HTTP/1.1 {status} Status", sized, *headers, "", ""]).encode() + body


def encoded(body: bytes, name: str, status: int = 200) -> bytes:
    return reply(body, f"Content-Encoding: {name}", status=status)


GOOD = {
    "gzip": encoded(GZIP, "gzip"),
    "x-gzip": encoded(GZIP, "X-GZIP"),
    "deflate": encoded(zlib.compress(TEXT), "deflate"),
    "bare-deflate": encoded(zlib.compress(TEXT, wbits=-15), "deflate"),
    "brotli": encoded(brotli.compress(TEXT), "br"),
    "identity": encoded(TEXT, "identity"),
    "unknown": encoded(TEXT, "utf-8"),
    "unnamed": encoded(TEXT, ""),
    "empty": encoded(b"", "gzip"),
    "empty-brotli": encoded(b"", "br"),
    "none": b"HTTP/1.1 204 None\r\nContent-Encoding: gzip\r\n\r\n",
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + reply(TEXT),
}
"""What a healthy server may answer to a GET."""
HEADS = {"length": reply(b"", "Content-Encoding: gzip", length=len(GZIP))}
"""To a HEAD."""
ERRORS = {
    "latin": reply(LATIN, "Content-Type: text/html; charset=iso-8859-1", status=500),
    "gzip-latin": encoded(gzip.compress(LATIN), "gzip", 500),
    "empty-gzip": encoded(b"", "gzip", 500),
    "strange": encoded(LATIN, "utf-8", 500),
}
"""A 500, each: a failure if nobody expects it."""
UNCHANGED = {"gzip": b'HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\nETag: "a"\r\n\r\n'}
CORRUPT = {
    "gzip": encoded(b"no gzip" * 20, "gzip"),
    "deflate": encoded(b"no deflate" * 20, "deflate"),
    "brotli": encoded(b"no brotli" * 20, "br"),
}
CUT = {"gzip": encoded(GZIP[:-8], "gzip")}
TWICE = {
    "empty": reply(status=500) + reply(b"ok"),
    "full": reply(b"oops", status=500) + reply(b"ok"),
    "last": reply(b"ok") + reply(status=500),
}
"""Two replies to one request."""
OTHER = {"speech": b"220 mail.shop.test ready\r\n\r\n"}
"""No HTTP at all."""
SAID = {
    "good": GOOD,
    "heads": HEADS,
    "errors": ERRORS,
    "unchanged": UNCHANGED,
    "corrupt": CORRUPT,
    "cut": CUT,
    "twice": TWICE,
    "other": OTHER,
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            _, kind, *name = head.split(" ")[1].split("/")
            if kind == "reset":
                writer.write(reply(length=100) if name else b"")
                await writer.drain()
                reset(writer)
                return
            writer.write(SAID[kind][name[0]])
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side is told of an error."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


if __name__ == "__main__":
    listen(serve)
