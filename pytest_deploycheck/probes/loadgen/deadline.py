"""The deadline of a whole request, its body and the redirects that it follows included."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
from gevent.local import local

_current = local()


class Deadline:
    """Ends a request in time, by gevent.Timeout."""

    def __init__(self, seconds: float) -> None:
        self._start(seconds)

    def _start(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._timer = gevent.Timeout.start_new(max(seconds, 0.0))

    def close(self) -> None:
        """Let the request be."""
        self._timer.close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still."""
        left = self._until - time.monotonic()
        self._timer.close()
        try:
            yield
        finally:
            self._start(left)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what this greenlet asks for so many seconds.

    Raises:
        gevent.Timeout: in the middle of it.
    """
    _current.deadline = deadline = Deadline(seconds)
    try:
        yield
    finally:
        deadline.close()
        _current.deadline = None


def current() -> Deadline | None:
    """Return the deadline of what this greenlet asks for, if it has one."""
    return getattr(_current, "deadline", None)
