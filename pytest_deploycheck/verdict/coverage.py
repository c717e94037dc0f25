"""Which lines of the runbook this run decided."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.model.runbook import Item, Runbook


class State(Enum):
    """What is known about an item of the runbook."""

    GREEN = "green"
    """All its checks passed."""
    RED = "red"
    """One of its checks failed."""
    UNDECIDED = "undecided"
    """One of its checks was inconclusive or waived."""
    NOT_SELECTED = "not selected"
    """One of its checks was not part of this run, and none failed."""
    SIGNED = "signed"
    """A sign-off in force decides it, and its checks passed if it has some."""
    UNSIGNED = "unsigned"
    """It needs a sign-off, and has none or an expired one."""
    OPEN = "open"
    """Nothing decides it yet."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The state of each item, by id."""

    states: Mapping[str, State]

    @property
    def counts(self) -> Mapping[State, int]:
        """How many items are in each state, in the order of `State`."""
        found = Counter(self.states.values())
        return {state: found[state] for state in State if found[state]}

    @property
    def undecided(self) -> tuple[str, ...]:
        """The items that are neither green nor signed."""
        return tuple(i for i, state in self.states.items() if state not in (State.GREEN, State.SIGNED))


def coverage(runbook: Runbook, records: Iterable[Record], today: date) -> Coverage:
    """Judge every item of `runbook` by the records of this run."""
    by_id = {record.id: record for record in records}
    return Coverage({name: _state(item, by_id, today) for name, item in runbook.items.items()})


def _state(item: Item, records: Mapping[str, Record], today: date) -> State:
    seen = _seen(item, records)
    if not item.attest or seen is State.RED:
        return seen
    if item.signed is None or item.signed.until < today:
        return State.UNSIGNED
    return State.SIGNED if seen in (State.GREEN, State.OPEN) else seen


def _seen(item: Item, records: Mapping[str, Record]) -> State:
    """What its checks say of an item."""
    if not item.checks:
        return State.OPEN
    found = [records.get(check) for check in item.checks]
    if any(record is not None and isinstance(record.outcome, Failed) for record in found):
        return State.RED
    if any(record is None for record in found):
        return State.NOT_SELECTED
    if all(record is not None and isinstance(record.outcome, Passed) for record in found):
        return State.GREEN
    return State.UNDECIDED
