"""Questions that wait for a connection go out together, and nobody waits for the answer of another."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from pytest_deploycheck.probes.turns import Turns


@dataclass
class Line:
    """Says every question back, a moment after it may; remembers what went out together."""

    may: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    together: list[list[str]] = field(default_factory=list)

    def answers(self, questions: Sequence[str]) -> Iterator[str]:
        self.together.append(list(questions))
        self.began.set()
        assert self.may.wait(10)
        for question in questions:
            if question == "odd":
                raise ValueError(question)
            yield f"{question}!"


def asked(line: Line, *questions: str) -> list[Future[str]]:
    """Ask the first; while it is being answered, ask the others; then let answers come."""
    turns = Turns(line.answers, joins=lambda question: question != "alone")
    with ThreadPoolExecutor(len(questions)) as threads:
        futures = [threads.submit(turns.ask, questions[0])]
        assert line.began.wait(10)
        for number, question in enumerate(questions[1:], 1):
            futures.append(threads.submit(turns.ask, question))
            wait_for(turns, number)
        line.may.set()
    return futures


def wait_for(turns: Turns[str, str], number: int) -> None:
    """Return once so many questions wait."""
    while turns.waiting < number:
        pass


def test_what_waits_goes_out_together() -> None:
    line = Line()

    answers = [each.result() for each in asked(line, "a", "b", "c", "d")]

    assert answers == ["a!", "b!", "c!", "d!"]
    assert line.together == [["a"], ["b", "c", "d"]]


def test_what_does_not_join_goes_out_alone() -> None:
    line = Line()

    answers = [each.result() for each in asked(line, "a", "b", "alone", "c")]

    assert answers == ["a!", "b!", "alone!", "c!"]
    assert sorted(line.together) == [["a"], ["alone"], ["b", "c"]]


def test_who_breaks_the_line_is_told_and_nobody_is_left_waiting() -> None:
    line = Line()

    a, odd, b = asked(line, "a", "odd", "b")

    assert a.result() == "a!"
    assert isinstance(odd.exception(), ValueError)
    assert b.done()


def test_who_has_an_answer_does_not_wait_for_those_of_others() -> None:
    line, somebody_went_on = Line(), threading.Event()

    def answers(questions: Sequence[str]) -> Iterator[str]:
        for answer in line.answers(questions):
            if answer == "d!":
                assert somebody_went_on.wait(10)
            yield answer

    turns = Turns(answers, joins=lambda _: True)
    with ThreadPoolExecutor(4) as threads:
        threads.submit(turns.ask, "a")
        assert line.began.wait(10)
        waiting = []
        for number, question in enumerate("bcd", 1):
            waiting.append(threads.submit(turns.ask, question))
            wait_for(turns, number)
        line.may.set()
        done, _ = wait(waiting[:2], 10, FIRST_COMPLETED)
        somebody_went_on.set()

    assert done
    assert [each.result() for each in waiting] == ["b!", "c!", "d!"]


def test_nothing_else_is_done_while_somebody_is_answered() -> None:
    line, seen = Line(), []
    turns = Turns(line.answers, joins=lambda _: True)
    with ThreadPoolExecutor(2) as threads:
        asking = threads.submit(turns.ask, "a")
        assert line.began.wait(10)
        alone = threads.submit(turns.alone, lambda: seen.append(asking.done() or line.may.is_set()))
        line.may.set()

    assert asking.result() == "a!"
    assert alone.result() is None
    assert seen == [True]
