"""What a whole run asks once."""

import threading

from pytest_deploycheck.probes.once import Once


def always(answer: str) -> bool:
    return True


def test_the_first_answer_is_everybodys() -> None:
    answers = iter(["one", "two"])
    once: Once[str, str] = Once()

    assert once.ask("a", lambda: next(answers), keep=always) == ("one", False)
    assert once.ask("a", lambda: next(answers), keep=always) == ("one", True)
    assert once.ask("b", lambda: next(answers), keep=always) == ("two", False)


def test_an_answer_that_is_not_worth_keeping_is_asked_for_again() -> None:
    answers = iter(["busy", "one"])
    once: Once[str, str] = Once()

    assert once.ask("a", lambda: next(answers), keep=lambda answer: answer != "busy") == ("busy", False)
    assert once.ask("a", lambda: next(answers), keep=lambda answer: answer != "busy") == ("one", False)
    assert once.ask("a", lambda: next(answers), keep=lambda answer: answer != "busy") == ("one", True)


def test_who_asks_the_same_meanwhile_waits_and_who_asks_something_else_does_not() -> None:
    begun, go_on = threading.Event(), threading.Event()
    once: Once[str, str] = Once()
    asked: list[str] = []
    got: list[tuple[str, bool]] = []

    def slowly() -> str:
        asked.append("a")
        begun.set()
        go_on.wait(10)
        return "one"

    threads = [
        threading.Thread(target=lambda: got.append(once.ask("a", slowly, keep=always))) for _ in range(3)
    ]
    threads[0].start()
    begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    assert once.ask("b", lambda: "two", keep=always) == ("two", False)
    go_on.set()
    for thread in threads:
        thread.join()

    assert asked == ["a"]
    assert sorted(got) == [("one", False), ("one", True), ("one", True)]
