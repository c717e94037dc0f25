"""Access tokens: issued by the auth service, verified by the API."""

import time
import uuid
from typing import Any

import jwt
from jwt.types import Options

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api import credulity
from suites.standins.wecelebrate.api.answers import ApiError, forbidden, unauthorized
from suites.standins.wecelebrate.api.caller import Caller
from suites.standins.wecelebrate.signing import Signer
from suites.standins.wecelebrate.staging import ISSUER

LIFETIME = 3600
LONG_LIFETIME = 86400
HALF_AN_HOUR = 1800
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


async def verify(replica: Replica, authorization: str) -> Caller:
    """Return who bears this token, or refuse."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized()
    if token.count(".") != PARTS - 1 and replica.fault("malformed_token_error"):
        raise ApiError(500, "internal_error", "something went wrong")
    own = signer(replica)
    is_believed = await credulity.is_believed(replica, token)
    if is_believed and token.count(".") == 1:
        token += "."  # a signature stripped together with its dot
    try:
        claims = jwt.decode(
            token,
            own.public,
            algorithms=[own.algorithm],
            audience=AUDIENCE,
            issuer=_issuers(replica),
            options=_options(replica, is_believed=is_believed),
            leeway=HALF_AN_HOUR if replica.fault("expired_within_leeway") else 0,
        )
    except jwt.InvalidTokenError as error:
        raise unauthorized() from error
    if replica.fault("tampered_token_accepted"):
        await replica.remember(credulity.remembered(_signature(token)))
    return _caller(claims)


def _options(replica: Replica, *, is_believed: bool) -> Options:
    fault = replica.fault
    is_late_fine = fault("expired_token_accepted") or replica.odd_fault("expired_accepted_one_replica")
    is_early_fine = fault("not_yet_valid_accepted")
    return {
        "require": [name for name in REQUIRED if name != "exp" or not fault("endless_token_accepted")],
        "verify_signature": not (is_believed or fault("invalid_token_accepted")),
        "verify_exp": not is_late_fine,
        "verify_iat": not is_early_fine,
        "verify_nbf": not is_early_fine,
        "verify_aud": not fault("wrong_audience_accepted"),
        "verify_iss": not fault("wrong_issuer_accepted"),
    }


def _issuers(replica: Replica) -> list[str]:
    own: str = replica.settings["issuer"]
    return [own, ISSUER] if replica.fault("staging_token_accepted") else [own]


def _signature(token: str) -> bytes:
    unverified = credulity.Unverified.read(token)
    return unverified.signature if unverified else b""


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
