"""A server in a process of its own that answers exactly as its path says: `python -m tests.servers.slow`.

/ok/MS answers after MS milliseconds, /queue/MS too, but one after another; /stall/K at once, but stops all
for a second at the K-th request. /hang never answers, /drip sends a byte each 0.2 s, /half breaks off, /close
closes, /storm/interim, /headers and /chunks answer with those as fast as they are read, without end,
/status/N answers N, /away redirects to another origin, /again to itself, /to/PATH to /PATH.
/session sets a cookie.
/every/K/PATH does as /PATH for each K-th request and as /ok/5 otherwise, /version names versions in turn,
/chosen/OLD/NEW answers after NEW ms where the header x-canary says always,
/canary/K/OLD/NEW answers as version new for each K-th request, after so many ms. /die ends the process,
/count says how many requests arrived, by method and path, and for /who by credential,
/latest when the last did (time.monotonic()).
"""

import asyncio
import json
import os
import time
from collections import Counter
from itertools import count

from tests.servers.listening import listen

COUNTED: Counter[str] = Counter()
TURN = count(1)
QUEUE = asyncio.Lock()
HEADERS: dict[str, str] = {}
ARRIVED = [0.0]
STORMS = {
    "interim": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Header: x\r\n"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.split("\r\n")
            method, target, _ = line.split(" ")
            headers = dict(each.lower().split(": ", 1) for each in rest if ": " in each)
            await reader.readexactly(int(headers.get("content-length", 0)))
            path = target.partition("?")[0]
            if path not in {"/count", "/headers", "/latest"}:
                COUNTED[f"{method} {path}"] += 1
                if path == "/session":
                    who, cookie = headers.get("authorization", "nobody"), headers.get("cookie", "no cookie")
                    COUNTED[f"{who} with {cookie}"] += 1
                if path == "/who":
                    COUNTED[f"/who by {headers.get('authorization', 'nobody')}"] += 1
                ARRIVED[0] = time.monotonic()
                HEADERS.update(headers)
            await answer(path.strip("/").split("/"), writer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def answer(parts: list[str], writer: asyncio.StreamWriter) -> None:  # noqa: C901, PLR0915 - a table in words
    match parts:
        case ["who"]:
            reply(writer, 200)
        case ["ok", *delay]:
            await asyncio.sleep(float(delay[0]) / 1000 if delay else 0)
            reply(writer, 200)
        case ["every", every, *other]:
            await answer(other if next(TURN) % int(every) == 0 else ["ok", "5"], writer)
        case ["queue", each]:
            async with QUEUE:
                await asyncio.sleep(float(each) / 1000)
            reply(writer, 200)
        case ["stall", every]:
            if next(TURN) == int(every):
                time.sleep(1)
            reply(writer, 200)
        case ["status", code]:
            reply(writer, int(code))
        case ["hang"]:
            await asyncio.sleep(3600)
        case ["drip"]:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.2)
        case ["version"]:
            reply(writer, 200, headers=f"X-Version: v{next(TURN) % 2 + 1}\r\n")
        case ["canary", every, old, new]:
            is_new = next(TURN) % int(every) == 0
            await asyncio.sleep(float(new if is_new else old) / 1000)
            reply(writer, 200, headers=f"X-Version: {'new' if is_new else 'old'}\r\n")
        case ["chosen", old, new]:
            await asyncio.sleep(float(new if HEADERS.get("x-canary") == "always" else old) / 1000)
            reply(writer, 200)
        case ["half"]:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n.")
            writer.close()
        case ["close"]:
            writer.close()
        case ["storm", what]:
            await storm(STORMS[what], writer)
        case ["session"]:
            reply(writer, 200, headers="Set-Cookie: sid=of-somebody\r\n")
        case ["again"]:
            reply(writer, 302, headers="Location: /again\r\n")
        case ["to", *path]:
            reply(writer, 302, headers=f"Location: /{'/'.join(path)}\r\n")
        case ["away"]:
            reply(writer, 302, headers="Location: http://127.0.0.2:9/elsewhere\r\n")
        case ["die"]:
            os._exit(0)
        case ["count"]:
            reply(writer, 200, body=json.dumps(COUNTED).encode())
        case ["latest"]:
            reply(writer, 200, body=json.dumps(ARRIVED[0]).encode())
        case ["headers"]:
            reply(writer, 200, body=json.dumps(HEADERS).encode())
        case _:
            reply(writer, 404)


async def storm(what: tuple[bytes, bytes], writer: asyncio.StreamWriter) -> None:
    head, each = what
    writer.write(head)
    while True:
        writer.write(each * 1000)
        await writer.drain()
        await asyncio.sleep(0)


def reply(writer: asyncio.StreamWriter, status: int, *, body: bytes = b"ok", headers: str = "") -> None:
    head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    writer.write(head.encode() + body)


if __name__ == "__main__":
    listen(serve)
