"""The end of a run on a terminal: the verdict, and what it rests on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed, Waived
from pytest_deploycheck.model.run import Record, SystemRun
from pytest_deploycheck.report.evidence import hints, lines

SHOWN = 5
"""Checks named for one cause; the others are counted."""

REQUESTS = "requests"
LOAD = "load"
_WORDS = {"Passed": "passed", "Failed": "failed", "Inconclusive": "inconclusive", "Waived": "waived"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is told of one system: how it was reached, and its records, those of the preparation first.

    `coverage` counts runbook items by state; `not_run` are selected checks that no report came for;
    `uncollected` are files that could not be collected, or skipped themselves.
    """

    run: SystemRun
    records: tuple[Record, ...]
    coverage: Mapping[str, int]
    items: int
    undecided_items: int
    not_run: tuple[str, ...]
    uncollected: tuple[str, ...]
    seconds: float
    evidence: bool
    """Whether to repeat the evidence of failed checks, because nothing else shows it."""


def render(summary: Summary) -> Iterator[str]:
    """Yield the lines of one system's part of the summary."""
    run = summary.run
    yield f"environment  {run.environment}  {run.base_url}"
    yield f"version      {run.version}"
    for marker, counts in _counts(summary.records).items():
        yield f"{marker:<17}{counts}"
    spent, budget = run.spent, run.budget
    yield (
        f"spent        {spent.requests} of {many(budget.requests, 'request')}, "
        f"{spent.writes} of {many(budget.writes, 'write')}, "
        f"{many(spent.queries, 'query', 'queries')}, {summary.seconds:.1f} s"
    )
    if spent.load:
        yield f"load         {spent.load} of {many(budget.load, 'request')}"
        yield from _measured(summary.records)
    if summary.items:
        states = ", ".join(f"{count} {state}" for state, count in summary.coverage.items())
        yield f"runbook      {many(summary.items, 'item')}: {states}"
    yield from (f"note         {note}" for note in run.notes)
    yield from _failed(summary)
    yield from _inconclusive(summary)
    yield from _lacking(summary.records)
    yield from _waived(summary.records)
    yield from (f"LEFT BEHIND  {leftover}" for leftover in run.leftovers)


def _counts(records: Iterable[Record]) -> Mapping[str, str]:
    """The outcomes and the requests of each family of checks."""
    by_marker: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        counts = by_marker[record.marker or "unmarked"]
        counts[_WORDS[type(record.outcome).__name__]] += 1
        counts[REQUESTS] += record.spend.requests
    return {marker: ", ".join(_told(counts)) for marker, counts in by_marker.items()}


def _told(counts: Counter[str]) -> Iterator[str]:
    yield from (f"{counts[word]} {word}" for word in _WORDS.values() if counts[word])
    if requests := counts[REQUESTS]:
        yield many(requests, "request")


def _measured(records: Iterable[Record]) -> Iterator[str]:
    """What passing load checks have measured: how far from its limit a deployment is."""
    for record in _with(records, Passed):
        if isinstance(record.outcome, Passed) and record.marker == LOAD and record.outcome.note:
            yield f"MEASURED     {record.id.partition(': ')[0]}: {record.outcome.note.splitlines()[0]}"


def _lacking(records: Iterable[Record]) -> Iterator[str]:
    """What passed because there was nothing to look at: nobody should take it for proven."""
    by_what: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if isinstance(record.outcome, Passed) and record.outcome.lacking:
            by_what[record.outcome.lacking].append(record.id)
    for what, ids in by_what.items():
        yield f"NOTHING THERE  {', '.join(ids)}: {what}"


def _failed(summary: Summary) -> Iterator[str]:
    for record in _with(summary.records, Failed):
        yield f"FAILED       {record.id}{_items(record)}"
        if summary.evidence:
            yield from (f"    {line}" for line in lines(record))
        else:
            yield f"    {_first(record.outcome)}"
            yield from (f"    hint: {hint}" for hint in hints(record))


def _inconclusive(summary: Summary) -> Iterator[str]:
    """One message for all checks with the same cause, not a hundred."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    details: dict[str, list[str]] = {}
    for record in _with(summary.records, Inconclusive):
        reason = _first(record.outcome)
        by_reason[reason].append(f"{record.id}{_items(record)}")
        details[reason] = max(details.get(reason, []), _rest(record.outcome), key=len)
    by_reason["selected, but not run"] += summary.not_run
    by_reason["could not be collected"] += summary.uncollected
    for reason, names in by_reason.items():
        if names:
            yield f"INCONCLUSIVE {reason}"
            yield from (f"    | {line}" for line in details.get(reason, ()))
            yield from _named(names)


def _waived(records: Iterable[Record]) -> Iterator[str]:
    for record in _with(records, Waived):
        if isinstance(waived := record.outcome, Waived):
            yield f"WAIVED       {record.id} until {waived.until}: {waived.justification} ({waived.owner})"
            yield f"    {_first(waived)}"


def _with(records: Iterable[Record], kind: type[Outcome]) -> Iterator[Record]:
    return (record for record in records if isinstance(record.outcome, kind))


def _first(outcome: Outcome) -> str:
    reason = getattr(outcome, "reason", "")
    return reason.splitlines()[0] if reason else ""


def _rest(outcome: Outcome) -> list[str]:
    return getattr(outcome, "reason", "").splitlines()[1:]


def _named(names: Iterable[str]) -> Iterator[str]:
    some = list(names)
    yield from (f"    {name}" for name in some[:SHOWN])
    if len(some) > SHOWN:
        yield f"    and {len(some) - SHOWN} more"


def _items(record: Record) -> str:
    return f"  ({', '.join(record.runbook)})" if record.runbook else ""
