"""Keeps what was made of evidence while the evidence is the very same: all checks of a section ask for it."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Values by name. Safe to use from several threads: who asks for what is being made waits for it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], Any]] = {}
        self._lock = threading.Lock()
        self._making: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def kept(self, name: str, sources: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return what `make` makes of `sources`: the same as before, if they are the same objects."""
        with self._lock:
            making = self._making[name]
        with making:
            known = self._known.get(name)
            if known is None or not _same(known[0], sources):
                known = self._known[name] = (sources, make())
        value: T = known[1]
        return value


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return len(before) == len(now) and all(a is b for a, b in zip(before, now, strict=True))
