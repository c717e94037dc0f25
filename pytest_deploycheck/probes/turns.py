"""Questions of many threads to one connection: those that wait for it go out together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(slots=True, eq=False)
class _Asked(Generic[Q, A]):
    question: Q
    answer: A | None = None


class Turns(Generic[Q, A]):
    """One thread at a time answers what it asks, and what others asked while they waited.

    `answers` yields an answer to each question, in their order; whoever has its answer goes on at once, but
    for the one whose turn it is. Questions that do not `join` are answered alone.
    """

    def __init__(self, answers: Callable[[Sequence[Q]], Iterator[A]], *, joins: Callable[[Q], bool]) -> None:
        self._answers = answers
        self._joins = joins
        self._turn = threading.Condition()
        self._taken = False
        self._waiting: list[_Asked[Q, A]] = []

    @property
    def waiting(self) -> int:
        """How many questions wait until those before them are answered."""
        with self._turn:
            return len(self._waiting)

    def ask(self, question: Q) -> A:
        """Return the answer; what `answers` raises, the one whose turn it is raises."""
        mine: _Asked[Q, A] = _Asked(question)
        with self._turn:
            self._waiting.append(mine)
            self._turn.wait_for(lambda: mine.answer is not None or not self._taken)
            together = self._take(mine) if mine.answer is None else []
        if together:
            self._tell(together)
        if mine.answer is None:
            raise RuntimeError("a question was left without an answer")
        return mine.answer

    def alone(self, act: Callable[[], None]) -> None:
        """Do something while nobody is answered."""
        with self._turn:
            self._turn.wait_for(lambda: not self._taken)
            act()

    def _take(self, mine: _Asked[Q, A]) -> list[_Asked[Q, A]]:
        """Take the turn, and all that may go together with `mine`; it may be the last that is left."""
        self._taken = True
        joins = self._joins(mine.question)
        together = [each for each in self._waiting if joins and self._joins(each.question)]
        self._waiting = [each for each in self._waiting if each is not mine and each not in together]
        return together if mine in together else [mine]

    def _tell(self, together: Sequence[_Asked[Q, A]]) -> None:
        try:
            answers = self._answers([each.question for each in together])
            for each, answer in zip(together, answers, strict=True):
                with self._turn:
                    each.answer = answer
                    self._turn.notify_all()
        finally:
            with self._turn:
                self._taken = False
                self._turn.notify_all()
