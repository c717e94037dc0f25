"""Answers that a whole run shares: nobody asks again, and who asks meanwhile waits."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Remembers answers to questions. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking: dict[K, threading.Lock] = {}
        self._known: dict[K, V] = {}

    def ask(self, question: K, ask: Callable[[], V], *, keep: Callable[[V], bool]) -> tuple[V, bool]:
        """Return the answer, and whether it was known. What is not worth keeping is asked again next time."""
        with self._lock:
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            if question in self._known:
                return self._known[question], True
            answer = ask()
            if keep(answer):
                self._known[question] = answer
            return answer, False
