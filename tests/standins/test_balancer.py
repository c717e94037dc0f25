"""The balancer passes on what is clear, and refuses what two readers could read differently."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.standins.world import FUNCTION, World

END = b"\r\n\r\n"
SMUGGLED = b"GET /nothing HTTP/1.1" + END


@contextlib.contextmanager
def connected(world: World) -> Iterator[socket.socket]:
    address = ("127.0.0.1", int(world.given["SUPABASE_URL"].rpartition(":")[2]))
    with (
        socket.create_connection(address, timeout=5) as plain,
        world.trust.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        yield line


def answers(line: socket.socket, count: int) -> list[bytes]:
    """Read status lines until there are enough, or the connection ends."""
    seen = b""
    while seen.count(b"HTTP/1.1 ") < count and (more := line.recv(65536)):
        seen += more
    return [part.partition(b"\r\n")[0] for part in seen.split(b"HTTP/1.1 ")[1:]]


def head(world: World, *lines: str, method: str = "POST", path: str = "/api/orders") -> bytes:
    bearer = f"authorization: Bearer {world.token()}"
    first = f"{method} {FUNCTION}{path} HTTP/1.1"
    return "\r\n".join([first, "host: localhost", bearer, *lines]).encode() + END


@pytest.mark.parametrize(
    ("lines", "body", "status"),
    [
        (("content-length: 2",), b"[]", b"422 Unprocessable Content"),
        (("transfer-encoding: chunked",), b"1;x=y\r\n[\r\n1\r\n]\r\n0\r\ntrailer: x\r\n\r\n", b"422"),
        (("content-length: 2", "expect: 100-continue"), b"[]", b"100 Continue"),
        (("content-length: 2", "transfer-encoding: chunked"), b"0\r\n\r\n" + SMUGGLED, b"400"),
        (("content-length: 2", "content-length: 40"), b"[]" + SMUGGLED, b"400"),
        (("transfer-encoding: xchunked",), b"0\r\n\r\n", b"400"),
        (("transfer-encoding: chunked",), b"nonsense\r\n", b"400"),
        (("content-length: -1",), b"", b"400"),
        (("content-length : 2",), b"[]", b"400"),
        (("x: " + "y" * 70000,), b"", b"431"),
        (("content-length: 99999999",), b"", b"413"),
    ],
)
def test_a_body_is_read_one_way_or_not_at_all(
    world: World, lines: tuple[str, ...], body: bytes, status: bytes
) -> None:
    with connected(world) as line:
        line.sendall(head(world, *lines) + body)
        seen = answers(line, 1)

    assert seen[0].startswith(status[:3])
    assert not any(answer.startswith(b"404") for answer in seen)


def test_a_connection_serves_one_request_after_the_other(world: World) -> None:
    get = head(world, method="GET", path="/api/sites")
    without_body = head(world, method="HEAD", path="/api/sites")
    last = head(world, "connection: close", method="GET", path="/nothing")

    with connected(world) as line:
        line.sendall(get + without_body + last)
        seen = answers(line, 9)

    assert [answer[:3] for answer in seen] == [b"200", b"200", b"404"]


def test_the_balancer_answers_for_a_dead_replica_with_its_own_headers(world: World) -> None:
    with world.standin.fault("all_down"):
        answer = world.http.get(f"{FUNCTION}/health")

    assert answer.status_code == 502
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-replica" not in answer.headers
