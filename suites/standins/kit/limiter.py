"""Counts requests in fixed windows: one counter for all replicas."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any


class MovableClock:
    """The time of the limiter, which a test may move forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return seconds."""
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self._ahead += seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may still do: `reset` is in seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class Limiter:
    """At most `limit` requests a key within `window` seconds of the first."""

    def __init__(self, limit: int, window: float, clock: Callable[[], float]) -> None:
        self.limit = limit
        self.window = window
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def take(self, key: str, share: float = 1.0, *, forgives: bool = True) -> Allowance:
        """Count one request of `key` and say whether it may pass.

        A share of the limit other than 1, or a window that never ends for who has used it up, are faults.
        """
        now, limit = self._clock(), int(self.limit * share)
        window = self._windows.get(key)
        if window is None or (window.ends <= now and (forgives or window.used <= limit)):
            window = self._windows[key] = _Window(now + self.window)
        window.used += 1
        left = window.ends - now if window.ends > now else self.window
        reset = ceil(round(left, 3))  # 60 s must not become 61 by the last binary digit
        return Allowance(window.used <= limit, limit, max(0, limit - window.used), reset)

    def reset(self) -> None:
        """Forget every count."""
        self._windows.clear()
