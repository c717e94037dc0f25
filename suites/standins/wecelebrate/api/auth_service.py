"""The platform's auth service: password login, sign-up, settings."""

import hmac
import secrets
import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, answer, read_object
from suites.standins.wecelebrate.api.caller import PLATFORM
from suites.standins.wecelebrate.api.database import Database, Row
from suites.standins.wecelebrate.api.tokens import issue, lifetime, signer, verify
from suites.standins.wecelebrate.seed import hash_password

MIN_LENGTH = 10
KINDS = (str.islower, str.isupper, str.isdigit)
COLUMNS = (
    "id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,"
    " created_at"
)
BY_EMAIL = f"select {COLUMNS} from auth.users where email = %s"  # noqa: S608 - our own columns
BY_ID = f"select {COLUMNS} from auth.users where id::text = %s"  # noqa: S608 - our own columns
MATCHING = f"""
select {COLUMNS} from auth.users where strpos(email, lower(%s)) > 0 order by created_at limit 50
"""  # noqa: S608 - our own columns
BY_REFRESH = f"""
with used as (delete from auth.refresh_tokens where token = %s returning user_id)
select {COLUMNS} from auth.users where id in (select user_id from used)
"""  # noqa: S608 - our own columns
NEW_USER = f"""
insert into auth.users (id, email, encrypted_password) values (%s, %s, %s)
on conflict (email) do nothing returning {COLUMNS}
"""  # noqa: S608 - our own columns
NEW_SESSION = "insert into auth.refresh_tokens (token, user_id) values (%s, %s) returning token"


def refusal(status: int, code: str, message: str, **more: object) -> Response:
    """Return an error in the words of Supabase's auth service."""
    return answer({"code": status, "error_code": code, "msg": message, **more}, status)


def with_api_key(request: Request) -> Response | None:
    """Refuse a request that brings no key of this project."""
    given = request.headers.get("apikey")
    if given is None:
        hint = "No `apikey` request header was found."
        return answer({"message": "No API key found in request", "hint": hint}, 401)
    settings = _replica(request).settings
    known = (settings["anon_key"], settings["service_key"])
    if not any(hmac.compare_digest(given.encode(), key.encode()) for key in known):
        hint = "Double check your Supabase `anon` or `service_role` API key."
        return answer({"message": "Invalid API key", "hint": hint}, 401)
    return None


async def settings(request: Request) -> Response:
    """Say how one can log in."""
    if refused := with_api_key(request):
        return refused
    enabled = not _replica(request).fault("email_login_disabled")
    external = {"email": enabled, "phone": False, "anonymous_users": False, "google": False}
    return answer(
        {"external": external, "disable_signup": False, "mailer_autoconfirm": False, "saml_enabled": False}
    )


async def jwks(request: Request) -> Response:
    """Publish the keys that access tokens are verified with; for everybody."""
    return answer(signer(_replica(request)).jwks())


async def token(request: Request) -> Response:
    """Give an access token for a password or a refresh token."""
    if refused := with_api_key(request):
        return refused
    fault = _replica(request).fault
    if fault("login_broken"):
        return refusal(500, "unexpected_failure", "Database error querying schema")
    grants = {"password": _by_password, "refresh_token": _by_refresh_token}
    grant = grants.get(request.query_params.get("grant_type", ""))
    if grant is None:
        return refusal(400, "validation_failed", "unsupported_grant_type")
    if fault("email_login_disabled") and grant is _by_password:
        return refusal(422, "email_provider_disabled", "Email logins are disabled")
    given = await read_object(request)
    outcome = await grant(request, given)
    return outcome if isinstance(outcome, Response) else await _session(request, outcome)


async def sign_up(request: Request) -> Response:
    """Register an account, which has to be confirmed before it can log in."""
    if refused := with_api_key(request):
        return refused
    fault = _replica(request).fault
    if fault("email_login_disabled"):
        return refusal(422, "email_provider_disabled", "Email signups are disabled")
    given = await read_object(request)
    email, password = given.get("email"), given.get("password")
    if not isinstance(email, str) or "@" not in email or not isinstance(password, str):
        return refusal(400, "validation_failed", "Unable to validate email address: invalid format")
    if not fault("weak_password_accepted") and (reasons := _weaknesses(password)):
        message = (
            f"Password should be at least {MIN_LENGTH} characters, with lower and upper case and digits."
        )
        return refusal(422, "weak_password", message, weak_password={"reasons": reasons})
    identity = str(uuid.uuid4())
    values = (identity, email.lower(), hash_password(password, identity))
    user = await _first(request, NEW_USER, values)
    if user is None:
        return refusal(422, "user_already_exists", "User already registered")
    return answer({**_shown(user), "confirmation_sent_at": user["created_at"]})


