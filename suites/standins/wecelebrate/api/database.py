"""The database as the API uses it: always as the caller, never as itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from suites.standins.wecelebrate.api.caller import Caller

POOL_SIZE = 5
BECOME = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"

Connection = psycopg.AsyncConnection[DictRow]
Row = dict[str, Any]


class Database:
    """A few connections of the role `authenticator`, opened when first needed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._slots: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()
        for _ in range(POOL_SIZE):
            self._slots.put_nowait(None)

    @asynccontextmanager
    async def as_caller(self, caller: Caller) -> AsyncIterator[Connection]:
        """Run one transaction with the caller's role and claims."""
        connection = await self._slots.get()
        try:
            if connection is None or connection.closed:
                connection = await self._connect()
            async with connection.transaction():
                await connection.execute(BECOME, (caller.database_role, json.dumps(caller.claims)))
                yield connection
        finally:
            self._slots.put_nowait(connection)

    async def _connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, row_factory=dict_row, application_name="wecelebrate-api"
        )
