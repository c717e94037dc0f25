"""The conductor: the only module that knows every stage of a run.

start → readiness → served version → leftovers of earlier runs → logins → reads, ahead → writes → cleanup
"""

import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from pytest_deploycheck import checks, config
from pytest_deploycheck.checks import ready
from pytest_deploycheck.config.needed import needed
from pytest_deploycheck.markers import MARKERS
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.names import NOT_DECLARED, NOT_PROVEN
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.plan import Plan
from pytest_deploycheck.model.run import Record, SystemRun
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.plan.build import build, needed_logins
from pytest_deploycheck.plan.names import as_planned, printable
from pytest_deploycheck.probes.start import Deployment, NotStartedError
from pytest_deploycheck.reach import Reach
from pytest_deploycheck.run.converse import converse
from pytest_deploycheck.run.fold import fold
from pytest_deploycheck.run.janitor import Swept
from pytest_deploycheck.run.logins import SECTION
from pytest_deploycheck.run.measure import measurement
from pytest_deploycheck.running import Running, unrun
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.verdict.waivers import waive

READY = "release::ready"
VERSION = "release::version"


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
        self._selected: tuple[str, ...] = ()
        self._prepared: dict[str, Record] = {}
        self._begun = False
        self._started = True
        self._cause = ""
        self._deployment: Deployment | None = None
        self._notes: list[str] = []
        self._leftovers: tuple[str, ...] = ()
        self._adopt(load_contract(path, environment, self._variables))
        self.planned = self.contract

    # --- before anything is sent

    def select(self, ids: Collection[str]) -> Plan:
        """Take note of the selected checks, and return the plan."""
        self._selected = tuple(ids)
        return self.plan()

    def hold_files(self) -> None:
        """Read the files that the selected checks need, unless the start of the deployment may write them.

        Raises:
            ContractErrors: for files that are missing or malformed.
        """
        if self.contract.environment.start is None:
            needed(check for check in self.contract.checks if check.id in self._selected)

    def plan(self) -> Plan:
        """What the selected checks would send."""
        settings = self._settings
        return build(
            self.contract,
            frozenset(self._selected),
            allow_writes=settings.allow_writes,
            allow_load=settings.allow_load,
        )

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

    @property
    def interrupted(self) -> bool:
        """Whether somebody interrupted a check that has an outcome nevertheless: nothing more shall run."""
        load = self._reach.target.load
        return load is not None and load.interrupted

    def take(self, spend: Spend) -> None:
        """Book what a test of the user's own sends.

        Raises:
            BudgetSpentError: if the budget does not allow it.
        """
        self._running.admit()
        self._reach.allowance.take(spend)

    def credentials(self, identity: str) -> Credentials | Withheld:
        """What `identity` sends; logs in if it has not yet."""
        if self.cause:
            return Withheld(self._cause)
        self._running.admit()
        return self._reach.logins.credentials(identity)

    def record_of(self, check_id: str) -> Record:
        """Return the outcome of a check; runs it now, unless it ran ahead. The same for every call."""
        self.begin()
        check = self._checks.get(check_id)
        if check is None:
            return self._final(self._login_record(check_id))
        if check.phase is Phase.PREPARE:
            return self._final(self._prepared.get(check_id) or unrun(check, self._cause, shared=True))
        return self._final(self._running.record_of(check))

    def finish(self, *, prove: bool = False) -> SystemRun:
        """Remove what was written, stop what was started, and tell what is known.

        `prove`: even if nobody has asked anything of the deployment, prove that it is ready, and its version.
        """
        if prove:
            self.begin()
        load = self._reach.target.load
        if load and (told := load.stop()):
            self._notes.append(told)
        self._running.stop()
        self._reach.allowance.close()
        if self._begun:
            self._add(self._reach.janitor.remove(self._reach.ledger.open_entries()))
        self._reach.close()
        if self._deployment is not None:
            self._deployment.stop()
        preparing = (check.id for check in self.contract.checks if check.phase is Phase.PREPARE)
        prepared = [
            self._final(self._prepared[check_id]) for check_id in preparing if check_id in self._prepared
        ]
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
            measurements=tuple(measurement(*taken) for taken in (load.taken if load else ())),
        )

    def sweep(self) -> Swept:
        """Remove what earlier runs left, without running anything else."""
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
        self._running.ahead(self._chosen(), independent=True)
        for check in (check for check in self.contract.checks if check.phase is Phase.PREPARE):
            record = converse(check, self._reach.target.sender(check.id), self._redactor)
            self._prepared[check.id] = replace(record, exchanges=tuple(fold(record.exchanges)))
            if isinstance(record.outcome, Failed | Inconclusive):
                return _consequence(check, record.outcome)
        self._add(
            self._reach.janitor.sweep(self.contract.environment, allow_writes=self._settings.allow_writes)
        )
        for identity in needed_logins(self.contract, self._selected):
            self._reach.logins.record(identity.name)
        self._running.ahead(self._chosen(), independent=False)
        return ""

    def _adopt(self, contract: Contract) -> None:
        """Make `contract` the one that runs; called again once a started deployment told its variables."""
        self._redactor.add(*(secret.reveal() for _, secret in contract.secrets))
        self.contract = contract = printable(contract, self._redactor.clean)
        self._checks = {check.id: check for check in contract.checks}
        self._reach = Reach(contract, self._settings, variables=self._variables, redactor=self._redactor)
        self._running = Running(contract, self._reach, self._settings, closed=self._closed)

    def _chosen(self) -> list[Check]:
        chosen = frozenset(self._selected)
        return [check for check in self.contract.checks if check.id in chosen]

    def _closed(self, check: Check) -> str:
        """Why nothing is sent for `check`, if the deployment is not to be asked."""
        return "" if check.independent and self._started else self._cause

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
        record = self._prepared.get(VERSION)
        if record is None:
            return NOT_DECLARED if VERSION not in self._checks else NOT_PROVEN
        return record.outcome.note if isinstance(record.outcome, Passed) else NOT_PROVEN


def _consequence(check: Check, outcome: Failed | Inconclusive) -> str:
    """Why nothing else runs: what failed is told once, by itself; what was not decided, by everybody."""
    return outcome.reason if isinstance(outcome, Inconclusive) else f"not run, because {check.id} failed"
