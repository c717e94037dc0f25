"""Limiters of our own, without a server, and how the check of a limit is held against them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome
from pytest_deploycheck.model.probe import HttpRequest, Pause, Probe
from tests.checks.contracts import declare_one, reply

LIMIT, WINDOW = 20, 60.0
PER_ADDRESS = f"{{path: /products, limit: {LIMIT}, window: 60s, per: address}}"
PER_USER = f"{{path: /products, as: shopper, limit: {LIMIT}, window: 60s, per: user, other: other}}"
ERROR = f"{{path: /products, limit: {LIMIT}, window: 60s, per: address, error: {{$.code: rate_limited}}}}"
STOPPED = "a pause of 61 s is longer than --deploycheck-max-wait allows"

Key = Callable[[HttpRequest], str]


def by_address(request: HttpRequest) -> str:
    return "us"


def by_user(request: HttpRequest) -> str:
    return request.identity


def by_forged(name: str) -> Key:
    return lambda request: dict(request.headers).get(name, "us")


@dataclass
class Limiter:
    """A deployment that counts in fixed windows, each from the first request in it; with its own time."""

    limit: int = LIMIT
    window: float = WINDOW
    key: Key = by_address
    replicas: int = 1
    fields: bool = True
    off: bool = False
    sticks: bool = False
    takes: float = 0.01
    longest_pause: float = 75.0
    refusal: dict[str, Any] = field(default_factory=dict)
    now: float = 1000.0
    turn: int = 0
    sent: list[HttpRequest] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    windows: dict[tuple[int, str], tuple[float, int]] = field(default_factory=dict)

    def __call__(self, probe: Probe) -> Evidence:
        match probe:
            case HttpRequest():
                self.sent.append(probe)
                return self.serve(probe)
            case Pause(seconds=seconds) if seconds > self.longest_pause:
                return Withheld(STOPPED)
            case Pause(seconds=seconds):
                self.pauses.append(seconds)
                self.now += seconds
                return Paused(seconds)
            case _:
                raise AssertionError(probe)

    def serve(self, request: HttpRequest) -> Reply:
        self.now += self.takes
        self.turn += 1
        place = self.turn % self.replicas, self.key(request)
        ends, used = self.windows.get(place, (0.0, 0))
        if ends <= self.now and not (self.sticks and used):
            ends, used = self.now + self.window, 0
        self.windows[place] = ends, used + 1
        reset = max(1, round(ends - self.now))
        remaining = max(0, self.limit - used - 1)
        headers = (
            {"ratelimit_limit": str(self.limit), "ratelimit_remaining": str(remaining)}
            | {"ratelimit_reset": str(reset)}
            if self.fields
            else {}
        )
        if used < self.limit or self.off:
            return reply(200, "[]", elapsed=self.takes, **headers)
        said = {"status": 429, "body": '{"code": "rate_limited"}', "retry_after": str(reset)}
        return reply(elapsed=self.takes, **{**headers, **said, **self.refusal})

    def meet(self, requests: int, request: HttpRequest | None = None) -> None:
        """What the run sent before."""
        for _ in range(requests):
            self.serve(request or HttpRequest(method="GET", target="/products"))


def hold(check: Check, limiter: Limiter) -> Outcome:
    steps = check.steps()
    try:
        probes = next(steps)
        while True:
            probes = steps.send(tuple(limiter(probe) for probe in probes))
    except StopIteration as end:
        outcome: Outcome = end.value
        assert len(limiter.sent) <= check.spend.requests
        return outcome


def outcome(text: str, limiter: Limiter) -> Outcome:
    return hold(declare_one("rate_limit", text), limiter)


def failed(text: str, limiter: Limiter) -> Failed:
    found = outcome(text, limiter)
    assert isinstance(found, Failed)
    return found


def inconclusive(text: str, limiter: Limiter) -> str:
    found = outcome(text, limiter)
    assert isinstance(found, Inconclusive)
    return found.reason
