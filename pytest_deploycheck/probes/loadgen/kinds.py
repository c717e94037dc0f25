"""What a failed request is called, from what locust's two clients make of it."""

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import gevent
from gevent.ssl import SSLError
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import Timeout as RequestsTimeout

SHOWN = 80
"""Characters of a scenario's own words that are told."""

_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"


def kind_of(exception: BaseException | None, response: object) -> str:
    """Return how a request failed, in a few words that others share; nothing if it did not."""
    if exception is None:
        return ""
    status = int(getattr(response, "status_code", 0) or 0)
    chain = tuple(_chain(exception))
    for error in chain:
        if known := _known(error):
            return known
    if status >= 400:
        return f"status {status}"
    if any(isinstance(error, OSError | RequestsConnectionError) for error in chain):
        return f"broken connection ({type(chain[-1]).__name__})"
    return str(exception)[:SHOWN] or type(exception).__name__


def version_of(response: object, header: str) -> str:
    """Return the version that a reply names in `header`, if it does."""
    headers: Any = getattr(response, "headers", None)
    return str(headers.get(header) or "") if header and headers else ""


def _known(error: BaseException) -> str:
    if isinstance(error, gevent.Timeout | TimeoutError | RequestsTimeout):
        return "deadline"
    if isinstance(error, ssl.SSLCertVerificationError) or (
        isinstance(error, SSLError) and _CERTIFICATE in str(error)
    ):
        return "certificate"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, socket.gaierror):
        return "unknown host"
    return ""


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what lies behind it: clients wrap theirs, sometimes as an argument."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [exception]
    while waiting:
        error = waiting.pop(0)
        if error is None or error in seen:
            continue
        seen.append(error)
        yield error
        inside = [*error.args, *(getattr(error, name, None) for name in ("reason", "original"))]
        waiting += [error.__cause__, error.__context__]
        waiting += [each for each in inside if isinstance(each, BaseException)]
