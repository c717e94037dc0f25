"""What is asked about one limit, and what was found."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.request import request_of
from pytest_deploycheck.checks.limits.clients import Client, Sending, as_client
from pytest_deploycheck.checks.limits.count import most
from pytest_deploycheck.checks.limits.disguise import disguises
from pytest_deploycheck.checks.limits.judge import Bound
from pytest_deploycheck.model.check import RateLimit
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked about a limit. `refusal` says what the body of a 429 must show.

    `own` is the limit as the contract declares it, `declared` tells all that it does. A user sends as
    `clients` in turn, where there are any. What the environment's headers exempt is sent without them.
    """

    act: Act
    refusal: Act
    bound: Bound
    own: RateLimit
    other: str | None
    recovers: bool
    forged: bool
    declared: Callable[[], tuple[RateLimit, ...]] = tuple
    clients: tuple[Client, ...] = ()

    @property
    def pressing(self) -> int:
        """The requests that follow a count."""
        tried = disguises(self.request("plain"), forged=self.forged)
        return 2 + len(tried) + (self.other is not None)

    @property
    def most(self) -> int:
        """The most requests: two counts, what follows each, and the last one."""
        return 2 * (most(self.bound.limit) + self.pressing) + 1

    def request(self, purpose: str, number: int = 0) -> HttpRequest:
        """Return the request with a number, from 0: of several clients each has its turn."""
        plain = replace(request_of(self.act, {}, purpose), bare=self.own.exempted)
        return as_client(self.clients, plain, number)

    @property
    def hidden(self) -> str:
        """Why the limit of a user would not be seen, or nothing."""
        if not self.bound.user:
            return ""
        sending = Sending(
            path=self.act.line.target,
            requests=most(self.bound.limit),
            more=self.pressing,
            clients=len(self.clients),
            exempted=self.own.exempted,
        )
        return sending.hidden_by(self.declared())


@dataclass(slots=True)
class Found:
    """What is wrong, what could not be decided, and what is worth telling if neither is."""

    faults: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hint: str = ""

    @property
    def outcome(self) -> Outcome:
        """A fault counts whatever else could not be seen."""
        if self.faults:
            return Failed("\n".join(self.faults), self.hint)
        if self.undecided:
            return Inconclusive("; ".join(self.undecided))
        return Passed(", ".join(self.notes))
