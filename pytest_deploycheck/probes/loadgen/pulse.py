"""Whether somebody is still there at the other end of a connection that is held."""

import time


class Pulse:
    """Says when to send a ping, and when one has waited too long for its pong (RFC 6455, 5.5.2).

    `deadline` is in seconds: so long may a connection be quiet before it is asked, and the answer may take as
    long. Whatever comes is an answer. All times are on the monotonic clock.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._heard = time.monotonic()
        self._asked: float | None = None
        self._is_last = False

    def is_due(self, now: float, *, over: bool) -> bool:
        """Whether to send a ping now: after silence, and once when it is `over`."""
        was_last, self._is_last = self._is_last, self._is_last or over
        if self._asked is not None or (was_last if over else now - self._heard < self._deadline):
            return False
        self._asked = now
        return True

    def beat(self, now: float) -> None:
        """Note that something came."""
        self._heard, self._asked = now, None

    @property
    def is_sure(self) -> bool:
        """Whether the last ping was answered."""
        return self._is_last and self._asked is None

    def left(self, now: float) -> float:
        """How many seconds the answer still has, or may pass before something is asked."""
        return (self._heard if self._asked is None else self._asked) + self._deadline - now

    def has_stopped(self, now: float) -> bool:
        """Whether a ping is without an answer for too long."""
        return self._asked is not None and now - self._asked >= self._deadline
