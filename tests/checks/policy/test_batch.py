"""Many questions in one round, taken apart where one errs, given up where they take too long."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_deploycheck.checks.policy.batch import TOGETHER, Part, Told, ask
from pytest_deploycheck.checks.policy.memory import Memory
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Statement, Transaction
from pytest_deploycheck.testing import asked, conclude

AS_ANN = Transaction(statements=(Statement(sql="SELECT current_user"),), role="ann", timeout=4.0)
WHO = Rows((), (("ann",),))
LATE = Refused("57014", "canceling statement due to statement timeout")
DENIED = Refused("42501", "permission denied for table t1")


def parts(number: int) -> tuple[Part, ...]:
    return tuple(Part(key, f"SELECT {key}, 'x'") for key in range(number))


def rows(*keys: int) -> Rows:
    return Rows((), tuple((key, "x") for key in keys))


def told(number: int, *rounds: Sequence[Rows | Refused]) -> Told:
    found = conclude(ask(AS_ANN, {"looks": parts(number)}), *(Answers(tuple(each)) for each in rounds))
    assert isinstance(found, Told)
    return found


def test_everything_is_asked_in_one_round() -> None:
    found = told(3, [WHO, rows(0, 2, 2)])

    assert found.singles == (WHO,)
    assert found.parts == {"looks": {0: (("x",),), 1: (), 2: (("x",), ("x",))}}


def test_a_long_batch_is_several_statements() -> None:
    ((transaction,),) = asked(lambda: ask(AS_ANN, {"looks": parts(TOGETHER + 1), "none": ()}))  # type: ignore[arg-type,return-value]  # it returns answers, no outcome

    assert isinstance(transaction, Transaction)
    assert len(transaction.statements) == 3


def test_what_errs_together_is_asked_part_by_part() -> None:
    found = told(3, [WHO, DENIED], [rows(0), DENIED, rows(2)])

    assert found.parts["looks"] == {0: (("x",),), 1: DENIED, 2: (("x",),)}
    assert len(found.sources) == 2


def test_a_single_part_that_errs_is_not_asked_again() -> None:
    assert told(1, [WHO, DENIED]).parts["looks"] == {0: DENIED}


def test_what_reads_more_together_reads_less_alone() -> None:
    rounds = ask(AS_ANN, {"looks": (Part(0, "SELECT 0, 'all'", alone="SELECT 0, 'x'"),)})
    next(rounds)
    (again,) = rounds.send((Answers((WHO, LATE)),))

    assert isinstance(again, Transaction)
    assert [each.sql for each in again.statements] == ["SELECT 0, 'x'"]
    assert again.timeout == AS_ANN.timeout / 2


def test_after_some_that_took_too_long_no_more_are_asked() -> None:
    found = told(TOGETHER * 2, [WHO, LATE, LATE], [LATE] * 2 + [rows(n) for n in range(2, 20)])

    assert found.parts["looks"][2] == (("x",),)
    last = found.parts["looks"][TOGETHER * 2 - 1]
    assert isinstance(last, Refused)
    assert last.message == "not asked, because 4 statements before it ran out of time"


@pytest.mark.parametrize("rounds", [[Silence("lost")], [Answers((WHO, DENIED)), Silence("lost")]])
def test_a_lost_connection_leaves_all_undecided(rounds: list[Answers | Silence]) -> None:
    found = conclude(ask(AS_ANN, {"looks": parts(2)}), *rounds)

    assert found == Inconclusive("the database did not answer: lost")


def test_what_was_made_of_the_same_evidence_is_made_once() -> None:
    memory, evidence, made = Memory(), Answers((WHO,)), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [memory.kept("a", (evidence,), make), memory.kept("a", (evidence,), make)] == [1, 1]
    assert memory.kept("a", (Answers((WHO,)),), make) == 2
    assert memory.kept("b", (evidence,), make) == 3


def test_who_asks_for_what_is_being_made_waits_for_it() -> None:
    memory, evidence, made = Memory(), Answers((WHO,)), []
    everybody = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return len(made)

    def ask() -> int:
        everybody.wait(10)
        return memory.kept("a", (evidence,), make)

    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(ask) for _ in range(8)]

    assert [each.result() for each in asking] == [1] * 8
