"""Removes what runs have written, and says what it could not remove."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.run.cleanup import removal
from pytest_deploycheck.run.converse import Send, Transcript
from pytest_deploycheck.safety.ledger import Entry, Ledger
from pytest_deploycheck.safety.redact import Redactor


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of the leftovers of earlier runs: what is still there, and what people should know."""

    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Janitor:
    """Works off a ledger's entries through `send`."""

    def __init__(self, ledger: Ledger, send: Send, redactor: Redactor) -> None:
        self._ledger = ledger
        self._send = send
        self._redactor = redactor

    def remove(self, entries: Iterable[Entry], *, later: bool = False) -> Swept:
        """Remove what was created, newest first.

        What was never answered and is not there may still appear, unless it is `later`, when its run has
        ended: it stays in the ledger, and the next run looks again.
        """
        unsettled = 0
        remaining = []
        for entry in reversed(tuple(entries)):
            match Transcript(self._send, self._redactor).hold(removal(entry)):
                case Failed(reason=reason):
                    remaining.append(self._redactor.clean(f"{entry}: {reason}"))
                case Passed(note="") if not (entry.answered or later):
                    unsettled += 1
                case _:
                    self._ledger.close(entry)
        told = many(unsettled, "creation was never answered and is", "creations were never answered and are")
        notes = (f"{told} not to be found: the next run looks again",) if unsettled else ()
        return Swept(tuple(remaining), notes)

    def sweep(self, environment: Environment, *, allow_writes: bool) -> Swept:
        """Remove what earlier runs left at `environment`."""
        entries = self._ledger.leftovers()
        here = tuple(entry for entry in entries if entry.base_url == environment.base_url)
        elsewhere = tuple(entry for entry in entries if entry.base_url != environment.base_url)
        notes = self._set_aside(elsewhere, environment)
        if not here:
            return Swept(notes=notes)
        if environment.protected and not allow_writes:
            told = "left by an earlier run; remove it with `deploycheck sweep --allow-writes`"
            return Swept(tuple(self._redactor.clean(f"{entry}: {told}") for entry in here), notes)
        left = self.remove(here, later=True).leftovers
        removed = f"removed {len(here) - len(left)} of {many(len(here), 'leftover')} of earlier runs"
        return Swept(left, (*notes, removed))

    def _set_aside(self, entries: tuple[Entry, ...], environment: Environment) -> tuple[str, ...]:
        """A deployment that a run started has ended with it; others are somebody else's to sweep."""
        if not entries:
            return ()
        if environment.start is None:
            places = ", ".join(sorted({entry.base_url for entry in entries}))
            left = many(len(entries), "leftover of earlier runs is", "leftovers of earlier runs are")
            return (f"{left} at other base URLs: {places}",)
        for entry in entries:
            self._ledger.close(entry)
        return ()
