"""The cap on the rate of requests: whoever comes too early waits for the next slot."""

import time

import gevent


class Cap:
    """So many requests a second, evenly; None: no cap."""

    def __init__(self, rate: float | None) -> None:
        self._pause = 1 / rate if rate else 0.0
        self._next = 0.0
        self.held = 0
        """Requests that had to wait."""

    def wait(self) -> None:
        """Wait for the next slot."""
        now = time.monotonic()
        slot = max(now, self._next) if self._pause else now
        self._next = slot + self._pause
        if slot > now:
            self.held += 1
            gevent.sleep(slot - now)
