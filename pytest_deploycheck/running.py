"""Runs the checks of one contract: reads ahead, writes in their tenant's lane, exclusive ones alone."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import replace

from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.plan.build import in_order, refusal
from pytest_deploycheck.reach import Reach
from pytest_deploycheck.run.converse import converse
from pytest_deploycheck.run.fold import digest, fold
from pytest_deploycheck.run.lanes import Lanes
from pytest_deploycheck.run.patience import patient
from pytest_deploycheck.run.pool import Pool
from pytest_deploycheck.verdict.waivers import waiver_for


class Running:
    """Each check once, whoever asks for it first. Safe to ask from several threads.

    `closed` tells why a check cannot be sent for a reason that is not its own, or nothing.
    """

    def __init__(
        self, contract: Contract, reach: Reach, settings: Settings, *, closed: Callable[[Check], str]
    ) -> None:
        self._contract = contract
        self._reach = reach
        self._settings = settings
        self._closed = closed
        self._lanes = Lanes()
        self._pool: Pool[Record] = Pool(settings.concurrency)
        self._ahead: dict[str, Future[Record]] = {}
        self._done: dict[str, Record] = {}
        self._others: tuple[Check, ...] = ()

    def ahead(self, selected: Iterable[Check], *, independent: bool) -> None:
        """Start the reads among the selected checks: those that need a deployment, or the others."""
        chosen = tuple(in_order(selected))
        reads = tuple(c for c in chosen if c.phase is Phase.READ and c.independent is independent)
        futures = self._pool.submit(_job(self._run, check) for check in reads)
        self._ahead |= {check.id: future for check, future in zip(reads, futures, strict=True)}
        self._others = tuple(check for check in chosen if Phase.READ <= check.phase < Phase.EXCLUSIVE)

    def record_of(self, check: Check) -> Record:
        """The record of a check; runs it now, unless it ran ahead."""
        if future := self._ahead.get(check.id):
            return future.result()
        wait(self._ahead.values())  # no write while somebody reads
        if check.phase is Phase.EXCLUSIVE:
            self._run_all_others()
        return self._run_once(check)

    def admit(self) -> None:
        """Wait while an exclusive check runs."""
        self._lanes.admit()

    def stop(self) -> None:
        """Start nothing more, and let nobody wait."""
        self._pool.stop()
        self._lanes.close()

    def _run_all_others(self) -> None:
        """Run what must come before a check that is alone, even if its turn has not come.

        Waiting for its turn could be for ever: with xdist it may stand behind the one that waits.
        """
        for check in self._others:
            self._ahead[check.id].exception() if check.id in self._ahead else self._run_once(check)

    def _run_once(self, check: Check) -> Record:
        """Run a check in its lane, unless somebody did."""
        if check.id not in self._done:
            with self._lanes.enter(check):
                if check.id not in self._done:
                    self._done[check.id] = self._run(check)
        return self._done[check.id]

    def _run(self, check: Check) -> Record:
        waiver = waiver_for(check.id, self._contract.waivers)
        if waiver and not waiver.run and waiver.until >= self._settings.today:
            return unrun(check, "not run, as its waiver says")
        settings = self._settings
        if refused := refusal(
            self._contract, check, allow_writes=settings.allow_writes, allow_load=settings.allow_load
        ):
            return unrun(check, refused)
        if closed := self._closed(check):
            return unrun(check, closed, shared=True)
        for name in sorted(check.identities):
            if trouble := self._reach.logins.trouble(name):
                return unrun(check, trouble, shared=True)
        return self._converse(check)

    def _converse(self, check: Check) -> Record:
        send = self._reach.target.sender(check.id)
        if check.phase is Phase.EXCLUSIVE:
            record = converse(check, patient(send, self._settings.max_wait), self._reach.redactor)
            return replace(record, exchanges=tuple(fold(record.exchanges)))
        record = converse(check, send, self._reach.redactor)
        if check.phase is Phase.LOAD:
            record = replace(record, exchanges=tuple(digest(record.exchanges)))
        return self._removed(check, record) if check.spend.writes else record

    def _removed(self, check: Check, record: Record) -> Record:
        """Remove at once what a check created; what stays fails a check that would have passed.

        Any other keeps its own reason. What stays is a leftover of the run in any case.
        """
        mine = (entry for entry in self._reach.ledger.open_entries() if entry.check == check.id)
        left = self._reach.janitor.remove(mine).leftovers
        if not left or not isinstance(record.outcome, Passed):
            return record
        return replace(record, outcome=Failed("what it created could not be removed: " + "; ".join(left)))


def unrun(check: Check, reason: str, *, shared: bool = False) -> Record:
    """The record of a check that was not run; what was not checked did not pass.

    `shared`: the reason is not the check's own, so no waiver of the check covers it.
    """
    return Record(
        id=check.id,
        marker=check.marker,
        outcome=Inconclusive(reason),
        runbook=check.runbook,
        place=str(check.place),
        cause=reason if shared else "",
    )


def _job(run: Callable[[Check], Record], check: Check) -> Callable[[], Record]:
    return lambda: run(check)
