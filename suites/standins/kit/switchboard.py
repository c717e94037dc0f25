"""Switches faults on and off, one at a time, and knows which are on."""

import asyncio
from collections.abc import Iterable

from suites.standins.kit.faults import Fault, InVariables, Parts, Variables


class UnknownFaultError(LookupError):
    """No fault has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no fault is called {name!r}")


class Switchboard:
    """The faults of one stand-in."""

    def __init__(self, faults: Iterable[Fault], parts: Parts) -> None:
        self._faults = {fault.name: fault for fault in faults}
        self._parts = parts
        self._active: dict[str, Fault] = {}
        self._busy = asyncio.Lock()

    def table(self) -> list[dict[str, object]]:
        """Return every fault: name, what it breaks, where it acts, whether it is on."""
        return [
            {
                "name": name,
                "breaks": fault.breaks,
                "where": fault.act.where,
                "only": fault.only,
                "on": name in self._active,
            }
            for name, fault in self._faults.items()
        ]

    def variables(self) -> Variables:
        """Return the variables as the deployment gives them now."""
        variables = dict(self._parts.variables)
        for fault in self._active.values():
            if isinstance(fault.act, InVariables):
                variables = fault.act.changed(variables)
        return variables

    async def on(self, name: str) -> None:
        """Switch a fault on; return when it is in effect."""
        fault = self._find(name)
        async with self._busy:
            if name not in self._active:
                await fault.act.on(self._parts)
                self._active[name] = fault
                await self._tell()

    async def off(self, name: str) -> None:
        """Switch a fault off; return when it no longer is in effect."""
        fault = self._find(name)
        async with self._busy:
            if self._active.pop(name, None):
                await self._tell()
                await fault.act.off(self._parts)

    async def all_off(self) -> None:
        """Switch every fault off, the last one first."""
        for name in reversed(list(self._active)):
            await self.off(name)

    def _find(self, name: str) -> Fault:
        try:
            return self._faults[name]
        except KeyError:
            raise UnknownFaultError(name) from None

    async def _tell(self) -> None:
        await self._parts.replicas.switch(self._active)
