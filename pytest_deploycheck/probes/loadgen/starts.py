"""When the latency of a request begins: an arrival's when it was due, a user's when it is sent."""

from typing import Any, NamedTuple


class Start(NamedTuple):
    """`at` on the monotonic clock; `passed` are the seconds from then until it was sent."""

    at: float
    passed: float


class Starts:
    """Of the requests of one process. `who` is the greenlet whose request it is."""

    def __init__(self) -> None:
        self._due: dict[Any, float] = {}
        self._begun: dict[Any, Start] = {}

    def is_due(self, who: object, at: float) -> None:
        """Note that the next request was due at `at`."""
        self._due[who] = at

    def begin(self, who: object, now: float) -> None:
        """Note that it is sent."""
        at = min(self._due.pop(who, now), now)
        self._begun[who] = Start(at, now - at)

    def has(self, who: object) -> bool:
        """Whether a request is sent of which nobody has asked yet."""
        return who in self._begun

    def take(self, who: object, otherwise: float) -> Start:
        """Return when it began, and forget it; `otherwise`: of one that nobody noted."""
        return self._begun.pop(who, Start(otherwise, 0.0))

    def forget(self, who: object) -> None:
        """Forget what was noted."""
        self._due.pop(who, None)
        self._begun.pop(who, None)
