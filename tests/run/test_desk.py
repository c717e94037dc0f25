"""Workers ask one conductor over a private socket."""

import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from typing import Any

import pytest

from pytest_deploycheck.run.desk import Address, ConductorError, Desk, Line


def broken() -> None:
    raise ValueError("our mistake")


@pytest.fixture
def desk() -> Iterator[Desk]:
    together = threading.Barrier(2, timeout=10)
    answers: dict[str, Any] = {
        "echo": lambda *arguments: list(arguments),
        "broken": broken,
        "meet": together.wait,
    }
    desk = Desk(answers)
    yield desk
    desk.close()


def test_an_answer_comes_back_as_it_was_given(desk: Desk) -> None:
    line = Line(desk.address)

    assert line.ask("echo", "a", 1, None, {"b": [True]}) == ["a", 1, None, {"b": [True]}]


def test_a_mistake_of_the_conductor_reaches_whoever_asked_and_nobody_else(desk: Desk) -> None:
    line = Line(desk.address)

    with pytest.raises(ConductorError, match=r"^ValueError: our mistake$"):
        line.ask("broken")
    with pytest.raises(ConductorError, match="KeyError"):
        line.ask("no such question")
    assert line.ask("echo") == []


def test_workers_are_answered_at_the_same_time(desk: Desk) -> None:
    lines = [Line(desk.address), Line(desk.address)]
    answers: list[int] = []
    threads = [threading.Thread(target=lambda line=line: answers.append(line.ask("meet"))) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(answers) == [0, 1]


def test_several_threads_may_share_a_line(desk: Desk) -> None:
    line = Line(desk.address)
    answers: list[int] = []

    def ask(number: int) -> None:
        answers.extend(line.ask("echo", number) for _ in range(20))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(map(str, answers)) == sorted(f"[{number}]" for number in range(4) for _ in range(20))


def test_who_does_not_have_the_key_is_not_answered_and_keeps_nobody_else_out(desk: Desk) -> None:
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Line(Address(desk.address.socket, "00" * 32))

    assert Line(desk.address).ask("echo", 1) == [1]


def test_a_closed_desk_answers_no_more(desk: Desk) -> None:
    address = desk.address
    desk.close()

    with pytest.raises((EOFError, OSError)):
        Line(address).ask("echo")
