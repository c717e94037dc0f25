"""Breaks off an exchange at its deadline, whatever the server does: a client's own limit is for each read.

A server that sends its headers a byte at a time would otherwise hold a run as long as it likes.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
"""Events of the HTTP client's trace extension after which a connection's socket is another."""


@dataclass(slots=True, eq=False)
class Connections:
    """The connections of one thread, which has one exchange at a time."""

    sockets: list[socket.socket] = field(default_factory=list)
    deadline: float = float("inf")

    def trace(self, event: str, seen: Mapping[str, Any]) -> None:
        """Note a connection when it is made: the client's trace extension."""
        if event.endswith(_CONNECTED):
            self.sockets = [known for known in self.sockets if known.fileno() >= 0]
            self.sockets.append(seen["return_value"].get_extra_info("socket"))

    def cut(self) -> None:
        """End them all: those that are idle are opened anew."""
        for known in self.sockets:
            with contextlib.suppress(OSError):  # closed meanwhile
                socket.socket.shutdown(known, socket.SHUT_RDWR)


class Deadlines:
    """Watches the exchanges of all threads, on a thread of its own while there are some."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way: set[Connections] = set()
        self._wakes = float("inf")
        self._watcher: threading.Thread | None = None

    @contextmanager
    def within(self, connections: Connections, seconds: float) -> Generator[None]:
        """Break `connections` off, if the block takes longer than `seconds`."""
        connections.deadline = time.monotonic() + seconds
        with self._changed:
            self._under_way.add(connections)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._watcher.start()
            elif connections.deadline < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._under_way.discard(connections)

    def close(self) -> None:
        """End the watcher."""
        with self._changed:
            watcher, self._watcher = self._watcher, None
            self._changed.notify()
        if watcher is not None:
            watcher.join()

    def _watch(self) -> None:
        with self._changed:
            while self._watcher is not None:
                self._wakes = min((each.deadline for each in self._under_way), default=float("inf"))
                left = self._wakes - time.monotonic()
                if left <= 0:
                    self._cut_late()
                else:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))

    def _cut_late(self) -> None:
        now = time.monotonic()
        for late in [each for each in self._under_way if each.deadline <= now]:
            late.cut()
            self._under_way.discard(late)
