"""Old versions of TLS, offered to real servers that take them or not."""

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme

from pytest_deploycheck.model.evidence import Agreed, Declined, Silence
from pytest_deploycheck.model.probe import Downgrade
from pytest_deploycheck.probes.downgrade import downgrade
from tests.probes.conftest import TlsServer

TIMEOUT = 5.0
OLD, NEW = ("TLSv1", "TLSv1.1"), ("TLSv1.2", "TLSv1.3")


@pytest.fixture
def serving(authority: trustme.CA) -> Iterator[Callable[[str, str], TlsServer]]:
    servers: list[TlsServer] = []

    def start(lowest: str, highest: str) -> TlsServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
            context.maximum_version = ssl.TLSVersion[highest.replace(".", "_")]
            context.minimum_version = ssl.TLSVersion[lowest.replace(".", "_")]
        servers.append(TlsServer(context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("version", OLD)
def test_a_server_that_offers_an_old_version_takes_it(
    serving: Callable[[str, str], TlsServer], version: str, host: str
) -> None:
    server = serving("TLSv1", "TLSv1.3")

    assert downgrade(Downgrade(host, server.port, version), TIMEOUT) == Agreed(version)


def test_what_the_server_takes_instead_is_told(serving: Callable[[str, str], TlsServer]) -> None:
    server = serving("TLSv1", "TLSv1")

    assert downgrade(Downgrade("localhost", server.port, "TLSv1.1"), TIMEOUT) == Agreed("TLSv1")


@pytest.mark.parametrize("lowest", NEW)
@pytest.mark.parametrize("version", OLD)
def test_a_server_of_today_declines(
    serving: Callable[[str, str], TlsServer], version: str, lowest: str
) -> None:
    server = serving(lowest, "TLSv1.3")

    assert downgrade(Downgrade("localhost", server.port, version), TIMEOUT) == Declined(
        "alert 70, protocol version"
    )


@contextmanager
def answering(say: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that reads a hello and then does as told."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(4096)
                say(client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("say", [lambda client: None, reset], ids=["closed", "reset"])
def test_some_servers_just_hang_up(say: Callable[[socket.socket], None]) -> None:
    with answering(say) as port:
        seen = downgrade(Downgrade("127.0.0.1", port, "TLSv1"), TIMEOUT)

    assert seen == Declined("the connection was closed")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x28", "alert 40, handshake failure"),
        (b"\x15\x03\x01\x00\x02\x02\x00", "alert 0, of another reason"),
        (b"\x16\x03\x03\x00\x40\x02\x00\x00\x3c\x03\x03rest", "it answered with a newer version"),
    ],
)
def test_a_refusal_is_told_in_its_words(answer: bytes, reason: str) -> None:
    with answering(lambda client: client.sendall(answer)) as port:
        assert downgrade(Downgrade("127.0.0.1", port, "TLSv1"), TIMEOUT) == Declined(reason)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x01", b"\x15"])
def test_what_is_no_tls_decides_nothing(answer: bytes) -> None:
    with answering(lambda client: client.sendall(answer)) as port:
        assert downgrade(Downgrade("127.0.0.1", port, "TLSv1"), TIMEOUT) == Silence("its answer is no TLS")


def test_nobody_at_the_port_is_silence() -> None:
    seen = downgrade(Downgrade("127.0.0.1", 1, "TLSv1"), TIMEOUT)

    assert isinstance(seen, Silence)
    assert seen.reason == "connection refused"


def test_a_server_that_never_answers_is_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        seen = downgrade(Downgrade("127.0.0.1", port, "TLSv1"), 0.05)

    assert isinstance(seen, Silence)
    assert seen.reason == "no answer in time"
