"""A fault: its name, what it breaks, and where it acts."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql

from suites.standins.kit.balancer import Balancer
from suites.standins.kit.replicas import Replicas
from suites.standins.kit.tls import GOOD, Certificates

Variables = dict[str, str]
LOCK_TIMEOUT = "5s"
PAUSE = 0.01
FLUSH = """
do $$ begin
  if to_regproc('pg_catalog.pg_stat_force_next_flush') is not null then
    perform pg_catalog.pg_stat_force_next_flush();
  end if;
end $$
"""
"""What the session counted is there for others when it has committed (from PostgreSQL 15 on)."""

IN_USE = """
select count(*), current_setting('max_connections')::int
from pg_stat_activity where backend_type = 'client backend'
"""
STILL_THERE = "select count(*) from pg_stat_activity where application_name = %s"


@dataclass(slots=True)
class Parts:
    """The parts of a running stand-in that a fault can reach."""

    database: str
    certificates: Certificates
    balancer: Balancer
    replicas: Replicas
    release: Path
    variables: Variables
    sessions: list[psycopg.Connection[tuple[object, ...]]] = field(default_factory=list)


class Act(Protocol):
    """How a fault is switched on and off."""

    @property
    def where(self) -> str:
        """Name the part it acts on."""

    async def on(self, parts: Parts) -> None:
        """Break it; return when it is broken."""

    async def off(self, parts: Parts) -> None:
        """Mend it; return when it is mended."""


@dataclass(frozen=True, slots=True)
class InReplicas:
    """The application itself behaves differently; it asks for the fault by name."""

    where: str = "replicas"

    async def on(self, parts: Parts) -> None:
        """Do nothing: every replica is told the names of the faults anyway."""

    async def off(self, parts: Parts) -> None:
        """Do nothing, see `on`."""


@dataclass(frozen=True, slots=True)
class InDatabase:
    """One statement breaks the database, another mends it."""

    break_by: str
    mend_by: str
    where: str = "database"

    async def on(self, parts: Parts) -> None:
        """Run the breaking statement."""
        await asyncio.to_thread(execute, parts.database, self.break_by)

    async def off(self, parts: Parts) -> None:
        """Run the mending statement."""
        await asyncio.to_thread(execute, parts.database, self.mend_by)


@dataclass(frozen=True, slots=True)
class IdleSessions:
    """Holds idle sessions until this share of the connections is in use."""

    share: float
    role: str
    application: str
    where: str = "database"

    async def on(self, parts: Parts) -> None:
        """Open the sessions."""
        try:
            await asyncio.to_thread(self._open, parts)
        except psycopg.Error:
            await self.off(parts)
            raise

    async def off(self, parts: Parts) -> None:
        """Close them and wait until the server has noticed."""
        await asyncio.to_thread(self._close, parts)

    def _open(self, parts: Parts) -> None:
        with psycopg.connect(parts.database, autocommit=True) as admin:
            (in_use, allowed) = _one(admin, IN_USE)
        for _ in range(int(allowed * self.share) - in_use):
            held = psycopg.connect(
                parts.database, user=self.role, application_name=self.application, autocommit=True
            )
            parts.sessions.append(held)

    def _close(self, parts: Parts) -> None:
        for session in parts.sessions:
            session.close()
        parts.sessions.clear()
        with psycopg.connect(parts.database, autocommit=True) as admin:
            while _one(admin, STILL_THERE, self.application) != (0,):
                time.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class ShowsCertificate:
    """New connections see another certificate."""

    name: str
    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Show the bad certificate."""
        parts.certificates.show(self.name)

    async def off(self, parts: Parts) -> None:
        """Show the good one."""
        parts.certificates.show(GOOD)


@dataclass(frozen=True, slots=True)
class Hangs:
    """Requests are accepted and never answered."""

    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Hold every request."""
        parts.balancer.hold()

    async def off(self, parts: Parts) -> None:
        """Let them go on."""
        parts.balancer.release()


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing listens on the public port."""

    where: str = "balancer"

    async def on(self, parts: Parts) -> None:
        """Close the port."""
        await parts.balancer.close()

    async def off(self, parts: Parts) -> None:
        """Listen again, on the same port."""
        await parts.balancer.open()


@dataclass(frozen=True, slots=True)
class Killed:
    """These replicas (counted from 0) are dead."""

    numbers: tuple[int, ...]
    where: str = "processes"

    async def on(self, parts: Parts) -> None:
        """Kill them."""
        await parts.replicas.kill(self.numbers)

    async def off(self, parts: Parts) -> None:
        """Start them again."""
        await parts.replicas.start(self.numbers)


@dataclass(frozen=True, slots=True)
class InVariables:
    """What the deployment says about itself is wrong; nothing else changes."""

    change: Callable[[Variables], Mapping[str, str | None]]
    where: str = "variables"

    async def on(self, parts: Parts) -> None:
        """Do nothing: `changed` is asked when the variables are read."""

    async def off(self, parts: Parts) -> None:
        """Do nothing, see `on`."""

    def changed(self, variables: Variables) -> Variables:
        """Return the variables with the change; a value of None removes one."""
        return {n: v for n, v in {**variables, **self.change(variables)}.items() if v is not None}


@dataclass(frozen=True, slots=True)
class InRelease:
    """The release's files are wrong."""

    break_by: Callable[[Path, Variables], None]
    mend_by: Callable[[Path, Variables], None]
    where: str = "release"

    async def on(self, parts: Parts) -> None:
        """Change the files."""
        await asyncio.to_thread(self.break_by, parts.release, parts.variables)

    async def off(self, parts: Parts) -> None:
        """Restore them."""
        await asyncio.to_thread(self.mend_by, parts.release, parts.variables)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a bad deploy breaks."""

    name: str
    breaks: str
    act: Act = InReplicas()
    only: str = ""
    """The mode without which it breaks nothing."""


def execute(database: str, statement: str) -> None:
    """Run one statement and commit, and have it counted; don't wait forever for a lock."""
    with psycopg.connect(database) as connection:
        connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
        connection.execute(sql.SQL(statement))  # from the table of faults
        connection.execute(FLUSH)


def _one(
    connection: psycopg.Connection[tuple[int, ...]], query: LiteralString, *values: str
) -> tuple[int, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row
