"""One conductor for all xdist workers: they ask it over a private socket.

The controller logs in once, keeps one budget and runs every declared check; a worker asks for a check's
outcome when its turn comes. Messages are JSON over a socket in a private folder, so secrets neither reach
the disk nor the workers' protocol.
"""

import json
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

_PREFIX = "deploycheck-desk-"
_LONGEST = 103
"""Bytes of a socket's path: 108 on Linux, 104 on macOS, the last is zero (unix(7))."""

Answer = Any
"""JSON values."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the desk is, as plain data for a worker."""

    socket: str
    key: str


ABSTRACT = sys.platform == "linux"
"""Whether a socket may have a name outside the file system, so that a killed run leaves no file (unix(7))."""


class ConductorError(Exception):
    """The conductor failed while it answered; the message holds its traceback."""


class Desk:
    """Answers the workers' questions with the methods of `answers`, each call in a thread of its worker."""

    def __init__(self, answers: Mapping[str, Callable[..., Answer]]) -> None:
        self._answers = answers
        self._key = secrets.token_bytes(32)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if ABSTRACT:
            self._socket = f"\0deploycheck-{secrets.token_hex(8)}"
        else:
            self._folder = _folder()
            self._socket = str(Path(self._folder.name) / "desk")
        self._listener = Listener(self._socket, family="AF_UNIX", authkey=self._key)
        self._closed = False
        threading.Thread(target=self._accept, name="deploycheck-desk", daemon=True).start()

    @property
    def address(self) -> Address:
        """Where workers reach the desk."""
        return Address(self._socket, self._key.hex())

    def close(self) -> None:
        """Answer no more."""
        self._closed = True
        self._listener.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (AuthenticationError, EOFError):
                continue  # somebody who does not have the key
            except OSError:
                return
            if self._closed:  # closing a socket does not wake the thread that waits for it
                connection.close()
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: "Connection[bytes, bytes]") -> None:
        with connection:
            while True:
                try:
                    method, arguments = json.loads(connection.recv_bytes())
                    connection.send_bytes(json.dumps(self._answer(method, arguments)).encode())
                except (EOFError, OSError):
                    return

    def _answer(self, method: str, arguments: list[Any]) -> dict[str, Answer]:
        try:
            return {"answer": self._answers[method](*arguments)}
        except Exception as error:  # noqa: BLE001 - the worker that asked raises it
            return {"error": f"{type(error).__name__}: {error}"}


def _folder() -> "tempfile.TemporaryDirectory[str]":
    """A private folder whose path leaves room for a socket's."""
    name = f"{_PREFIX}12345678/desk"
    deep = len(os.fsencode(tempfile.gettempdir())) + len(name) >= _LONGEST
    return tempfile.TemporaryDirectory(prefix=_PREFIX, dir="/tmp" if deep else None)  # noqa: S108 - its own folder in it


class Line:
    """A worker's line to the desk. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        self._connection = Client(address.socket, family="AF_UNIX", authkey=bytes.fromhex(address.key))
        self._lock = threading.Lock()

    def ask(self, method: str, *arguments: object) -> Answer:
        """Ask the conductor, and wait for its answer.

        Raises:
            ConductorError: if the conductor failed.
        """
        with self._lock:
            self._connection.send_bytes(json.dumps([method, list(arguments)]).encode())
            answer = json.loads(self._connection.recv_bytes())
        if "error" in answer:
            raise ConductorError(answer["error"])
        return answer["answer"]
