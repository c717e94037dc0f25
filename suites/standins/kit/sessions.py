"""Faults of the database that no statement in a transaction can make: sessions, and the server's settings."""

import asyncio
import time
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from suites.standins.kit.faults import Parts

HOLDING = """
select count(*) from pg_stat_activity as a
left join pg_locks as l on l.pid = a.pid and not l.granted
where a.application_name = %s and (a.state = 'idle in transaction' or l.pid is not null)
  and clock_timestamp() - coalesce(l.waitstart, a.state_change) >= make_interval(secs => %s)
"""
"""Sessions that have been idle in a transaction, or waiting for a lock, for so many seconds."""

STILL_THERE = "select count(*) from pg_stat_activity where application_name = %s"
PAUSE = 0.02
A_WHILE = 0.2
"""Seconds between two looks; slept here, since the server counts its own sleep as a slow statement."""


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A session of `role` runs a statement and leaves its transaction open, for `seconds` at least.

    If another one `waits`, it asks the same and does not get it.
    """

    role: str
    application: str
    statement: str
    seconds: float
    waits: bool = False
    where: str = "database"

    async def on(self, parts: Parts) -> None:
        """Open the sessions, and let the time pass."""
        try:
            await asyncio.to_thread(self._open, parts)
        except psycopg.Error:
            await self.off(parts)
            raise

    async def off(self, parts: Parts) -> None:
        """Close them and wait until the server has noticed."""
        await asyncio.to_thread(self._close, parts)

    def _open(self, parts: Parts) -> None:
        holding = self._session(parts)
        holding.execute(self.statement.encode())
        if self.waits:
            self._session(parts).pgconn.send_query(self.statement.encode())
        with psycopg.connect(parts.database, autocommit=True) as admin:
            while _value(admin, HOLDING, self.application, self.seconds) != str(len(parts.sessions)):
                time.sleep(PAUSE)

    def _session(self, parts: Parts) -> psycopg.Connection[tuple[object, ...]]:
        session = psycopg.connect(parts.database, user=self.role, application_name=self.application)
        parts.sessions.append(session)
        return session

    def _close(self, parts: Parts) -> None:
        for session in parts.sessions:
            session.close()
        parts.sessions.clear()
        with psycopg.connect(parts.database, autocommit=True) as admin:
            while _value(admin, STILL_THERE, self.application) != "0":
                time.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class Archive:
    """The log is archived by another command, and the archiver has tried it."""

    command: str
    right: str
    where: str = "database"

    async def on(self, parts: Parts) -> None:
        """Set it, and wait for the first attempt that fails."""
        await asyncio.to_thread(self._set, parts, self.command, "last_failed_time")

    async def off(self, parts: Parts) -> None:
        """Set the right one again, and wait until a segment is archived."""
        await asyncio.to_thread(self._set, parts, self.right, "last_archived_time")

    def _set(self, parts: Parts, command: str, column: str) -> None:
        with psycopg.connect(parts.database, autocommit=True) as admin:
            seen = sql.SQL("select {} from pg_stat_archiver").format(sql.Identifier(column))
            admin.execute(sql.SQL("alter system set archive_command = {}").format(command))
            before = _value(admin, seen)
            admin.execute("select pg_reload_conf()")
            while _value(admin, seen) == before:  # the archiver may take a segment before it has reloaded
                admin.execute("select pg_logical_emit_message(false, 'archive', ''), pg_switch_wal()")
                time.sleep(A_WHILE)


def _value(
    connection: psycopg.Connection[tuple[object, ...]],
    query: LiteralString | sql.Composed,
    *values: str | float,
) -> str:
    row = connection.execute(query, values or None).fetchone()
    assert row is not None
    return str(row[0])
