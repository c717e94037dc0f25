"""What a failed request is called, from what locust's two clients make of it."""

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent.ssl import SSLError
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import Timeout as RequestsTimeout

from pytest_deploycheck.model.loaded import NO_BUFFERS, NO_FILES, NO_PORTS

SHOWN = 80
"""Characters of a scenario's own words that are told."""

_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_EXHAUSTED = {
    errno.EMFILE: NO_FILES,
    errno.ENFILE: NO_FILES,
    errno.EADDRNOTAVAIL: NO_PORTS,
    errno.ENOBUFS: NO_BUFFERS,
}


def kind_of(exception: BaseException | None, response: object, goal: str = "") -> str:
    """Return how a request failed, in a few words that others share; nothing if it did not.

    `goal` is the URL of what was connected to: the deployment, or a proxy.
    """
    if exception is None:
        return ""
    status = int(getattr(response, "status_code", 0) or 0)
    chain = tuple(_chain(exception))
    for error in chain:
        if known := _own(error, goal) or _known(error):
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


def _own(error: BaseException, goal: str) -> str:
    """What the machine that sends had no more of, if that is it."""
    kind = _EXHAUSTED.get(_errno(error), "") if isinstance(error, OSError) else ""
    return "" if kind == NO_PORTS and goal and not reaches(goal) else kind


def _errno(error: OSError) -> int:
    """The system's number of an error; a name is not found, too, if the files that tell of it don't open."""
    if isinstance(error, socket.gaierror):
        try:
            os.close(os.open(os.devnull, os.O_RDONLY))
        except OSError as behind:
            return behind.errno or 0
    return error.errno or 0


@cache
def reaches(url: str) -> bool:
    """Return whether this machine has an address to send from to each address of a host; sends nothing to it.

    Without (to an IPv6 address where there is no IPv6) EADDRNOTAVAIL says that, and nothing of ports: clients
    that try all addresses tell what the last one said.
    """
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_DGRAM)
        for family, kind, _, _, address in found:
            with socket.socket(family, kind) as one:
                one.connect(address)
    except OSError:
        return False
    return True


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
