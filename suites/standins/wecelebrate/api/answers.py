"""How the API answers: JSON, for errors too, and never with a trace."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from suites.standins.kit.replica import Replica
from suites.standins.wecelebrate.api import blunders

MAX_BODY = 100_000


class ApiError(HTTPException):
    """A refusal with a code that programs can read."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response."""
    body = json.dumps(content, default=_plain).encode()
    return Response(body, status, headers, media_type="application/json")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def error_answer(error: ApiError, **more: object) -> Response:
    """Return the response for a refusal; whatever it says more, it should not."""
    content = {"error": {"code": error.code, "message": error.detail, **more}}
    return answer(content, error.status_code, error.headers)


async def on_api_error(request: Request, error: Exception) -> Response:
    """Answer a refusal of ours."""
    assert isinstance(error, ApiError)
    replica: Replica = request.app.state.replica
    mistaken = await blunders.mistaken(replica, error.code, error.detail)
    if mistaken is not None:
        error = ApiError(*mistaken)
    return error_answer(error, **blunders.leaked(replica, request.scope["path"], error.code))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer a refusal of the router."""
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed"}
    code = codes.get(error.status_code, "bad_request")
    refusal = ApiError(error.status_code, code, error.detail, error.headers)
    return error_answer(refusal, **blunders.leaked(request.app.state.replica, request.scope["path"], code))


def unauthorized(message: str = "a valid access token is required") -> ApiError:
    """Nobody knows who asks."""
    challenge = {"www-authenticate": 'Bearer realm="wecelebrate"'}
    return ApiError(401, "unauthorized", message, challenge)


def forbidden(message: str = blunders.OF_ANOTHER) -> ApiError:
    """We know who asks, and the answer is no."""
    return ApiError(403, "forbidden", message)


def not_found(message: str = "there is no such thing") -> ApiError:
    """Nobody has it."""
    return ApiError(404, "not_found", message)


def invalid(message: str) -> ApiError:
    """It can be read, but makes no sense."""
    return ApiError(422, "validation_failed", message)


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body, whatever the content type says."""
    body = await request.body()
    if len(body) > MAX_BODY:
        raise ApiError(413, "too_large", "the body is too large")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "malformed_json", "the body is not JSON that can be read") from error
    if not isinstance(content, dict):
        raise invalid("the body must be an object")
    return content
