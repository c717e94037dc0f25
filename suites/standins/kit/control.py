"""The control port: faults, counters, clock, variables and state, behind a token."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from suites.standins.kit.elsewhere import Elsewhere
from suites.standins.kit.fingerprint import fingerprint
from suites.standins.kit.limiter import Limiter, MovableClock
from suites.standins.kit.listener import Listener, Request, reply
from suites.standins.kit.switchboard import Switchboard, UnknownFaultError

TOKEN_HEADER = b"x-standin-token"

Route = Callable[[str, dict[str, Any]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Protected:
    """What the control port shows, and to whom."""

    database: str
    sessions: frozenset[str]
    token: str


@dataclass(slots=True)
class Control:
    """Answers the control port."""

    switchboard: Switchboard
    limiter: Limiter
    clock: MovableClock
    elsewhere: Elsewhere
    protected: Protected
    listener: Listener = field(init=False)
    _routes: dict[tuple[str, str], Route] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the routes."""
        self.listener = Listener(self._answer)
        self._routes = {
            ("GET", "faults"): self._faults,
            ("PUT", "faults"): self._on,
            ("DELETE", "faults"): self._off,
            ("POST", "reset"): self._reset,
            ("PUT", "limits"): self._limits,
            ("POST", "clock"): self._forward,
            ("GET", "variables"): self._variables,
            ("GET", "state"): self._state,
            ("GET", "elsewhere"): self._seen,
        }

    async def _answer(self, request: Request) -> bytes:
        if not hmac.compare_digest(request.head.value(TOKEN_HEADER), self.protected.token.encode()):
            return reply(401, {"message": "the control token is missing or wrong"})
        noun, _, rest = request.target.partition("?")[0].strip("/").partition("/")
        route = self._routes.get((request.method, noun))
        if route is None:
            return reply(404, {"message": f"no {request.method} /{noun}"})
        try:
            return reply(200, await route(rest, json.loads(request.body or b"{}")))
        except UnknownFaultError as error:
            return reply(404, {"message": str(error)})
        except (KeyError, TypeError, ValueError) as error:
            return reply(400, {"message": f"not understood: {error}"})
        except (psycopg.Error, OSError, RuntimeError) as error:
            return reply(500, {"message": f"{type(error).__name__}: {error}"})

    async def _faults(self, _rest: str, _body: dict[str, Any]) -> object:
        return {"faults": self.switchboard.table()}

    async def _on(self, name: str, _body: dict[str, Any]) -> object:
        await self.switchboard.on(name)
        return await self._faults("", {})

    async def _off(self, name: str, _body: dict[str, Any]) -> object:
        await (self.switchboard.off(name) if name else self.switchboard.all_off())
        return await self._faults("", {})

    async def _reset(self, _rest: str, _body: dict[str, Any]) -> object:
        self.limiter.reset()
        self.elsewhere.forget()
        return {}

    async def _limits(self, _rest: str, body: dict[str, Any]) -> object:
        self.limiter.limit = int(body.get("limit", self.limiter.limit))
        self.limiter.window = float(body.get("window", self.limiter.window))
        self.limiter.reset()
        return {"limit": self.limiter.limit, "window": self.limiter.window}

    async def _forward(self, _rest: str, body: dict[str, Any]) -> object:
        self.clock.advance(float(body["advance"]))
        return {}

    async def _variables(self, _rest: str, _body: dict[str, Any]) -> object:
        return self.switchboard.variables()

    async def _state(self, _rest: str, _body: dict[str, Any]) -> object:
        return await asyncio.to_thread(fingerprint, self.protected.database, self.protected.sessions)

    async def _seen(self, _rest: str, _body: dict[str, Any]) -> object:
        return {"requests": self.elsewhere.requests}