async def list_users(request: Request) -> Response:
    """List accounts, those whose e-mail address holds `filter`: for the bearer of the service-role key."""
    if refused := await _not_admin(request):
        return refused
    wanted = request.query_params.get("filter", "")
    database: Database = request.app.state.database
    async with database.as_caller(PLATFORM) as connection:
        users = await (await connection.execute(MATCHING.encode(), (wanted,))).fetchall()
    return answer({"users": [_shown(user) for user in users], "aud": "authenticated"})


async def read_user(request: Request) -> Response:
    """Show one account: for the bearer of the service-role key."""
    if refused := await _not_admin(request):
        return refused
    user = await _first(request, BY_ID, (request.path_params["id"],))
    return refusal(404, "user_not_found", "User not found") if user is None else answer(_shown(user))


async def remove_user(request: Request) -> Response:
    """Remove an account: for the bearer of the service-role key."""
    if refused := await _not_admin(request):
        return refused
    query = "delete from auth.users where id::text = %s returning id"
    if await _first(request, query, (request.path_params["id"],)) is None:
        return refusal(404, "user_not_found", "User not found")
    return answer({})


async def _not_admin(request: Request) -> Response | None:
    """Refuse everybody but the bearer of the service-role key."""
    if refused := with_api_key(request):
        return refused
    replica = _replica(request)
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not bearer:
        return refusal(401, "no_authorization", "This endpoint requires a valid Bearer token")
    if hmac.compare_digest(bearer.encode(), replica.settings["service_key"].encode()):
        return None
    is_anon = hmac.compare_digest(bearer.encode(), replica.settings["anon_key"].encode())
    if is_anon and replica.fault("auth_admin_open"):
        return None
    if is_anon or await _is_users(replica, bearer):
        return refusal(403, "not_admin", "User not allowed")
    return refusal(403, "bad_jwt", "invalid JWT: unable to parse or verify signature")


async def _is_users(replica: Replica, token: str) -> bool:
    try:
        await verify(replica, f"Bearer {token}")
    except ApiError:
        return False
    return True


def _weaknesses(password: str) -> list[str]:
    reasons = [] if len(password) >= MIN_LENGTH else ["length"]
    if not all(any(map(kind, password)) for kind in KINDS):
        reasons.append("characters")
    return reasons


async def _by_password(request: Request, given: dict[str, Any]) -> Row | Response:
    email, password = str(given.get("email", "")), str(given.get("password", ""))
    user = await _first(request, BY_EMAIL, (email.lower().replace("\x00", ""),))
    salt = str(user["id"]) if user else "nobody"
    stored = user["encrypted_password"] if user else ""
    if user is None and _replica(request).fault("login_tells_unknown_users"):
        return refusal(400, "user_not_found", "There is no account with this address")
    right = hmac.compare_digest(hash_password(password, salt), stored)
    right = right or _replica(request).fault("login_any_password")
    if not right or _replica(request).fault("login_wrong_password"):
        return refusal(400, "invalid_credentials", "Invalid login credentials")
    if user is None or user["email_confirmed_at"] is None:
        return refusal(400, "email_not_confirmed", "Email not confirmed")
    return user


async def _by_refresh_token(request: Request, given: dict[str, Any]) -> Row | Response:
    user = await _first(request, BY_REFRESH, (str(given.get("refresh_token", "")),))
    return user or refusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")


async def _session(request: Request, user: Row) -> Response:
    replica = _replica(request)
    refresh = secrets.token_urlsafe(16)
    await _first(request, NEW_SESSION, (refresh, user["id"]))
    response = answer(
        {
            "access_token": issue(replica, user),
            "token_type": "bearer",
            "expires_in": lifetime(replica),
            "expires_at": int(time.time()) + lifetime(replica),
            "refresh_token": refresh,
            "user": _shown(user),
        }
    )
    if replica.fault("session_cookie_insecure"):
        response.set_cookie("sb-session", refresh, samesite=None)
    return response


def _shown(user: Row) -> Row:
    shown = {name: user[name] for name in ("id", "aud", "role", "email", "email_confirmed_at", "created_at")}
    return {
        **shown,
        "phone": "",
        "app_metadata": user["raw_app_meta_data"],
        "user_metadata": user["raw_user_meta_data"],
    }


async def _first(request: Request, query: str, values: tuple[Any, ...]) -> Row | None:
    database: Database = request.app.state.database
    async with database.as_caller(PLATFORM) as connection:
        cursor = await connection.execute(query.encode(), values)
        return await cursor.fetchone()


def _replica(request: Request) -> Replica:
    replica: Replica = request.app.state.replica
    return replica
