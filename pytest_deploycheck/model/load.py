"""A load run: what is sent, how fast, and what ends it early."""

from dataclasses import dataclass
from pathlib import Path

from pytest_deploycheck.model.creation import Creation
from pytest_deploycheck.model.names import ANONYMOUS

MOST_REQUESTS = 5_000_000
"""More requests than one run may send: every latency is kept, in four bytes."""


WEBSOCKET = "WS"
"""What stands for the method of a request that opens a WebSocket (RFC 6455)."""
OPENING = "OPEN"
"""What stands for it in the name of the opening handshake alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What goes over a WebSocket: `messages` are sent, and one that contains `expected` is awaited, if given.

    Then the connection must last for `hold` seconds. {names} stand for values of the test data. `token_in`
    names a field of the query that carries the token, instead of the headers.
    """

    messages: tuple[str, ...] = ()
    expected: str = ""
    hold: float = 0.0
    token_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """A request of a declared scenario.

    `target` is a path below the base URL; {names} in it and in the body stand for values of the test data.
    `statuses` are those of a good answer. `weight` is how often it is sent, relative to the others. `creates`
    says how to undo it; then it holds {mark}, and is sent at most `creations` times. `talk` is a WebSocket's.
    """

    method: str
    target: str
    identity: str = ANONYMOUS
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    statuses: tuple[int, ...] = tuple(range(200, 300))
    weight: float = 1.0
    creates: Creation | None = None
    creations: int = 0
    talk: Talk | None = None

    @property
    def name(self) -> str:
        """What thresholds and reports call it."""
        return f"{self.method} {self._path}"

    @property
    def part(self) -> str:
        """What they call the opening of a WebSocket, which is a part of the request; nothing of others."""
        return f"{OPENING} {self._path}" if self.talk else ""

    @property
    def _path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Stage:
    """So many arrivals a second, for so many seconds."""

    rate: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Open: arrivals come whether or not others were answered; at most `in_flight` are under way at once.

    The rate rises evenly during the warm-up, and then follows the stages.
    """

    stages: tuple[Stage, ...]
    in_flight: int

    @property
    def seconds(self) -> float:
        """How long it takes, without the warm-up."""
        return sum(stage.seconds for stage in self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """Closed: each user waits for its answer, thinks, and asks again. `seconds` or `requests` is given.

    `spawn_rate` is in users per second, `think` the shortest and the longest pause in seconds.
    """

    users: int
    spawn_rate: float
    seconds: float | None = None
    requests: int | None = None
    think: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Workers:
    """Worker processes that are started elsewhere, and where they reach the master.

    `wait` is how many seconds they may take to come.
    """

    expected: int
    host: str = "127.0.0.1"
    port: int = 5557
    wait: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """Stop once it is shown that more than `share` of the requests are bad: slower than `limit`, or failed.

    Shown with `confidence`, however often one looks. `limit` is in seconds; None: failed requests alone are
    bad. `endpoint` is a request's name; None: all. `block`: seconds in which bad requests may come together.
    `ends` are seconds at which counting begins anew, those of stages. `told` is how the rule was written.
    """

    share: float
    confidence: float
    limit: float | None = None
    endpoint: str | None = None
    block: int = 5
    ends: tuple[float, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRun:
    """Load on the deployment, by locust in a process of its own.

    `scenario` is a list of requests, or the path of a locustfile. `warmup` and `deadline` are in seconds; the
    deadline is for a whole request. `identities` are those that a locustfile's users send as, in turn. `most`
    and `most_rate` are caps. `breaker` failures in a row end the run. `version_header` names the header of a
    reply that tells which version answered. `read_only` declares that nothing a locustfile sends is a write.
    `data` are rows of values; each request takes the next one, or each user, who keeps it, with `keeps_row`.
    """

    name: str
    scenario: tuple[LoadRequest, ...] | Path
    model: Arrivals | Users
    most: int
    most_rate: float | None = None
    warmup: float = 0.0
    deadline: float = 10.0
    identities: tuple[str, ...] = ()
    data: tuple[tuple[tuple[str, str], ...], ...] = ()
    keeps_row: bool = False
    breaker: int = 20
    processes: int = 1
    workers: Workers | None = None
    stops: tuple[StopRule, ...] = ()
    version_header: str = ""
    read_only: bool = False

    @property
    def senders(self) -> frozenset[str]:
        """The identities that it sends as, those of nobody left out."""
        asked = {request.identity for request in self.scenario} if isinstance(self.scenario, tuple) else set()
        return frozenset({*asked, *self.identities}) - {ANONYMOUS}

    @property
    def names(self) -> frozenset[str]:
        """The names of its requests; none if only a locustfile knows them."""
        declared = self.scenario if isinstance(self.scenario, tuple) else ()
        return frozenset(request.name for request in declared)

    @property
    def parts(self) -> frozenset[str]:
        """The names of the parts of its requests that are measured too, and no requests of their own."""
        declared = self.scenario if isinstance(self.scenario, tuple) else ()
        return frozenset(request.part for request in declared if request.part)

    @property
    def creations(self) -> int:
        """How often it creates something, at most."""
        return sum(r.creations for r in self.scenario) if isinstance(self.scenario, tuple) else 0

    @property
    def generators(self) -> int:
        """How many processes send requests."""
        return self.workers.expected if self.workers else self.processes
