"""Removes what runs have written, and says what it could not remove."""

from collections.abc import Iterable

from pytest_deploycheck.model.outcome import Failed
from pytest_deploycheck.run.cleanup import removal
from pytest_deploycheck.run.converse import Send, Transcript
from pytest_deploycheck.safety.ledger import Entry, Ledger
from pytest_deploycheck.safety.redact import Redactor


class Janitor:
    """Works off a ledger's entries through `send`."""

    def __init__(self, ledger: Ledger, send: Send, redactor: Redactor) -> None:
        self._ledger = ledger
        self._send = send
        self._redactor = redactor

    def remove(self, entries: Iterable[Entry]) -> tuple[str, ...]:
        """Remove what `entries` name, newest first; return a sentence for each that is still there."""
        remaining = []
        for entry in reversed(tuple(entries)):
            outcome = Transcript(self._send, self._redactor).hold(removal(entry))
            if isinstance(outcome, Failed):
                remaining.append(self._redactor.clean(f"{entry}: {outcome.reason}"))
            else:
                self._ledger.close(entry)
        return tuple(remaining)

    def forget(self, entries: Iterable[Entry]) -> None:
        """Close entries whose deployment does not exist any more."""
        for entry in entries:
            self._ledger.close(entry)
