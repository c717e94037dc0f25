"""Keeps each run on disk when it is over, for comparisons and for whoever asks later."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_deploycheck import options
from pytest_deploycheck.gates import Gates
from pytest_deploycheck.history.store import folder_of, keep
from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.run import Record, to_json
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.report.terminal import Summary

NOWHERE = "none"
"""The folder that means: keep nothing."""

_LEFT_OUT = "exchanges"
"""Of a record: requests and replies are for the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of the session whose runs are kept. `told`: a folder, NOWHERE, or nothing."""

    run_id: str
    ended: datetime
    verdict: Verdict
    told: str
    start: Path
    clean: Callable[[str], str]

    def folder(self, contract: Path) -> Path:
        """Where the run of a contract is kept: below the folder in which pytest was started, if told so."""
        return self.start / self.told if self.told else folder_of(contract.parent)


def session(config: pytest.Config, gates: Gates, verdict: Verdict) -> Session:
    """Return what is known at the end of a session."""
    return Session(
        run_id=gates.settings.run_id,
        ended=datetime.now(UTC),
        verdict=verdict,
        told=options.value(config, options.RUNS),
        start=config.invocation_params.dir,
        clean=gates.redactor.clean_evidence,
    )


def keep_all(session: Session, summaries: Iterable[tuple[Path, Summary]]) -> Iterator[str]:
    """Keep the run of each contract, given by its path; yield what went wrong, which changes no verdict."""
    if session.verdict is Verdict.NOTHING_CHECKED or session.told == NOWHERE:
        return
    for contract, summary in summaries:
        try:
            keep(_kept(session, summary), session.folder(contract), session.clean)
        except OSError as error:
            yield f"the run was not kept: {error}"


def _kept(session: Session, summary: Summary) -> KeptRun:
    run = summary.run
    return KeptRun(
        run_id=session.run_id,
        at=session.ended,
        system=run.system,
        environment=run.environment,
        base_url=run.base_url,
        version=run.version,
        verdict=session.verdict,
        seconds=round(summary.seconds, 3),
        records=tuple(_without_evidence(record) for record in summary.records),
        measurements=run.measurements,
        leftovers=run.leftovers,
        notes=run.notes,
    )


def _without_evidence(record: Record) -> dict[str, Any]:
    return {name: value for name, value in to_json(record).items() if name != _LEFT_OUT}
