"""A record as lines of text: what was expected, what was asked, what came, and where to look."""

from collections.abc import Iterator
from pathlib import Path

from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.run import Record

_INDENT = " " * 11


def lines(record: Record) -> Iterator[str]:
    """Yield the lines that tell a person what happened in a check that did not pass."""
    if not isinstance(record.outcome, Passed):
        yield from record.outcome.reason.splitlines()
    for exchange in record.exchanges:
        yield from _labelled(exchange.purpose, exchange.asked)
        yield from _labelled("reply", exchange.got)
    for hint in hints(record):
        yield from _labelled("hint", hint)
    if record.runbook:
        yield from _labelled("runbook", ", ".join(record.runbook))
    if record.place:
        yield from _labelled("declared", record.place.removeprefix(f"{Path.cwd()}/"))


def hints(record: Record) -> Iterator[str]:
    """The hints of a failed check: its kind's, the contract's and the runbook's."""
    if isinstance(record.outcome, Failed) and record.outcome.hint:
        yield record.outcome.hint
    yield from record.hint.splitlines()


def _labelled(label: str, text: str) -> Iterator[str]:
    first, *rest = text.splitlines() or [""]
    yield f"  {label:<8} {first}"
    yield from (f"{_INDENT}{line}" for line in rest)
