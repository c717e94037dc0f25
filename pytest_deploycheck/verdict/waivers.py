"""Waivers: a check may stay red until a date, because somebody answers for it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from pytest_deploycheck.model.contract import Waiver
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Waived
from pytest_deploycheck.model.run import Record


def waiver_for(check: str, waivers: Iterable[Waiver]) -> Waiver | None:
    """The waiver of a check: one that names it, else the first whose pattern matches."""
    matching = [w for w in waivers if w.check == check or fnmatchcase(check, w.check)]
    return next((w for w in matching if w.check == check), matching[0] if matching else None)


def waive(record: Record, waivers: Iterable[Waiver], today: date) -> Record:
    """Return `record` waived, if a waiver in force covers it; an expired one is named in the reason."""
    if not isinstance(record.outcome, Failed | Inconclusive):
        return record
    if (waiver := waiver_for(record.id, waivers)) is None:
        return record
    reason = record.outcome.reason
    if waiver.until < today:
        told = f"{reason} (its waiver, answered for by {waiver.owner}, expired on {waiver.until})"
        return replace(record, outcome=replace(record.outcome, reason=told))
    return replace(record, outcome=Waived(reason, waiver.owner, waiver.justification, waiver.until))
