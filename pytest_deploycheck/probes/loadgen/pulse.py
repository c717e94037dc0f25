"""Whether somebody is still there at the other end of a connection that is held."""

import time

from websocket import WebSocket


class Hearing(WebSocket):
    """A WebSocket that knows when something came last: a part of a long message is a sign of life too."""

    heard = 0.0
    """On the monotonic clock."""

    def _recv(self, bufsize: int) -> bytes:
        data: bytes = super()._recv(bufsize)
        self.heard = time.monotonic()
        return data


class Pulse:
    """Says when to send a ping, and when one has waited too long for its pong (RFC 6455, 5.5.2).

    `deadline` is in seconds: so long may a connection be quiet before it is asked, and the answer may take as
    long. Whatever comes is an answer. All times are on the monotonic clock.
    """

    def __init__(self, deadline: float, now: float) -> None:
        self._deadline = deadline
        self._heard = now
        self._asked: float | None = None
        self._was_last = False

    def hear(self, at: float) -> None:
        """Note when something came last."""
        if self._asked is not None and at >= self._asked:
            self._asked = None
        self._heard = max(self._heard, at)

    def ask(self, now: float, *, last: bool) -> bool:
        """Whether to send a ping now: after silence, and once as the `last` thing; note that it is sent."""
        is_due = not self._was_last if last else now - self._heard >= self._deadline
        self._was_last = self._was_last or last
        if self._asked is not None or not is_due:
            return False
        self._asked = now
        return True

    @property
    def is_sure(self) -> bool:
        """Whether the last ping was answered."""
        return self._was_last and self._asked is None

    def left(self, now: float) -> float:
        """How many seconds the answer still has, or may pass before something is asked."""
        return (self._heard if self._asked is None else self._asked) + self._deadline - now

    def has_stopped(self, now: float) -> bool:
        """Whether a ping is without an answer for too long."""
        return self._asked is not None and now - self._asked >= self._deadline
