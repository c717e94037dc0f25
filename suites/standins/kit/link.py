"""The line between the supervisor and a replica: faults go down, counts go up.

JSON lines over a pair of sockets. When the supervisor is gone the line ends, and so
does the replica.
"""

import asyncio
import itertools
import json
import os
import socket
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
LIMIT = 1024 * 1024


class Line:
    """Sends questions, awaits their answers, and gives the other side's to a handler."""

    def __init__(self, handle: Callable[[Message], Message], on_end: Callable[[], None]) -> None:
        self._handle = handle
        self._on_end = on_end
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, sock: socket.socket) -> None:
        """Start to listen."""
        reader, self._writer = await asyncio.open_connection(sock=sock, limit=LIMIT)
        self._task = asyncio.create_task(self._listen(reader))

    async def ask(self, message: Message) -> Message:
        """Send a question and return its answer."""
        if self._writer is None or self._writer.is_closing():
            raise ConnectionResetError("the line is closed")
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({**message, "ask": number})
        result: Message = await answer
        return result

    def close(self) -> None:
        """End the line; open questions fail."""
        if self._writer is not None:
            self._writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the line ended"))
        self._waiting.clear()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                message: Message = json.loads(line)
                if (number := message.pop("answer", None)) is not None:
                    future = self._waiting.pop(number, None)
                    if future is not None and not future.done():
                        future.set_result(message)
                elif (number := message.pop("ask", None)) is not None:
                    self._send({**self._handle(message), "answer": number})
        except ConnectionError:
            pass
        finally:
            self.close()
            self._on_end()

    def _send(self, message: Message) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(message).encode() + b"\n")


def leave() -> None:
    """End this process at once: its supervisor is gone."""
    os._exit(0)
