"""Everything that reaches one deployment on behalf of one run, put together once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pytest_deploycheck.auth.forge import forged
from pytest_deploycheck.auth.login import login_steps
from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.identity import Credentials, Forgery, Identity
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.model.settings import Settings
from pytest_deploycheck.probes.target import Around, Target
from pytest_deploycheck.run.cleanup import identify
from pytest_deploycheck.run.converse import Transcript
from pytest_deploycheck.run.janitor import Janitor
from pytest_deploycheck.run.logins import SECTION, LoggedIn, Logins
from pytest_deploycheck.safety.budget import Allowance
from pytest_deploycheck.safety.ledger import Ledger, folder_of
from pytest_deploycheck.safety.redact import Redactor

CLEANUP = Budget(requests=2000, writes=1000, duration=float("inf"))
"""What removing may spend, apart from the run's budget: a spent budget must not leave anything behind."""


class Reach:
    """The budget, the ledger, the logins, the target and the janitor of a run."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        *,
        variables: Mapping[str, str],
        redactor: Redactor,
    ) -> None:
        self._contract = contract
        self.redactor = redactor
        self.allowance = Allowance(contract.environment.budget)
        self.ledger = Ledger(folder_of(contract.path.parent, contract.environment.name), settings.run_id)
        self.logins = Logins(contract.identities, log_in=self._log_in, forge=self._forge)
        around = Around(
            run_id=settings.run_id,
            variables=variables,
            ledger=self.ledger,
            allowance=self.allowance,
            redactor=redactor,
            credentials=self.logins.credentials,
            identify=identify,
            show=settings.show,
        )
        self.target = Target(contract, around)
        self._removing = Allowance(CLEANUP)
        self._remover = Target(contract, replace(around, allowance=self._removing))
        self.janitor = Janitor(self.ledger, self._remover.sender("cleanup"), redactor)

    @property
    def spent(self) -> Spend:
        """What was sent, the removing included."""
        return self.allowance.spent + self._removing.spent

    def close(self) -> None:
        """Close all connections, and give up the ledger."""
        self.target.close()
        self._remover.close()
        self.ledger.release()

    def _log_in(self, identity: Identity) -> tuple[LoggedIn, tuple[Exchange, ...]]:
        transcript = Transcript(self.target.sender(f"{SECTION}::{identity.name}"), self.redactor)
        got = transcript.hold(login_steps(identity))
        if isinstance(got, Credentials):
            self.redactor.add(*(value.reveal() for _, value in got.headers))
            self.redactor.add(*([got.token.reveal()] if got.token else []))
        clean = self.redactor.clean  # once more, now that the token is known
        return got, tuple(Exchange(e.purpose, clean(e.asked), clean(e.got)) for e in transcript.exchanges)

    def _forge(self, real: Credentials, forgery: Forgery) -> Credentials | Inconclusive:
        made = forged(real, forgery, self._contract.signing, datetime.now(UTC))
        if isinstance(made, Credentials) and made.token is not None:
            self.redactor.add(made.token.reveal())  # rightly signed, it is as good as a real one
        return made
