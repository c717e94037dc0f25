"""Counts what a session's reports say, and concludes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pytest_deploycheck.collect import CheckFailedError, CheckItem
from pytest_deploycheck.discover import nearest
from pytest_deploycheck.gates import GATES, InconclusiveError
from pytest_deploycheck.markers import MARKERS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed, Waived
from pytest_deploycheck.model.run import Record, SystemRun, from_json, to_json
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.report.terminal import Summary
from pytest_deploycheck.session import Conductor
from pytest_deploycheck.verdict.coverage import coverage
from pytest_deploycheck.verdict.decide import decide
from pytest_deploycheck.verdict.waivers import waive, waiver_for

ATTRIBUTE = "deploycheck"
"""Where a report carries its record, as plain data that xdist sends along."""

BUG = "internal error"
"""Begins the reason of a check that was not decided because of a mistake of ours."""

_TOLD = (CheckFailedError, InconclusiveError, pytest.skip.Exception)
"""What an item raises to tell an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What is known at the end of a session. `evidence`: whether the summary must repeat it."""

    root: Path
    today: date
    seconds: float
    evidence: bool


def attach(
    report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None], clean: Callable[[str], str]
) -> None:
    """Give `report` the record of what `item` concluded in this phase, if it did, cleaned of secrets."""
    record = _declared(item, call) if isinstance(item, CheckItem) else _written(report, item, call)
    if record is not None:
        if isinstance(record.outcome, Waived) and report.failed:
            _let_go(report, item, record.outcome)
        carried = to_json(record)
        carried["outcome"] = {name: clean(told) for name, told in carried["outcome"].items()}
        setattr(report, ATTRIBUTE, carried)


def kind(report: pytest.CollectReport | pytest.TestReport) -> str:
    """The kind of outcome that a report carries, or nothing."""
    carried = getattr(report, ATTRIBUTE, None)
    return str(carried["outcome"]["kind"]) if carried else ""


def prefix_of(contract: Path, root: Path) -> str:
    """How the node ids of a contract's checks begin."""
    return f"{contract.relative_to(root).as_posix() if contract.is_relative_to(root) else contract}::"


