"""Administrators of a tenant: invited and removed by one another."""

import re
import secrets
import uuid

import psycopg
from starlette.requests import Request
from starlette.responses import Response

from suites.standins.wecelebrate.api.answers import ApiError, answer, invalid, read_object
from suites.standins.wecelebrate.api.caller import PLATFORM, caller_of
from suites.standins.wecelebrate.api.database import Database
from suites.standins.wecelebrate.api.resources import ADMINS, item_of

ROLES = frozenset({"admin", "manager", "viewer"})
MAX_EMAIL = 200
INVITE = f"""
with account as (
  insert into auth.users (id, email, encrypted_password) values (%(user)s, %(email)s, %(password)s)
)
insert into public.admin_users (client_id, user_id, email, role)
values (%(tenant)s, %(user)s, %(email)s, %(role)s) returning {", ".join(ADMINS.columns)}
"""  # noqa: S608 - columns from our own table
REMOVE = """
with removed as (delete from public.admin_users where id = %(id)s returning user_id)
delete from auth.users where id = (select user_id from removed) and email_confirmed_at is null
"""


async def invite(request: Request) -> Response:
    """Invite an administrator: an account that is not confirmed yet."""
    caller = caller_of(request)
    given = await read_object(request)
    email, role = given.get("email"), given.get("role", "viewer")
    if not isinstance(email, str) or len(email) > MAX_EMAIL or not re.fullmatch(r"[\w.+-]+@[\w.-]+", email):
        raise invalid("email must be an address")
    if role not in ROLES:
        raise invalid(f"role must be one of {', '.join(sorted(ROLES))}")
    values = {"user": uuid.uuid4(), "email": email.lower(), "role": role, "tenant": caller.tenant}
    values["password"] = secrets.token_hex()  # nobody knows it, and it is no hash: nobody can log in
    database: Database = request.app.state.database
    try:
        async with database.as_caller(PLATFORM) as connection:
            created = await (await connection.execute(INVITE.encode(), values)).fetchone()
    except psycopg.errors.UniqueViolation:
        raise ApiError(409, "conflict", "this address is taken") from None
    return answer(created, 201)


async def remove(request: Request) -> Response:
    """Remove an administrator who has left no trace in the audit log."""
    caller = caller_of(request)
    database: Database = request.app.state.database
    async with database.as_caller(caller) as connection:
        admin = await item_of(connection, caller, ADMINS, request.path_params["id"])
    try:
        async with database.as_caller(PLATFORM) as connection:
            await connection.execute(REMOVE.encode(), admin)
    except psycopg.errors.ForeignKeyViolation:
        raise ApiError(409, "conflict", "the audit log names this administrator") from None
    return Response(status_code=204)
