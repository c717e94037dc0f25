"""A held connection is asked after silence and at its end; whatever comes is an answer."""

from pytest_deploycheck.probes.loadgen.pulse import Pulse


def test_it_is_asked_after_as_much_silence_as_the_deadline_and_once() -> None:
    pulse = Pulse(2.0, now=10.0)

    assert [pulse.ask(now, last=False) for now in (11.9, 12.0, 12.1)] == [False, True, False]


def test_without_an_answer_within_another_deadline_it_has_stopped() -> None:
    pulse = Pulse(2.0, now=10.0)
    pulse.ask(12.0, last=False)

    assert (pulse.has_stopped(13.9), pulse.left(13.9) > 0) == (False, True)
    assert pulse.has_stopped(14.0)


def test_whatever_comes_is_an_answer_and_the_silence_begins_anew() -> None:
    pulse = Pulse(2.0, now=10.0)
    pulse.ask(12.0, last=False)

    pulse.hear(12.5)

    assert not pulse.has_stopped(20.0)
    assert [pulse.ask(now, last=False) for now in (14.4, 14.5)] == [False, True]


def test_what_came_before_the_question_is_no_answer() -> None:
    pulse = Pulse(2.0, now=10.0)
    pulse.ask(12.0, last=False)

    pulse.hear(11.9)

    assert pulse.has_stopped(14.0)


def test_at_the_end_it_is_asked_once_though_it_spoke_just_now() -> None:
    pulse = Pulse(2.0, now=10.0)
    pulse.hear(10.9)

    asked = [pulse.ask(11.0, last=True), pulse.ask(11.1, last=True)]
    unsure = pulse.is_sure
    pulse.hear(11.2)

    assert (asked, unsure, pulse.is_sure) == ([True, False], False, True)


def test_a_question_that_waits_for_its_answer_at_the_end_is_the_last() -> None:
    pulse = Pulse(2.0, now=10.0)
    pulse.ask(12.0, last=False)

    assert not pulse.ask(13.0, last=True)
    assert pulse.has_stopped(14.0)
