"""No wait is longer than allowed."""

from pytest_deploycheck.model.evidence import Paused, Withheld
from pytest_deploycheck.model.probe import Pause
from pytest_deploycheck.run.patience import patient
from tests.words import answering, get, reply


def test_a_wait_that_is_too_long_is_withheld_with_its_length() -> None:
    send = patient(answering(Paused(75.0), reply()), 75.0)

    assert send(Pause(75.5)) == Withheld("waiting 75.5 s is more than --deploycheck-max-wait=75s allows")
    assert send(Pause(75.0)) == Paused(75.0)
    assert send(get()) == reply()
