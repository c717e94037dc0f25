"""Drives a check's conversation with canned evidence: a kind's tests need no server."""

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Outcome
from pytest_deploycheck.model.probe import Probe

__all__ = ["ConversationError", "Round", "answer", "asked", "conclude"]

T = TypeVar("T")

Round: TypeAlias = Evidence | tuple[Evidence, ...]
"""The evidence of the probes that were yielded together; one alone needs no tuple."""

Conversation: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], T]


class ConversationError(AssertionError):
    """The rounds of evidence do not fit what the conversation asks."""


def answer(check: Check | Callable[[], Conversation[Outcome]], *rounds: Round) -> Outcome:
    """Return what a check concludes from `rounds`.

    Raises:
        ConversationError: if it asks for more, ends earlier, or asks another number of probes at once.
    """
    steps = check.steps if isinstance(check, Check) else check
    return conclude(steps(), *rounds)


def conclude(conversation: Conversation[T], *rounds: Round) -> T:
    """Return what any conversation concludes from `rounds`, a login for example.

    Raises:
        ConversationError: as `answer`.
    """
    result, _ = _drive(conversation, rounds)
    if isinstance(result, _Unfinished):
        raise ConversationError(f"round {len(rounds) + 1} has no evidence for {result.probes}")
    return result


def asked(
    check: Check | Callable[[], Conversation[Outcome]], *rounds: Round
) -> tuple[tuple[Probe, ...], ...]:
    """Return the probes of each round, the first one that `rounds` leaves unanswered included.

    Raises:
        ConversationError: if a round answers another number of probes, or rounds are left over.
    """
    steps = check.steps if isinstance(check, Check) else check
    _, probes = _drive(steps(), rounds)
    return probes


class _Unfinished:
    def __init__(self, probes: tuple[Probe, ...]) -> None:
        self.probes = probes


def _drive(
    conversation: Conversation[T], rounds: tuple[Round, ...]
) -> tuple[T | _Unfinished, tuple[tuple[Probe, ...], ...]]:
    seen: list[tuple[Probe, ...]] = []
    try:
        seen.append(next(conversation))
        for number, given in enumerate(rounds, 1):
            evidence = given if isinstance(given, tuple) else (given,)
            if len(evidence) != len(seen[-1]):
                raise ConversationError(f"round {number} asks {len(seen[-1])} probes, gets {len(evidence)}")
            seen.append(conversation.send(evidence))
    except StopIteration as end:
        used = len(seen)
        if used < len(rounds):
            raise ConversationError(f"over after {used} rounds, {len(rounds)} given") from None
        result: T = end.value
        return result, tuple(seen)
    return _Unfinished(seen[-1]), tuple(seen)
