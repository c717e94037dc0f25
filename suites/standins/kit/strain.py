"""What requests suffer on their way through the balancer: slowness, errors, stalls, hanging, dying.

Counted, not drawn, where a share is meant: every n-th request suffers, so a fault is the same every time.
Only reads of the API suffer: whoever looks whether the deployment is up, or logs in, doesn't notice.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from suites.standins.kit.balancer import Onward, Strain
from suites.standins.kit.faults import Parts
from suites.standins.kit.listener import Drip, Request, reply
from suites.standins.kit.tls import GOOD

SEED = 7
"""Of the noise: the same at every start."""


@dataclass(slots=True)
class Some:
    """Every n-th request suffers: of one replica, or of paths with a text in them, if given."""

    suffer: Strain
    every: int = 1
    replica: int | None = None
    path: str = ""
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Suffer, if it is this request's turn."""
        meant = self.path in request.target and self.replica in (None, number)
        if meant and next(self.turns) % self.every == self.every - 1:
            return await self.suffer(request, number, onward)
        return await onward()


@dataclass(slots=True)
class Slow:
    """A request takes longer, by seconds."""

    seconds: float

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait."""
        await asyncio.sleep(self.seconds)
        return await onward()


@dataclass(slots=True)
class SlowFirst:
    """The first request takes longer: a cold start."""

    seconds: float
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait, if it is the first."""
        if next(self.turns) == 0:
            await asyncio.sleep(self.seconds)
        return await onward()


@dataclass(slots=True)
class Noise:
    """Every request takes longer by a random time up to `seconds`."""

    seconds: float
    drawn: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - the same numbers in each run

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait a little."""
        await asyncio.sleep(self.drawn.uniform(0, self.seconds))
        return await onward()


@dataclass(slots=True)
class Errors:
    """A request gets 500."""

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Answer 500."""
        return reply(500, {"message": "internal error"}, {"x-replica": f"replica-{number + 1}"})


@dataclass(slots=True)
class Stalls:
    """For the first `seconds` of every `period`, counted from the first request, nothing is answered."""

    seconds: float
    period: float
    began: float | None = None

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait for the end of a stall."""
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        into = (now - self.began) % self.period
        if into < self.seconds:
            await asyncio.sleep(self.seconds - into)
        return await onward()


@dataclass(slots=True)
class Caps:
    """No more requests than this in a second: the others queue."""

    rate: float
    free: float = 0.0

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait in the queue."""
        now = time.monotonic()
        self.free = max(now, self.free) + 1 / self.rate
        await asyncio.sleep(self.free - now)
        return await onward()


@dataclass(slots=True)
class Tires:
    """Every request makes all later ones slower, by seconds."""

    seconds: float
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait as long as all earlier ones have made it."""
        await asyncio.sleep(self.seconds * next(self.turns))
        return await onward()


@dataclass(slots=True)
class Hanging:
    """A request is never answered."""

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Wait until the connection is dropped."""
        await asyncio.Event().wait()
        return await onward()


@dataclass(slots=True)
class Dripping:
    """Bodies come a byte at a time."""

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Answer, slowly."""
        return Drip(await onward())


@dataclass(slots=True)
class Dies:
    """After so many requests the public port is closed."""

    after: int
    parts: Parts
    turns: "itertools.count[int]" = field(default_factory=itertools.count)
    closing: "asyncio.Task[None] | None" = None

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Close the port, if it is time; this request is not answered either."""
        if next(self.turns) == self.after:
            self.closing = asyncio.create_task(self.parts.balancer.close())
        return await onward()

    async def mend(self) -> None:
        """Listen again, on the same port."""
        if self.closing is not None:
            await self.closing
            await self.parts.balancer.open()


@dataclass(slots=True)
class ChangesCertificate:
    """After so many requests new connections see a certificate for another name, and old ones end."""

    after: int
    parts: Parts
    name: str = "wrong_name"
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Change it, if it is time."""
        if next(self.turns) == self.after:
            self.parts.certificates.show(self.name)
            self.parts.balancer.drop_connections()
        return await onward()

    async def mend(self) -> None:
        """Show the good one."""
        self.parts.certificates.show(GOOD)


@dataclass(slots=True)
class Kills:
    """After so many requests one replica's process is killed, whatever it is answering, and stays dead."""

    after: int
    parts: Parts
    replica: int
    turns: "itertools.count[int]" = field(default_factory=itertools.count)
    killing: "asyncio.Task[None] | None" = None

    async def __call__(self, request: Request, number: int, onward: Onward) -> bytes:
        """Kill it, if it is time."""
        if next(self.turns) == self.after:
            self.killing = asyncio.create_task(self.parts.replicas.kill([self.replica]))
        return await onward()

    async def mend(self) -> None:
        """Start it again."""
        if self.killing is not None:
            await self.killing
            await self.parts.replicas.start([self.replica])


@runtime_checkable
class Mended(Protocol):
    """A strain that leaves something behind."""

    async def mend(self) -> None:
        """Let it be as it was before."""


@dataclass(frozen=True, slots=True)
class Strained:
    """Reads of the API go through a strain, which begins anew each time it is switched on."""

    make: Callable[[Parts], Strain]
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Put it in the way."""
        parts.balancer.strains[self] = self.make(parts)

    async def off(self, parts: Parts) -> None:
        """Take it away, and mend what it has broken."""
        strain = parts.balancer.strains.pop(self)
        if isinstance(strain, Mended):
            await strain.mend()


@dataclass(frozen=True, slots=True)
class Weighted:
    """The last replica gets this share of the requests, the others the rest."""

    share: float
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Weigh."""
        parts.balancer.weigh(round(1 / self.share))

    async def off(self, parts: Parts) -> None:
        """Take turns again."""
        parts.balancer.weigh(0)


@dataclass(frozen=True, slots=True)
class Both:
    """Two at once: the second begins when the first is on."""

    first: Strained | Weighted
    second: Strained | Weighted
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Switch on one after the other."""
        await self.first.on(parts)
        await self.second.on(parts)

    async def off(self, parts: Parts) -> None:
        """Switch off in reverse."""
        await self.second.off(parts)
        await self.first.off(parts)
