"""WebSockets of a declared scenario: opened, spoken over, held and closed; each is one request."""

import time
from collections.abc import Callable
from math import floor
from typing import Any
from urllib.parse import urlsplit

import gevent
from websocket import (
    ABNF,
    WebSocket,
    WebSocketBadStatusException,
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketTimeoutException,
    _handshake,
)

from pytest_deploycheck.probes.load.job import GOODBYE, Ask, Job
from pytest_deploycheck.probes.loadgen.generator import Generator
from pytest_deploycheck.probes.loadgen.kinds import kind_of, version_of
from pytest_deploycheck.probes.loadgen.lasting import Sample
from pytest_deploycheck.probes.loadgen.pulse import Hearing, Pulse
from pytest_deploycheck.probes.loadgen.users import SLACK, trusting

LOOK = 0.5
"""Seconds between two looks at whether the run is over, while a connection is held."""
SWITCHING = 101

_SCHEMES = {"http": "ws", "https": "wss"}
_TROUBLE = (OSError, WebSocketException, gevent.Timeout, ValueError, LookupError)
"""What the client makes of a deployment that refuses, is gone, or answers something else."""


class ClosedError(ConnectionError):
    """The deployment closed the connection; `str` is the code that it told (RFC 6455, 7.4), if it did."""


class _NoCookies:
    """The client keeps one jar for the whole process: one user would send another's session."""

    def add(self, _: str | None) -> None:
        """Forget it."""

    def get(self, _: str | None) -> str:
        """Return what is kept: nothing."""
        return ""


class Visitors:
    """Opens WebSockets, one connection for each request."""

    def __init__(self, job: Job, generator: Callable[[], Generator]) -> None:
        self._job = job
        self._generator = generator
        setattr(_handshake, "CookieJar", _NoCookies())  # noqa: B010 - of another package, it has no switch

    def visit(self, ask: Ask) -> None:
        """Open, speak, hold, close.

        Raises:
            StopUser: if nothing more is sent.
        """
        this = self._generator()
        socket: Hearing = Hearing(
            sslopt={"context": trusting(self._job.ca)}, enable_multithread=False, skip_utf8_validation=True
        )
        with this.admitted():
            due = this.due()
            kind = self._answered(socket, ask, due)
            sample = self._sample(socket, ask.name, due, kind)
            number = this.lasting.begin(sample, until=time.monotonic() + ask.hold)
        try:
            this.came(kind)
            if ask.hold and not kind and (kind := self._held(socket, ask.hold)):
                this.lasting.fail(number, kind)
                this.failed_later(kind)
        finally:
            # its own timeout begins anew with each part of a frame
            gevent.with_timeout(GOODBYE, socket.close, timeout=GOODBYE, timeout_value=None)
            socket.shutdown()
            this.lasting.end(number)

    def _answered(self, socket: WebSocket, ask: Ask, due: float) -> str:
        """Open and speak within the deadline; return how that failed, or nothing."""
        opened = False
        timer = gevent.Timeout.start_new(self._job.deadline)
        try:
            self._open(socket, ask)
            opened = True
            self._note_opening(socket, ask, due, "")
            _speak(socket, ask)
        except _TROUBLE as error:
            kind = _kind(error, socket, self._job.proxy or self._job.host)
            if not opened:
                self._note_opening(socket, ask, due, kind)
            return kind
        finally:
            timer.close()
        return ""

    def _open(self, socket: WebSocket, ask: Ask) -> None:
        job = self._job
        scheme, _, rest = job.host.partition("://")
        socket.connect(
            f"{_SCHEMES[scheme]}://{rest}{ask.target}",
            header=dict((*job.headers, *ask.headers)),
            timeout=job.deadline + SLACK,
            suppress_origin=True,  # no browser sends this; the contract's headers may name one
            redirect_limit=0,  # its credentials would go there
            **_proxy(job.proxy),
        )

    def _held(self, socket: Hearing, seconds: float) -> str:
        """Listen until the time or the run is over; return how the connection failed before, or nothing."""
        began = time.monotonic()
        pulse = Pulse(self._job.deadline, began)
        while True:
            now = time.monotonic()
            left = began + seconds - now
            over = left <= 0 or self._generator().ending is not None
            pulse.hear(socket.heard)
            if over and (self._is_broken_off() or pulse.is_sure):
                return ""
            if pulse.has_stopped(now):
                return "silent"
            try:
                if pulse.ask(now, last=over):
                    socket.ping()
                wait = min(LOOK, pulse.left(now), left if left > 0 else LOOK)
                gevent.with_timeout(wait, _received, socket, timeout_value="")
            except (ClosedError, WebSocketConnectionClosedException) as error:
                code = f" ({error})" if isinstance(error, ClosedError) and str(error) else ""
                return "" if over else f"closed early{code}"
            except _TROUBLE:
                return "closed early"

    def _is_broken_off(self) -> bool:
        """Whether the run ended otherwise than by its time: then nothing more is sent, no ping either."""
        ending = self._generator().ending
        return ending is not None and ending[0] != "complete"

    def _sample(self, socket: WebSocket, name: str, due: float, kind: str) -> Sample:
        took = time.monotonic() - due
        version = version_of(socket, self._job.version_header)
        return Sample(name, version, floor(due - self._generator().zero), kind, took)

    def _note_opening(self, socket: WebSocket, ask: Ask, due: float, kind: str) -> None:
        found = self._sample(socket, ask.part, due, kind)
        self._generator().recorder.add(found.name, found.version, found.second, kind, found.seconds)


def _speak(socket: WebSocket, ask: Ask) -> None:
    """Send all messages, and wait for the one that is expected."""
    for message in ask.messages:
        socket.send(message)
    while ask.expected and ask.expected not in _received(socket):
        pass


def _received(socket: WebSocket) -> str:
    """Return the next message, or nothing for a sign of life.

    Raises:
        ClosedError: instead of a message.
    """
    opcode, data = socket.recv_data(control_frame=True)
    if opcode == ABNF.OPCODE_CLOSE:
        raise ClosedError(str(int.from_bytes(data[:2], "big")) if len(data) > 1 else "")
    return data.decode("utf-8", "replace") if opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY) else ""


def _kind(error: BaseException, socket: WebSocket, goal: str) -> str:
    """Return how it failed, in words that hold nothing of what was sent."""
    status = error.status_code if isinstance(error, WebSocketBadStatusException) else socket.getstatus()
    if status not in {None, SWITCHING}:
        return f"status {status}"
    match error:
        case ClosedError():
            return f"closed ({error})" if str(error) else "closed"
        case WebSocketConnectionClosedException():
            return "closed"
        case WebSocketTimeoutException():
            return "deadline"
        case OSError() | gevent.Timeout():
            return kind_of(error, None, goal)
        case _:
            return _unknown_host(error) or "no WebSocket"


def _unknown_host(error: BaseException) -> str:
    """The client wraps what says that a name is not known."""
    inside = [each for each in error.args if isinstance(each, OSError)]
    return kind_of(inside[0], None) if inside else ""


def _proxy(url: str) -> dict[str, Any]:
    """The client's options for the environment's proxy; without one, none of the variables' either."""
    if not url:
        return {"http_no_proxy": ["*"]}
    parts = urlsplit(url)
    auth = {"http_proxy_auth": (parts.username, parts.password or "")} if parts.username else {}
    return {"http_proxy_host": parts.hostname, "http_proxy_port": parts.port or 80, **auth}
