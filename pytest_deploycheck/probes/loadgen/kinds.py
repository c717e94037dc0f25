"""What a failed request is called, from what locust's two clients make of it."""

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from functools import cache
from http.client import BadStatusLine
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent.ssl import SSLError
from geventhttpclient.response import HTTPParseError
from geventhttpclient.useragent import RetriesExceeded
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ContentDecodingError, TooManyRedirects
from requests.exceptions import Timeout as RequestsTimeout

from pytest_deploycheck.model.loaded import NO_BUFFERS, NO_FILES, NO_PORTS

SHOWN = 80
"""Characters of a scenario's own words that are told."""

_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_LIMIT = "Redirection limit reached"
_EXHAUSTED = {
    errno.EMFILE: NO_FILES,
    errno.ENFILE: NO_FILES,
    errno.EADDRNOTAVAIL: NO_PORTS,
    errno.ENOBUFS: NO_BUFFERS,
}


class UnreadableError(HTTPParseError):
    """A body is not in the encoding that its reply names; locust counts what is an HTTPParseError as sent."""


class ForeignRedirectError(ConnectionError):
    """The deployment sends its clients elsewhere: that is not followed, and no answer either."""


class ManyRepliesError(HTTPParseError):
    """Behind a reply came more than it: whose answer that is nobody knows."""


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
        return f"broken connection ({type(_broken(chain)).__name__})"
    return str(exception)[:SHOWN] or type(exception).__name__


def _broken(chain: tuple[BaseException, ...]) -> BaseException:
    """Return what says best how a connection broke: Python's own error, or else one of the system."""
    found = [error for error in chain if isinstance(error, OSError)]
    known = [error for error in found if isinstance(error, ConnectionError)]
    numbered = [error for error in found if error.errno]
    return (known or numbered or chain[-1:])[0]


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
    return _misread(error)


def _misread(error: BaseException) -> str:
    """What came, and is no answer."""
    if isinstance(error, ForeignRedirectError):
        return "redirect to another origin"
    if isinstance(error, TooManyRedirects) or (isinstance(error, RetriesExceeded) and _LIMIT in str(error)):
        return "too many redirects"
    if isinstance(error, UnreadableError | ContentDecodingError):
        return "unreadable body"
    fast = isinstance(error, HTTPParseError) and str(error.args[:1]).startswith("('Expected HTTP/")
    if fast or (isinstance(error, BadStatusLine) and not isinstance(error, ConnectionError)):
        return "no HTTP reply"
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
