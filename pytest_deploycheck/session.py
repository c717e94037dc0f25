"""The conductor: the only module that knows every stage of a run.

start → readiness → served version → leftovers of killed runs → logins → reads, ahead → writes → cleanup
"""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pytest_deploycheck import checks, config
from pytest_deploycheck.checks import ready
from pytest_deploycheck.markers import MARKERS
from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.plan import Plan
from pytest_deploycheck.model.run import Record, SystemRun
from pytest_deploycheck.plan.build import build, in_order, needed_logins, refusal
from pytest_deploycheck.plan.names import as_planned, printable
from pytest_deploycheck.probes.start import Deployment, NotStartedError
from pytest_deploycheck.reach import Reach
from pytest_deploycheck.run.converse import converse
from pytest_deploycheck.run.fold import fold
from pytest_deploycheck.run.janitor import Swept
from pytest_deploycheck.run.lanes import Lanes
from pytest_deploycheck.run.logins import SECTION
from pytest_deploycheck.run.patience import patient
from pytest_deploycheck.run.pool import Pool
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.verdict.waivers import waive, waiver_for

CLEANUP = Budget(requests=2000, writes=1000, duration=120.0)
"""What removing may spend, apart from the run's budget: a spent budget must not leave anything behind."""


READY = "release::ready"
VERSION = "release::version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run. `today` decides which waivers and sign-offs are in force."""

    run_id: str
    today: date
    concurrency: int = 32
    allow_writes: bool = False
    max_wait: float = 75.0
    """Seconds that a check may wait for the window of a rate limit to end."""


def load_contract(path: Path, environment: str, variables: Mapping[str, str]) -> Contract:
    """Load a contract with all kinds of checks; one that declares no readiness gets the default.

    Raises:
        ContractErrors: all mistakes of the file, each with its place.
    """
    contract = config.load(path, environment, variables, kinds=checks.kinds(), markers=tuple(MARKERS))
    if any(check.id == READY for check in contract.checks):
        return contract
    return replace(contract, checks=(ready.default(contract.environment.place), *contract.checks))


