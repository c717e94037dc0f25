"""A server of WebSockets in a process of its own that does as its path says: `python -m tests.servers.talks`.

/echo answers each message with itself, /late/MS after so long, /mute never; /slow/MS opens after so long,
/hang never, /refuse/N with the status N, /away with a redirect, /garbage with something else than HTTP.
/drop/MS closes so long after the opening, without a word, /bye/MS with the code 1001; /quit closes when it is
sent a ping; /freeze/MS closes nothing, and neither reads nor sends from then on. All others answer pings.
/pings sends signs of life all the time, /storm messages as fast as they are read, /parts parts of a message
that has no end, /long one message that takes ten seconds and answers nothing meanwhile.
/every/K/PATH does as /PATH for each K-th connection, and as /echo otherwise. /cookie sets a cookie for its
domain. By HTTP: /count says how many connections were asked for, by path, /open how many are open, /most how
many were at once, /parting how many clients said that they close, /pinged how many pings came, /headers what
the last one sent, and /asked its target.
"""

import asyncio
import base64
import hashlib
import json
from collections import Counter
from contextlib import suppress
from itertools import count
from typing import Any

from tests.servers.listening import listen

COUNTED: Counter[str] = Counter()
TOLD: dict[str, Any] = {"open": 0, "most": 0, "parting": 0, "pinged": 0, "headers": {}, "asked": ""}
TURN = count(1)
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
ENDLESS = {
    "pings": (b"", b"\x89\x00", 0.02),
    "storm": (b"", b"\x81\x04wind" * 1000, 0),
    "parts": (b"\x01\x04part", b"\x00\x04part", 0.02),
    "long": (b"\x82\x7e\xc3\x50", b"a" * 100, 0.02),
}
"""What comes first, then again and again, and the seconds between; RFC 6455, 5.2."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await answer(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    target = line.split(" ")[1]
    headers = {n.lower(): value for n, _, value in (each.partition(": ") for each in rest if each)}
    path = target.partition("?")[0]
    if "upgrade" not in headers:
        plain(writer, 200, json.dumps({**TOLD, "count": COUNTED}.get(path.strip("/"), "ok")))
        await writer.drain()
        return
    COUNTED[path] += 1
    TOLD.update(headers=headers, asked=target)
    await talk(path.strip("/").split("/"), headers["sec-websocket-key"], reader, writer)


async def talk(
    parts: list[str], key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    match parts:
        case ["every", every, *other]:
            await talk(other if next(TURN) % int(every) == 0 else ["echo"], key, reader, writer)
        case ["refuse", status]:
            plain(writer, int(status), "no")
        case ["away"]:
            plain(writer, 302, "", "Location: http://127.0.0.2:9/elsewhere\r\n")
        case ["garbage"]:
            writer.write(b"220 ready\r\n\r\n")
        case ["hang"]:
            await asyncio.sleep(3600)
        case ["slow", delay]:
            await asyncio.sleep(float(delay) / 1000)
            await opened(["echo"], key, reader, writer)
        case _:
            await opened(parts, key, reader, writer)


async def opened(
    parts: list[str], key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()  # noqa: S324 - the RFC's
    cookie = "Set-Cookie: session=of-the-first; Domain=127.0.0.1\r\n" if parts == ["cookie"] else ""
    head = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{head}X-Version: v7\r\n{cookie}\r\n".encode())
    TOLD["open"] += 1
    TOLD["most"] = max(TOLD["most"], TOLD["open"])
    try:
        await spoken(parts, reader, writer)
    finally:
        TOLD["open"] -= 1


async def spoken(parts: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    match parts:
        case ["drop" | "bye" | "quit" | "freeze", *_]:
            await ended(parts, reader, writer)
        case ["long"]:
            await endless(ENDLESS["long"], writer)
        case ["pings" | "storm" | "parts" as what]:
            await asyncio.gather(endless(ENDLESS[what], writer), unheard(reader, writer))
        case ["mute"]:
            await unheard(reader, writer)
        case [_, *delay]:
            async for message in messages(reader, writer):
                await asyncio.sleep(float(delay[0]) / 1000 if delay else 0)
                writer.write(frame(TEXT, message))


async def ended(parts: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    match parts:
        case ["drop", delay]:
            await asyncio.sleep(float(delay) / 1000)
        case ["bye", delay]:
            await asyncio.sleep(float(delay) / 1000)
            writer.write(frame(CLOSE, (1001).to_bytes(2, "big")))
            await unheard(reader, writer)
        case ["quit"]:
            await reader.readuntil(b"\x89\x80")
            writer.write(frame(CLOSE, (1001).to_bytes(2, "big")))
            await unheard(reader, writer)
        case ["freeze", delay]:
            with suppress(TimeoutError):
                await asyncio.wait_for(unheard(reader, writer), float(delay) / 1000)
            await asyncio.sleep(3600)


async def unheard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read and say nothing; closed with something unread, the connection would be reset, and a code lost."""
    async for _ in messages(reader, writer):
        pass


async def endless(what: tuple[bytes, bytes, float], writer: asyncio.StreamWriter) -> None:
    first, each, pause = what
    writer.write(first)
    while not writer.is_closing():
        writer.write(each)
        await writer.drain()
        await asyncio.sleep(pause)


async def messages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:  # noqa: ANN401 - of bytes
    while True:
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        mask = await reader.readexactly(4)
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await reader.readexactly(size)))
        if first & 0x0F == CLOSE:
            TOLD["parting"] += 1
            writer.write(frame(CLOSE, payload))
            return
        if first & 0x0F == PING:
            TOLD["pinged"] += 1
            writer.write(frame(PONG, payload))
        if first & 0x0F == TEXT:
            yield payload


def frame(opcode: int, payload: bytes) -> bytes:
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + payload


def plain(writer: asyncio.StreamWriter, status: int, body: str, headers: str = "") -> None:
    head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    writer.write((head + body).encode())


if __name__ == "__main__":
    listen(serve, backlog=512)
