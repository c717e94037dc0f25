"""Access tokens: issued by the auth service, verified by the API."""

import time
import uuid
from typing import Any

import jwt
from jwt.types import Options

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api.answers import ApiError, forbidden, unauthorized
from suites.standins.wecelebrate.api.caller import Caller
from suites.standins.wecelebrate.signing import Signer

LIFETIME = 3600
LONG_LIFETIME = 86400
AUDIENCE = "authenticated"
REQUIRED = ["exp", "iat", "sub", "aud", "iss"]
PARTS = 3


def lifetime(replica: Replica) -> int:
    """Return how many seconds a new access token lives."""
    return LONG_LIFETIME if replica.fault("token_lifetime_long") else LIFETIME


def issue(replica: Replica, user: dict[str, Any]) -> str:
    """Return an access token as Supabase's auth service writes it."""
    now = int(time.time())
    claims = {
        "iss": replica.settings["issuer"],
        "sub": str(user["id"]),
        "aud": AUDIENCE,
        "exp": now + lifetime(replica),
        "iat": now,
        "email": user["email"],
        "phone": "",
        "app_metadata": user["raw_app_meta_data"],
        "user_metadata": user["raw_user_meta_data"],
        "role": user["role"],
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": now}],
        "session_id": str(uuid.uuid4()),
        "is_anonymous": False,
    }
    return signer(replica).sign(claims)


def signer(replica: Replica) -> Signer:
    """Return what this deployment signs access tokens with."""
    return Signer(**replica.settings["signer"])


def verify(replica: Replica, authorization: str) -> Caller:
    """Return who bears this token, or refuse."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized()
    if token.count(".") != PARTS - 1 and replica.fault("malformed_token_error"):
        raise ApiError(500, "internal_error", "something went wrong")
    own = signer(replica)
    try:
        claims = jwt.decode(
            token,
            own.public,
            algorithms=[own.algorithm],
            audience=AUDIENCE,
            issuer=replica.settings["issuer"],
            options=_options(replica),
        )
    except jwt.InvalidTokenError as error:
        raise unauthorized() from error
    return _caller(claims)


def _options(replica: Replica) -> Options:
    return {
        "require": REQUIRED,
        "verify_signature": not replica.fault("invalid_token_accepted"),
        "verify_exp": not replica.fault("expired_token_accepted"),
        "verify_iat": True,
        "verify_nbf": True,
        "verify_aud": True,
        "verify_iss": True,
    }


def _caller(claims: dict[str, Any]) -> Caller:
    metadata = claims.get("app_metadata")
    if claims.get("role") != "authenticated" or not isinstance(metadata, dict):
        raise unauthorized()
    if not metadata.get("client_id"):
        raise forbidden("this account belongs to no tenant")
    try:
        user, tenant = str(uuid.UUID(claims["sub"])), str(uuid.UUID(metadata["client_id"]))
    except (AttributeError, TypeError, ValueError) as error:
        raise unauthorized() from error
    return Caller(user, tenant, metadata.get("role", ""), claims)
