"""What a client sends to follow redirects: how much it is, how long it waited, and what was not sent."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from locust.exception import StopUser


class Hops:
    """The hops of one process. `who` is the greenlet whose request it is."""

    def __init__(self) -> None:
        self._sent = 0
        self._waited: defaultdict[Any, float] = defaultdict(float)
        self._halted: set[Any] = set()
        self.cut = 0
        """Requests whose redirect was not followed, since nothing more was sent."""

    @contextmanager
    def admitting(self, who: object) -> Iterator[None]:
        """Count a hop, and how long it waits to be admitted; if it isn't, its request is cut off."""
        began = time.monotonic()
        try:
            yield
            self._sent += 1
        except StopUser:
            self._halted.add(who)
            raise
        finally:
            self._waited[who] += time.monotonic() - began

    def waited(self, who: object) -> float:
        """Return how long a request's hops waited, and forget it."""
        return self._waited.pop(who, 0.0)

    def is_cut(self, who: object) -> bool:
        """Whether a request was cut off, which is told once."""
        if who not in self._halted:
            return False
        self._halted.discard(who)
        self.cut += 1
        return True

    def drain(self) -> int:
        """Return how many were sent since the last time."""
        sent, self._sent = self._sent, 0
        return sent