class Tally:
    """What was selected, and what has come out."""

    def __init__(self) -> None:
        self.selected: tuple[str, ...] = ()
        self.bugs = False
        self._uncollected: dict[str, None] = {}
        self._records: dict[str, Record] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Count a report; the worst phase of an item counts."""
        carried = getattr(report, ATTRIBUTE, None)
        if carried is not None:
            record = from_json(carried)
        elif report.failed:  # a worker that crashed sends no record
            record = Record(id=report.nodeid, marker="", outcome=Inconclusive(str(report.longrepr)))
        else:
            return
        known = self._records.get(report.nodeid)
        if known is None or _rank(record.outcome) >= _rank(known.outcome):
            self._records[report.nodeid] = record
        self.bugs |= isinstance(record.outcome, Inconclusive) and record.outcome.reason.startswith(BUG)

    def collected(self, report: pytest.CollectReport) -> None:
        """Take note of a file that could not be collected, or skipped itself: nobody knows what it holds."""
        if not report.passed:
            self._uncollected[report.nodeid] = None

    def concerns(self, path: Path, root: Path) -> bool:
        """Whether anything below a contract was selected."""
        return any(nearest(root / nodeid.partition("::")[0]) == path for nodeid in self.selected)

    def conclude(
        self, conductors: Mapping[Path, Conductor], runs: Mapping[Path, SystemRun], end: End
    ) -> tuple[Verdict, list[Summary]]:
        """Decide the verdict over all systems, and sum each up."""
        known = (*self.selected, *self._uncollected)
        owners = {nodeid: self._owner(nodeid, conductors, end.root) for nodeid in known}
        summaries = []
        undecided = sum(nodeid not in self._records for nodeid in known)
        for path, conductor in conductors.items():
            mine = [nodeid for nodeid, owner in owners.items() if owner == path]
            summary = self._summary(mine, conductor, runs[path], end)
            undecided += summary.undecided_items if conductor.contract.strict_runbook else 0
            summaries.append(summary)
        astray = [nodeid for nodeid, owner in owners.items() if owner is None]
        outcomes = [record.outcome for summary in summaries for record in summary.records]
        outcomes += [self._records[nodeid].outcome for nodeid in astray if nodeid in self._records]
        leftovers = sum(len(run.leftovers) for run in runs.values())
        if not known:
            return Verdict.NOTHING_CHECKED, summaries
        return decide(outcomes, leftovers=leftovers, undecided=undecided), summaries

    def _summary(self, mine: list[str], conductor: Conductor, run: SystemRun, end: End) -> Summary:
        runbook = conductor.contract.runbook
        records = self._of(mine, run)
        covered = coverage(runbook, records, end.today) if runbook else None
        return Summary(
            run=run,
            records=records,
            coverage={state.value: count for state, count in covered.counts.items()} if covered else {},
            items=len(covered.states) if covered else 0,
            undecided_items=len(covered.undecided) if covered else 0,
            not_run=tuple(i for i in mine if i not in self._records and i not in self._uncollected),
            uncollected=tuple(i for i in mine if i in self._uncollected),
            seconds=end.seconds,
            evidence=end.evidence,
        )

    def _of(self, nodeids: list[str], run: SystemRun) -> tuple[Record, ...]:
        """The records of a system: its preparation, whether selected or not, then its items."""
        by_id = {record.id: record for record in run.records}
        for nodeid in nodeids:
            if record := self._records.get(nodeid):
                by_id[record.id] = record
        return tuple(by_id.values())

    @staticmethod
    def _owner(nodeid: str, conductors: Mapping[Path, Conductor], root: Path) -> Path | None:
        contract = nearest(root / nodeid.partition("::")[0])
        return contract if contract in conductors else None


def _declared(item: CheckItem, call: pytest.CallInfo[None]) -> Record | None:
    """The record of a declared check; a mistake of ours leaves it undecided."""
    if call.excinfo is None or isinstance(call.excinfo.value, _TOLD):
        return item.record if call.when == "call" else None
    return Record(
        id=item.check_id, marker=_marker(item), outcome=Inconclusive(f"{BUG}: {call.excinfo.exconly()}")
    )


def _written(report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None]) -> Record | None:
    """The record of a test of the user's own."""
    outcome = _outcome(report, call)
    if outcome is None:
        return None
    cited = tuple(str(name) for mark in item.iter_markers("runbook") for name in mark.args)
    record = Record(
        id=id_of(item), marker=_marker(item), outcome=outcome, runbook=cited, seconds=report.duration
    )
    gates = item.config.stash[GATES]
    gate = gates.over(item.path)
    return waive(record, gate.planned.waivers, gates.settings.today) if gate else record


def id_of(item: pytest.Item) -> str:
    """The name of a test of the user's own below the folder of its contract."""
    path, _, name = item.nodeid.partition("::")
    contract = nearest(item.path)
    below = item.path.relative_to(contract.parent).as_posix() if contract else path
    return f"{below}::{name}"


def spared(item: pytest.Item) -> bool:
    """Whether a waiver in force says that a test is not to be run."""
    gates = item.config.stash[GATES]
    gate = gates.over(item.path)
    waiver = waiver_for(id_of(item), gate.planned.waivers) if gate else None
    return waiver is not None and not waiver.run and waiver.until >= gates.settings.today


def _let_go(report: pytest.TestReport, item: pytest.Item, waived: Waived) -> None:
    """Show a waived test as declared checks are shown."""
    told = f"waived until {waived.until} by {waived.owner} ({waived.justification}): {waived.reason}"
    report.outcome = "skipped"
    report.longrepr = (str(item.path), (item.location[1] or 0) + 1, told)


def _outcome(report: pytest.TestReport, call: pytest.CallInfo[None]) -> Outcome | None:
    if call.excinfo is None:
        return Passed() if call.when == "call" and report.passed else None
    first = str(call.excinfo.value).partition("\n")[0] or call.excinfo.typename
    if isinstance(call.excinfo.value, InconclusiveError):
        return Inconclusive(first)
    if report.skipped:
        expected = (
            "expected to fail, which is for a waiver to say" if hasattr(report, "wasxfail") else "skipped"
        )
        return Inconclusive(f"{expected}: {first}")
    if call.when == "setup":
        return Inconclusive(f"could not be set up: {call.excinfo.typename}: {first}")
    return Failed(f"{call.excinfo.typename}: {first}")


def _marker(item: pytest.Item) -> str:
    return next((name for name in MARKERS if item.get_closest_marker(name)), "")


def _rank(outcome: Outcome) -> int:
    return (Passed, Waived, Inconclusive, Failed).index(type(outcome))
