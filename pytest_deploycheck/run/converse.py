"""Holds a check's conversation: sends what it asks for, within what it declared, until it decides."""

import time
from collections.abc import Callable, Generator
from typing import TypeVar

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.cost import cost
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome
from pytest_deploycheck.model.probe import Probe
from pytest_deploycheck.model.run import Exchange, Record
from pytest_deploycheck.run.describe import exchange
from pytest_deploycheck.safety.redact import Redactor

T = TypeVar("T")

Send = Callable[[Probe], Evidence]


class OverspentError(Exception):
    """A check asked for more than it declared: a mistake in its kind, not in the deployment."""


class Transcript:
    """Sends probes and remembers what was asked and seen. For one conversation, in one thread."""

    def __init__(self, send: Send, redactor: Redactor, *, limit: Spend | None = None) -> None:
        self._send = send
        self._redactor = redactor
        self._limit = limit
        self._asked = Spend()
        self.spent = Spend()
        self.exchanges: list[Exchange] = []

    def hold(self, steps: Generator[tuple[Probe, ...], tuple[Evidence, ...], T]) -> T:
        """Drive `steps` to its end and return what it concluded.

        Raises:
            OverspentError: if it asks for more than the limit.
        """
        try:
            probes = next(steps)
            while True:
                probes = steps.send(tuple(self._ask(probe) for probe in probes))
        except StopIteration as end:
            result: T = end.value
            return result

    def _ask(self, probe: Probe) -> Evidence:
        self._asked += cost(probe)
        if self._limit is not None and not _within(self._asked, self._limit):
            raise OverspentError(f"declared {self._limit}, asked for {self._asked}")
        evidence = self._send(probe)
        if not (isinstance(evidence, Reply) and evidence.again):
            self.spent += cost(probe)
        if told := exchange(probe, evidence, self._redactor):
            self.exchanges.append(told)
        return evidence


def converse(check: Check, send: Send, redactor: Redactor) -> Record:
    """Hold the conversation of `check` and record its outcome.

    Raises:
        OverspentError: if it asks for more than it declared.
    """
    transcript = Transcript(send, redactor, limit=check.spend)
    began = time.perf_counter()
    outcome: Outcome = transcript.hold(check.steps())
    return Record(
        id=check.id,
        marker=check.marker,
        outcome=_cleaned(outcome, redactor.clean),
        exchanges=tuple(transcript.exchanges),
        spend=transcript.spent,
        seconds=time.perf_counter() - began,
        runbook=check.runbook,
        hint=check.hint,
        place=str(check.place),
    )


def _cleaned(outcome: Outcome, clean: Callable[[str], str]) -> Outcome:
    """A reason quotes the reply, and a reply may hold what was sent."""
    match outcome:
        case Failed(reason=reason, hint=hint):
            return Failed(clean(reason), clean(hint))
        case Inconclusive(reason=reason):
            return Inconclusive(clean(reason))
        case _:
            return outcome


def _within(spent: Spend, limit: Spend) -> bool:
    return (
        spent.requests <= limit.requests
        and spent.writes <= limit.writes
        and spent.queries <= limit.queries
        and spent.load <= limit.load
    )
