"""Load runs of one environment, each once: the checks that share a run get what the first has seen."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from math import ceil
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Withheld
from pytest_deploycheck.model.identity import Credentials
from pytest_deploycheck.model.load import Arrivals, LoadRequest, LoadRun
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.probes.load.command import worker_arguments
from pytest_deploycheck.probes.load.engine import Engine, Process
from pytest_deploycheck.probes.load.job import Ask, Headers, Job
from pytest_deploycheck.safety.budget import Allowance, BudgetSpentError

MISSING = "locust is not installed: pip install 'pytest-deploycheck[load]'"
USER_AGENT = "pytest-deploycheck"
STEP_ASIDE = 2.0
"""Seconds that whoever stops a run waits for what it has seen, beyond the engine's own patience."""


class LoadProbe:
    """Runs load. `send` waits to the end; `stop` may be called from another thread."""

    def __init__(
        self,
        environment: Environment,
        *,
        folder: Path,
        credentials: Callable[[str], Credentials | Withheld],
        allowance: Allowance,
        show: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._environment = environment
        self._folder = folder
        self._credentials = credentials
        self._allowance = allowance
        self._show = show
        self._lock = threading.Lock()
        self._seen: dict[LoadRun, Loaded | Withheld] = {}
        self._running: tuple[LoadRun, Engine] | None = None
        self.interrupted = False
        self.taken: list[tuple[LoadRun, Loaded, float]] = []
        """What was seen, and when it ended, in seconds since 1970."""

    def send(self, run: LoadRun) -> Loaded | Withheld:
        """Return what `run` saw; it runs once, whoever asks."""
        with self._lock:
            if run not in self._seen:
                self._seen[run] = self._run(run)
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
            f"{measured.n} requests, {measured.failed.total()} failed"
        )

    def _run(self, run: LoadRun) -> Loaded | Withheld:
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
            self._allowance.take(Spend(load=run.most))
        except BudgetSpentError as error:
            return Withheld(f"not started: {error}")
        return self._go(run, job)

    def _go(self, run: LoadRun, job: Job) -> Loaded:
        engine = Engine(run, job, cwd=self._folder, show=self._show)
        self._running = run, engine
        try:
            seen, interrupted = engine.go()
        finally:
            self._running = None
            self._show("")
        self.interrupted = self.interrupted or interrupted
        self.taken.append((run, seen, time.time()))
        self._allowance.give_back(max(0, run.most - seen.sent))
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
        scenario = run.scenario if isinstance(run.scenario, tuple) else ()
        common = Job(
            host=self._environment.base_url,
            asks=tuple(_ask(request, held[request.identity]) for request in scenario),
            data=tuple(dict(row) for row in run.data),
            spread=tuple(_headers(held[name]) for name in run.identities),
            headers=(("User-Agent", USER_AGENT), *self._environment.headers),
            warmup=run.warmup,
            deadline=run.deadline,
            longest=longest(run),
            breaker=run.breaker,
            most=run.most,
            most_rate=run.most_rate,
            version_header=run.version_header.lower(),
            ca=str(self._environment.ca.absolute()) if self._environment.ca else "",
            proxy=_proxy(self._environment.base_url),
            generators=run.generators,
            read_only=run.read_only,
            file=_digest(run.scenario),
        )
        return shaped(common, run)


def is_installed() -> bool:
    """Whether there is a locust to run; it is not imported, nor looked for as if it were to be."""
    try:
        distribution("locust")
    except PackageNotFoundError:
        return False
    return True


def _digest(scenario: object) -> str:
    """What tells a locustfile from another one."""
    return sha256(scenario.read_bytes()).hexdigest() if isinstance(scenario, Path) else ""


def shaped(job: Job, run: LoadRun) -> Job:
    """Return the job with the run's arrivals or users in it."""
    match run.model:
        case Arrivals(stages=stages, in_flight=in_flight, seconds=seconds):
            told = tuple((stage.rate, stage.seconds) for stage in stages)
            return replace(job, stages=told, in_flight=in_flight, seconds=seconds)
        case users:
            return replace(
                job, users=users.users, seconds=users.seconds, requests=users.requests, think=users.think
            )


def longest(run: LoadRun) -> float:
    """How many seconds a run may take, warm-up and last answers included.

    A number of requests may take as long as if each took its whole deadline, but no more than ten minutes.
    """
    match run.model:
        case Arrivals(seconds=seconds):
            return run.warmup + seconds + run.deadline
        case users if users.seconds is not None:
            return run.warmup + users.seconds + run.deadline
        case users:
            each = ceil((users.requests or 0) / users.users) * (run.deadline + users.think[1])
            return run.warmup + min(each, 600.0) + run.deadline


def _ask(request: LoadRequest, credentials: Credentials) -> Ask:
    query = urlencode([(name, value.reveal()) for name, value in credentials.query])
    separator = ("&" if "?" in request.target else "?") if query else ""
    return Ask(
        name=request.name,
        method=request.method,
        target=f"{request.target}{separator}{query}",
        headers=(*request.headers, *_headers(credentials)),
        body=request.body.decode() if request.body is not None else None,
        statuses=request.statuses,
        weight=request.weight,
    )


def _headers(credentials: Credentials) -> Headers:
    return tuple((name, value.reveal()) for name, value in credentials.headers)


def _proxy(url: str) -> str:
    """The proxy that the usual variables name for `url` (HTTPS_PROXY, NO_PROXY), as other requests use it."""
    parts = urlsplit(url)
    return "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
