"""What the load generator is told: all of it, credentials included, through a file that has no name."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

FD = "DEPLOYCHECK_LOAD_JOB"
"""The variable that holds the number of the file descriptor to read the job from."""
PARENT = "DEPLOYCHECK_LOAD_PARENT"
"""The variable that holds the number of the process that started the generators."""
RESULT = "DEPLOYCHECK_LOAD_RESULT"
"""The variable that holds the number of the file descriptor to write lines to."""

GOODBYE = 1.0
"""Seconds that a deployment has to say that it closes a WebSocket too (RFC 6455, 7.1.1)."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A declared request with the headers of whoever sends it; `query` are fields that carry credentials.

    One that `creates` takes one of the `marks` each time, and is sent no more when they are used up. What
    opens a WebSocket has the name of that as its `part`; `messages`, `expected` and `hold` are of its talk.
    """

    name: str
    method: str
    target: str
    headers: Headers = ()
    body: str | None = None
    statuses: tuple[int, ...] = ()
    weight: float = 1.0
    creates: bool = False
    marks: tuple[str, ...] = ()
    query: Headers = ()
    part: str = ""
    messages: tuple[str, ...] = ()
    expected: str = ""
    hold: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and that of its part if it has one."""
        return (self.name, self.part) if self.part else (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A load run as plain data. Times are in seconds.

    `stages` are (rate, seconds) of open arrivals; without them `users` are closed. `spread` are the headers
    that a locustfile's users send, in turn. `host` is the only origin that anything is sent to. `generators`
    processes share the rates, the numbers and the caps. `read_only`: no method changes anything. `file`
    tells the locustfile from others. `keeps_row`: a user takes one row of the `data` for all it sends.
    """

    host: str
    asks: tuple[Ask, ...] = ()
    data: tuple[Mapping[str, str], ...] = ()
    keeps_row: bool = False
    spread: tuple[Headers, ...] = ()
    headers: Headers = ()
    stages: tuple[tuple[float, float], ...] = ()
    in_flight: int = 0
    users: int = 0
    seconds: float | None = None
    requests: int | None = None
    think: tuple[float, float] = (0.0, 0.0)
    warmup: float = 0.0
    deadline: float = 10.0
    longest: float = 3600.0
    breaker: int = 20
    most: int = 0
    most_rate: float | None = None
    version_header: str = ""
    ca: str = ""
    proxy: str = ""
    generators: int = 1
    read_only: bool = False
    file: str = ""


def fingerprint(job: Job) -> str:
    """What two processes must agree about; nothing of whom they send as, and how they get there."""
    told = asdict(job)
    for name in ("spread", "headers", "ca", "proxy", "host"):
        del told[name]
    personal = ("headers", "query", "marks")
    told["asks"] = [{k: v for k, v in ask.items() if k not in personal} for ask in told["asks"]]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def dump(job: Job) -> str:
    """Return the job as JSON."""
    return json.dumps(asdict(job))


def parse(text: str) -> Job:
    """Return the job that `dump` was given."""
    data: dict[str, Any] = json.loads(text)
    asks = tuple(
        Ask(
            **{
                **a,
                "headers": _pairs(a["headers"]),
                "statuses": tuple(a["statuses"]),
                "marks": tuple(a["marks"]),
                "query": _pairs(a["query"]),
                "messages": tuple(a["messages"]),
            }
        )
        for a in data["asks"]
    )
    shaped = {
        "asks": asks,
        "data": tuple(data["data"]),
        "spread": tuple(map(_pairs, data["spread"])),
        "headers": _pairs(data["headers"]),
        "stages": tuple((rate, seconds) for rate, seconds in data["stages"]),
        "think": (data["think"][0], data["think"][1]),
    }
    return Job(**{**data, **shaped})


def _pairs(items: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in items)


def conceal(text: str) -> int:
    """Return a file descriptor that `text` can be read from.

    The file has no name, so nobody finds it; on Linux it is in memory alone (memfd_create(2)).
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("deploycheck")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    with os.fdopen(os.dup(descriptor), "wb") as writing:
        writing.write(text.encode())
    return descriptor


def reveal(descriptor: int) -> str:
    """Return what `conceal` was given; any number of processes may ask, each time for all of it."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode()
