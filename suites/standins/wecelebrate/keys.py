"""A project's keys as Supabase has them: JWTs that name the project and a role."""

import base64
import json
import time
from collections.abc import Mapping

import jwt

TEN_YEARS = 10 * 365 * 86400
HOUR = 3600


def project_key(secret: str, project: str, role: str, *, lives: int = TEN_YEARS) -> str:
    """Return a key of a role; with a negative life it has expired."""
    issued = int(time.time()) - HOUR
    expires = issued + lives
    claims = {"iss": "supabase", "ref": project, "role": role, "iat": min(issued, expires), "exp": expires}
    return jwt.encode(claims, secret, algorithm="HS256")


def expired_service_key(variables: Mapping[str, str]) -> str:
    """Return the project's service-role key as it was before it expired."""
    secret, project = variables["SUPABASE_JWT_SECRET"], variables["SUPABASE_PROJECT_REF"]
    return project_key(secret, project, "service_role", lives=-30 * 86400)


def expired(token: str) -> str:
    """Return a token as it looks when its time is over; nobody verifies its signature any more."""
    header, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    made = json.dumps({**claims, "iat": claims["iat"] - TEN_YEARS, "exp": claims["exp"] - TEN_YEARS})
    payload = base64.urlsafe_b64encode(made.encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


def foreign_service_key(variables: Mapping[str, str]) -> str:
    """Return the service-role key of another project."""
    secret, project = variables["SUPABASE_JWT_SECRET"], variables["SUPABASE_PROJECT_REF"]
    return project_key(secret[::-1], project[::-1], "service_role")
