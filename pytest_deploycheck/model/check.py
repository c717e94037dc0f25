"""A check: what it is called, what it will spend, and the conversation that decides it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.needed import Needed
from pytest_deploycheck.model.outcome import Outcome
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.probe import Probe

Steps: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Outcome]
"""Yields probes that may run together, is sent their evidence in order, returns the outcome.

No I/O, no clock: the same evidence gives the same outcome."""


class Phase(IntEnum):
    """When a check runs; a phase starts when the one before it has ended."""

    PREPARE = 0
    """Readiness, served version, logins: nothing else runs before."""
    READ = 1
    """Changes nothing; runs ahead, concurrently."""
    WRITE = 2
    """Changes the deployment and undoes it; one after another for each tenant."""
    LOAD = 3
    """Alone, because it strains the deployment, or takes its time."""
    EXCLUSIVE = 4
    """Alone and last: what it does would disturb the others."""


class Severity(IntEnum):
    """How bad it is if the check fails, in the words of CVSS v4.0, 6."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class Weakness:
    """What a failed security check has found. `cwe` as "CWE-287"; `owasp` as "API2:2023" (API Top 10)."""

    severity: Severity
    cwe: str
    owasp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A limit that the deployment is said to hold: at most `requests` in `window` seconds.

    Of one address, or of `user` alone. `path` is all that it counts; None: the whole deployment. `exempted`:
    the environment's own headers keep the gate's other requests from being counted.
    """

    requests: int
    window: float
    user: str | None = None
    path: str | None = None
    exempted: bool = False

    def __str__(self) -> str:
        who = f"as {self.user}" if self.user else "from one address"
        return f"{many(self.requests, 'request')} in {self.window:g} s {who}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold.

    `marker` is the pytest marker and the section of the contract; `title` is unique within it.
    `identities` are those it sends as; each logs in before. `spend` is the most it sends, known before
    anything is sent. `weakness` is what its failure means, for a security check. `independent` checks
    don't need the deployment to be ready (files, variables, TLS). `routes` are the request lines
    (GET /api/orders/{order}) of what it decides about.
    """

    marker: str
    title: str
    place: Place
    steps: Callable[[], Steps]
    section: str = ""
    phase: Phase = Phase.READ
    spend: Spend = field(default_factory=Spend)
    identities: frozenset[str] = frozenset()
    tenant: str | None = None
    runbook: tuple[str, ...] = ()
    hint: str = ""
    weakness: Weakness | None = None
    trips: RateLimit | None = None
    """The rate limit that it uses up, for an exclusive check."""
    independent: bool = False
    routes: frozenset[str] = frozenset()
    refused: str = ""
    """Why it cannot run in this environment, if so: it is inconclusive, and sends nothing."""
    queries_for: str = ""
    """What each query is for, where their number depends on what the database holds: the spend is a bound."""
    needed: tuple[Needed, ...] = ()
    """Files that it reads: the user's mistakes in them are told before anything is sent."""
    shares: str = ""
    """Checks that share one load run name it: it is paid once."""

    @property
    def id(self) -> str:
        """The check's name below its contract file, as pytest prints it."""
        return f"{self.section or self.marker}::{self.title}"
