"""What the sending machine had no more of has a name of its own, however deep a client wraps it."""

import errno
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from geventhttpclient.useragent import ConnectionError as FastConnectionError
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError
from websocket import WebSocketAddressException

from pytest_deploycheck.model.loaded import EXHAUSTED, NO_BUFFERS, NO_FILES, NO_PORTS
from pytest_deploycheck.probes.loadgen.kinds import kind_of, reaches

NOWHERE = "http://255.255.255.255"
"""An address to which no program may send unless it asks for that: there is no way from here."""


def bare(error: OSError) -> Exception:
    return error


def by_requests(error: OSError) -> Exception:
    reason = NewConnectionError(HTTPConnection("shop.test"), f"Failed to establish a new connection: {error}")
    reason.__cause__ = error
    return requests.ConnectionError(MaxRetryError(HTTPConnectionPool("shop.test"), "/", reason))


def by_geventhttpclient(error: OSError) -> Exception:
    return FastConnectionError("http://shop.test", error)


def while_cleaning_up(error: OSError) -> Exception:
    outer = ConnectionError("closed")
    outer.__context__ = error
    return outer


@contextmanager
def no_file_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("wrapped", [bare, by_requests, by_geventhttpclient, while_cleaning_up])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EMFILE, NO_FILES),
        (errno.ENFILE, NO_FILES),
        (errno.EADDRNOTAVAIL, NO_PORTS),
        (errno.ENOBUFS, NO_BUFFERS),
        (errno.ECONNREFUSED, "refused"),
        (errno.ETIMEDOUT, "deadline"),
    ],
)
def test_what_ran_out_is_found_behind_what_clients_raise(
    number: int, kind: str, wrapped: Callable[[OSError], Exception]
) -> None:
    assert kind_of(wrapped(OSError(number, "as the system says")), None) == kind


@pytest.mark.parametrize("number", [errno.ECONNRESET, errno.EPIPE, errno.ENETUNREACH, errno.EHOSTUNREACH])
def test_what_breaks_between_the_two_is_still_a_broken_connection(number: int) -> None:
    kind = kind_of(OSError(number, "as the system says"), None)

    assert kind.startswith("broken connection")
    assert kind not in EXHAUSTED


def test_a_name_that_cannot_be_looked_up_without_a_file_is_not_unknown() -> None:
    unknown = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    wrapped = WebSocketAddressException(unknown)

    with no_file_left():
        scarce = kind_of(unknown, None), kind_of(wrapped, None)

    assert scarce == (NO_FILES, NO_FILES)
    assert kind_of(unknown, None) == "unknown host"


def test_an_address_without_a_way_to_it_is_no_lack_of_ports() -> None:
    error = OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    assert (reaches("http://127.0.0.1:9"), reaches(NOWHERE)) == (True, False)
    assert kind_of(error, None, "http://127.0.0.1:9") == NO_PORTS
    assert kind_of(error, None, NOWHERE) == "broken connection (OSError)"
