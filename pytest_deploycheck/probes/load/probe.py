"""Load runs of one environment, each once: the checks that share a run get what the first has seen."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import LoadRequest, LoadRun
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.probes.load.command import worker_arguments
from pytest_deploycheck.probes.load.engine import Engine, Process
from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.probes.load.telling import job_of
from pytest_deploycheck.probes.load.writing import Books, Creations
from pytest_deploycheck.safety.budget import Allowance, BudgetSpentError

MISSING = "locust is not installed: pip install 'pytest-deploycheck[load]'"
STEP_ASIDE = 2.0
"""Seconds that whoever stops a run waits for what it has seen, beyond the engine's own patience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What load needs: who sends, what may be spent, where creations stand, who is told how it goes."""

    credentials: Callable[[str], Credentials | Withheld]
    allowance: Allowance
    books: Books
    show: Callable[[str], None] = lambda _: None


class LoadProbe:
    """Runs load. `send` waits to the end; `stop` may be called from another thread."""

    def __init__(self, environment: Environment, folder: Path, means: Means) -> None:
        """Run load on `environment`; locustfiles run in `folder`."""
        self._environment = environment
        self._folder = folder
        self._credentials = means.credentials
        self._allowance = means.allowance
        self._books = means.books
        self._show = means.show
        self._lock = threading.Lock()
        self._seen: dict[LoadRun, Loaded | Withheld] = {}
        self._running: tuple[LoadRun, Engine] | None = None
        self.interrupted = False
        self.taken: list[tuple[LoadRun, Loaded, float]] = []
        """What was seen, and when it ended, in seconds since 1970."""

    def send(self, run: LoadRun, *, check: str = "load") -> Loaded | Withheld:
        """Return what `run` saw; it runs once, whoever asks. The ledger names the check that asked first."""
        with self._lock:
            if run not in self._seen:
                self._seen[run] = self._run(run, check)
            return self._seen[run]

    def work(self, run: LoadRun, master: tuple[str, int]) -> int | str:
        """Send a part of `run`, which another process leads; return locust's exit status, or why not."""
        job = self._job(run)
        if isinstance(job, Withheld):
            return job.reason
        if not is_installed():
            return MISSING
        with Process(worker_arguments(run, job, master), job, self._folder) as process:
            status = process.wait()
            return status if status == 0 else f"locust ended with status {status}{process.tail()}"

    def stop(self) -> str:
        """Stop the run under way, if there is one; return what is known of it."""
        if (running := self._running) is None:
            return ""
        run, engine = running
        self.interrupted = True
        engine.stop()
        if not self._lock.acquire(timeout=STEP_ASIDE * 2):
            return f"load {run.name}: interrupted, and it did not stop in time"
        self._lock.release()
        seen = self._seen.get(run)
        if not isinstance(seen, Loaded):
            return f"load {run.name}: interrupted"
        measured = seen.measured()
        return (
            f"load {run.name}: interrupted after {seen.seconds:.1f} s, "
            f"{many(measured.n, 'request')}, {measured.failed.total()} failed"
        )

    def _run(self, run: LoadRun, check: str) -> Loaded | Withheld:
        if self.interrupted:
            return Withheld("the run was interrupted")
        job = self._job(run)
        if isinstance(job, Withheld):
            return job
        if not is_installed():
            return Withheld(MISSING)
        if job.longest > self._allowance.seconds_left:
            left = self._allowance.seconds_left
            return Withheld(
                f"not started: it may take {job.longest:g} s, and the budget has {left:.0f} s left"
            )
        try:
            self._allowance.take(Spend(load=run.most, writes=run.creations))
        except BudgetSpentError as error:
            return Withheld(f"not started: {error}")
        return self._go(run, job, Creations(self._books, run, check))

    def _go(self, run: LoadRun, job: Job, creations: Creations) -> Loaded:
        engine = Engine(run, creations.marked(job), cwd=self._folder, show=self._show)
        self._running = run, engine
        try:
            seen, interrupted = engine.go()
        finally:
            self._running = None
            self._show("")
            created = creations.settle(engine.tally.made, engine.tally.marks)
        self.interrupted = self.interrupted or interrupted
        self.taken.append((run, seen, time.time()))
        unsent = Spend(load=max(0, run.most - seen.sent), writes=run.creations - created)
        self._allowance.give_back(unsent)
        return seen

    def _job(self, run: LoadRun) -> Job | Withheld:
        """What the generators are told; the credentials of everybody who sends are in it."""
        held: dict[str, Credentials] = {ANONYMOUS: Credentials()}
        asked = {ask.identity for ask in run.scenario} if isinstance(run.scenario, tuple) else set()
        for name in sorted({*asked, *run.identities}):
            credentials = self._credentials(name)
            if isinstance(credentials, Withheld):
                return credentials
            held[name] = credentials
        job = job_of(run, self._environment, held)
        if bare := [request.identity for request in _by_token(run) if held[request.identity].token is None]:
            return Withheld(f"not started: {bare[0]} has no token to send in the query")
        short = [told for name in held if (told := _ends_early(name, held[name], job.longest))]
        return Withheld(short[0]) if short else job


def _by_token(run: LoadRun) -> list[LoadRequest]:
    """The requests that carry a token in their query."""
    requests = run.scenario if isinstance(run.scenario, tuple) else ()
    return [request for request in requests if request.talk and request.talk.token_in]


def _ends_early(name: str, credentials: Credentials, seconds: float) -> str:
    """Why a token does not last for the run, if so: what is refused then would look like a failure."""
    expires = credentials.claims.get("exp")
    left = expires - time.time() if isinstance(expires, int | float) else seconds
    if left >= seconds:
        return ""
    return f"not started: the token of {name} is valid for {left:.0f} s, and the run may take {seconds:.0f} s"


def is_installed() -> bool:
    """Whether there is a locust to run; it is not imported, nor looked for as if it were to be."""
    try:
        distribution("locust")
    except PackageNotFoundError:
        return False
    return True
