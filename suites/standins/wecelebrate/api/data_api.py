"""The platform's data API: tables over HTTP, past the function, held by row-level security alone."""

import psycopg
from psycopg import sql
from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, answer
from suites.standins.wecelebrate.api.auth_service import with_api_key
from suites.standins.wecelebrate.api.caller import PLATFORM, Caller
from suites.standins.wecelebrate.api.database import Database
from suites.standins.wecelebrate.api.tokens import verify

MAX_ROWS = 1000
NOT_FILTERS = frozenset({"select", "limit"})
EQUALS = "eq."
ANONYMOUS = Caller(claims={"role": "anon"}, database_role="anon")
CHALLENGE = {"www-authenticate": "Bearer"}


async def rows(request: Request) -> Response:
    """Return the rows of a table that whoever asks may see: as anon, as a user, or as the platform."""
    if refused := with_api_key(request):
        return refused
    caller = await _caller(request)
    if caller is None:
        return _refusal(401, "PGRST301", "No suitable key or wrong key type", CHALLENGE)
    filters = {name: value for name, value in request.query_params.items() if name not in NOT_FILTERS}
    if wrong := [value for value in filters.values() if not value.startswith(EQUALS)]:
        return _refusal(400, "PGRST100", f'"failed to parse filter ({wrong[0]})"')
    limit = request.query_params.get("limit", str(MAX_ROWS))
    if not limit.isdecimal():
        return _refusal(400, "PGRST100", f'"failed to parse limit ({limit})"')
    query = sql.SQL("select * from {table} where {where} limit {limit}").format(
        table=sql.Identifier("public", request.path_params["table"]),
        where=sql.SQL(" and ").join([sql.SQL("true"), *map(_condition, filters)]),
        limit=min(int(limit), MAX_ROWS),
    )
    values = {name: value.removeprefix(EQUALS) for name, value in filters.items()}
    database: Database = request.app.state.database
    try:
        async with database.as_caller(caller) as connection:
            return answer(await (await connection.execute(query, values)).fetchall())
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return _refusal(404, "PGRST205", "Could not find the table in the schema cache")
    except psycopg.errors.InsufficientPrivilege as error:
        return _denied(caller, str(error))


def _condition(name: str) -> sql.Composed:
    return sql.SQL("{}::text = {}").format(sql.Identifier(name), sql.Placeholder(name))


async def _caller(request: Request) -> Caller | None:
    """Return who asks; None for a token that is worth nothing. Without one, the key says who."""
    replica: Replica = request.app.state.replica
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = given if scheme.lower() == "bearer" else request.headers["apikey"]
    known = {replica.settings["anon_key"]: ANONYMOUS, replica.settings["service_key"]: PLATFORM}
    if token in known:
        return known[token]
    try:
        return await verify(replica, f"Bearer {token}")
    except ApiError:
        return None


def _denied(caller: Caller, reason: str) -> Response:
    if caller is ANONYMOUS:
        return _refusal(401, "42501", reason, CHALLENGE)
    return _refusal(403, "42501", reason)


def _refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return answer({"code": code, "message": message, "details": None, "hint": None}, status, headers)