class Conductor:
    """Runs one contract against one environment. Safe to ask from several threads."""

    def __init__(
        self,
        path: Path,
        environment: str,
        *,
        settings: Settings,
        redactor: Redactor,
    ) -> None:
        self.known_variables = config.variables(path.parent, environment, os.environ)
        self._variables = dict(self.known_variables)
        self._settings = settings
        self._redactor = redactor
        self._lock = threading.RLock()
        self._lanes = Lanes()
        self._selected: tuple[str, ...] = ()
        self._ahead: dict[str, Future[Record]] = {}
        self._done: dict[str, Record] = {}
        self._begun = False
        self._started = True
        self._cause = ""
        self._deployment: Deployment | None = None
        self._notes: list[str] = []
        self._leftovers: tuple[str, ...] = ()
        self._pool: Pool[Record] = Pool(settings.concurrency)
        self._adopt(load_contract(path, environment, self._variables))
        self.planned = self.contract

    # --- before anything is sent

    def select(self, ids: Collection[str]) -> Plan:
        """Take note of the selected checks, and return the plan."""
        self._selected = tuple(ids)
        return self.plan()

    def plan(self) -> Plan:
        """What the selected checks would send."""
        return build(self.contract, frozenset(self._selected), allow_writes=self._settings.allow_writes)

    # --- while it runs

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables of the run, those of the started deployment included."""
        self.begin()
        return self._variables

    @property
    def cause(self) -> str:
        """Why nothing may be sent to the deployment, or nothing."""
        self.begin()
        return self._cause

    def take(self, spend: Spend) -> None:
        """Book what a test of the user's own sends.

        Raises:
            BudgetSpentError: if the budget does not allow it.
        """
        self._lanes.admit()
        self._reach.allowance.take(spend)

    def credentials(self, identity: str) -> Credentials | Withheld:
        """What `identity` sends; logs in if it has not yet."""
        if self.cause:
            return Withheld(self._cause)
        self._lanes.admit()
        return self._reach.logins.credentials(identity)

    def record_of(self, check_id: str) -> Record:
        """Return the outcome of a check; runs it now, unless it ran ahead. The same for every call."""
        self.begin()
        check = self._checks.get(check_id)
        if check is None:
            return self._final(self._login_record(check_id))
        if check.phase is Phase.PREPARE:
            return self._final(self._done.get(check_id) or _unrun(check, self._cause, shared=True))
        if future := self._ahead.get(check_id):
            return self._final(future.result())
        wait(self._ahead.values())  # no write while somebody reads
        if check.phase is Phase.EXCLUSIVE:
            self._run_all_others()
        return self._final(self._run_once(check))

    def finish(self, *, prove: bool = False) -> SystemRun:
        """Remove what was written, stop what was started, and tell what is known.

        `prove`: even if nobody has asked anything of the deployment, prove that it is ready, and its version.
        """
        if prove:
            self.begin()
        self._pool.stop()
        self._reach.allowance.close()
        self._lanes.close()
        if self._begun:
            self._add(self._reach.janitor.remove(self._reach.ledger.open_entries()))
        self._reach.close()
        if self._deployment is not None:
            self._deployment.stop()
        preparing = (check.id for check in self.contract.checks if check.phase is Phase.PREPARE)
        prepared = [self._final(self._done[check_id]) for check_id in preparing if check_id in self._done]
        return SystemRun(
            system=self.contract.system,
            environment=self.contract.environment.name,
            base_url=self.contract.environment.base_url,
            version=self._version(),
            records=(*prepared, *self._reach.logins.records),
            spent=self._reach.spent,
            budget=self.contract.environment.budget,
            leftovers=self._leftovers,
            notes=tuple(self._notes),
        )

    def sweep(self) -> Swept:
        """Remove what killed runs left, without running anything else."""
        swept = self._reach.janitor.sweep(self.contract.environment, allow_writes=self._settings.allow_writes)
        self._reach.close()
        return swept

    # --- the way of a run

    def begin(self) -> None:
        """Prepare once: whoever asks first waits, as everybody else does."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
            try:
                self._cause = self._start() or self._prepare()
            except BaseException:
                self._cause = "the preparation was broken off"
                raise
            if self._cause and self._deployment is not None:
                self._cause += self._redactor.clean(self._deployment.obituary)

    def _add(self, swept: Swept) -> None:
        self._leftovers += swept.leftovers
        self._notes += swept.notes

    def _start(self) -> str:
        start = self.contract.environment.start
        if start is None:
            return ""
        self._deployment = Deployment(start)
        try:
            self._variables |= self._deployment.variables()
            contract = load_contract(self.contract.path, self.contract.environment.name, self._variables)
        except (NotStartedError, config.ContractErrors) as error:
            self._started = False
            return self._redactor.clean(f"the deployment did not start: {error}")
        self._adopt(as_planned(contract, self.planned))
        return ""

    def _prepare(self) -> str:
        self._run_ahead(check for check in self._reads() if check.independent)
        for check in (check for check in self.contract.checks if check.phase is Phase.PREPARE):
            record = self._done[check.id] = converse(
                check, self._reach.target.sender(check.id), self._redactor
            )
            if isinstance(record.outcome, Failed | Inconclusive):
                return _consequence(check, record.outcome)
        self._add(
            self._reach.janitor.sweep(self.contract.environment, allow_writes=self._settings.allow_writes)
        )
        for identity in needed_logins(self.contract, self._selected):
            self._reach.logins.record(identity.name)
        self._run_ahead(check for check in self._reads() if not check.independent)
        return ""

    def _adopt(self, contract: Contract) -> None:
        """Make `contract` the one that runs; called again once a started deployment told its variables."""
        self._redactor.add(*(secret.reveal() for _, secret in contract.secrets))
        self.contract = contract = printable(contract, self._redactor.clean)
        self._checks = {check.id: check for check in contract.checks}
        self._reach = Reach(
            contract, run_id=self._settings.run_id, variables=self._variables, redactor=self._redactor
        )

    def _reads(self) -> Iterable[Check]:
        chosen = frozenset(self._selected)
        return (c for c in in_order(self.contract.checks) if c.phase is Phase.READ and c.id in chosen)

    def _run_ahead(self, ready: Iterable[Check]) -> None:
        some = tuple(ready)
        futures = self._pool.submit(_job(self._run, check) for check in some)
        self._ahead |= {check.id: future for check, future in zip(some, futures, strict=True)}

    def _run_all_others(self) -> None:
        """Run what must come before a check that is alone, even if its turn has not come.

        Waiting for its turn could be for ever: with xdist it may stand behind the one that waits.
        """
        chosen = frozenset(self._selected)
        for check in in_order(self.contract.checks):
            if check.id in chosen and Phase.READ <= check.phase < Phase.EXCLUSIVE:
                self._ahead[check.id].exception() if check.id in self._ahead else self._run_once(check)

    def _run_once(self, check: Check) -> Record:
        """Run a check in its lane, unless somebody did."""
        if check.id not in self._done:
            with self._lanes.enter(check):
                if check.id not in self._done:
                    self._done[check.id] = self._run(check)
        return self._done[check.id]

    def _run(self, check: Check) -> Record:
        waiver = waiver_for(check.id, self.contract.waivers)
        if waiver and not waiver.run and waiver.until >= self._settings.today:
            return _unrun(check, "not run, as its waiver says")
        if refused := refusal(self.contract, check, allow_writes=self._settings.allow_writes):
            return _unrun(check, refused)
        if self._cause and not (check.independent and self._started):
            return _unrun(check, self._cause, shared=True)
        for name in sorted(check.identities):
            if trouble := self._reach.logins.trouble(name):
                return _unrun(check, trouble, shared=True)
        send = self._reach.target.sender(check.id)
        if check.phase is Phase.EXCLUSIVE:
            record = converse(check, patient(send, self._settings.max_wait), self._redactor)
            return replace(record, exchanges=tuple(fold(record.exchanges)))
        record = converse(check, send, self._redactor)
        return self._removed(check, record) if check.spend.writes else record

    def _removed(self, check: Check, record: Record) -> Record:
        """Remove at once what a check created; what stays is its failure too."""
        mine = (entry for entry in self._reach.ledger.open_entries() if entry.check == check.id)
        left = self._reach.janitor.remove(mine).leftovers
        if not left or isinstance(record.outcome, Failed):
            return record
        return replace(record, outcome=Failed("what it created could not be removed: " + "; ".join(left)))

    def _login_record(self, check_id: str) -> Record:
        if self._cause:
            return Record(id=check_id, marker="smoke", outcome=Inconclusive(self._cause), cause=self._cause)
        return self._reach.logins.record(check_id.removeprefix(f"{SECTION}::"))

    def _final(self, record: Record) -> Record:
        """Add the runbook's hints to what did not pass, and apply the waivers."""
        if isinstance(record.outcome, Passed):
            return record
        items = self.contract.runbook.items if self.contract.runbook else {}
        told = [
            record.hint,
            *(hint for name in record.runbook if name in items for hint in items[name].hints),
        ]
        check = self._checks.get(record.id)
        hinted = replace(
            record, hint="\n".join(filter(None, told)), weakness=check.weakness if check else None
        )
        if record.cause:
            return hinted
        return waive(hinted, self.contract.waivers, self._settings.today)

    def _version(self) -> str:
        record = self._done.get(VERSION)
        if record is None:
            return "not declared" if VERSION not in self._checks else "not proven"
        return record.outcome.note if isinstance(record.outcome, Passed) else "not proven"


def _consequence(check: Check, outcome: Failed | Inconclusive) -> str:
    """Why nothing else runs: what failed is told once, by itself; what was not decided, by everybody."""
    return outcome.reason if isinstance(outcome, Inconclusive) else f"not run, because {check.id} failed"


def _unrun(check: Check, reason: str, *, shared: bool = False) -> Record:
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
