"""The way to the database: verified where the environment is protected, elsewhere as the URL says."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import trustme

from pytest_deploycheck.model.evidence import Rows, Silence
from pytest_deploycheck.model.probe import Query
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.probes.encryption import Tls
from suites.standins.kit.postgres import Postgres, launch
from tests.servers.parts import binaries

ASKED = Query(sql="SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
SECURED, PLAIN = Rows(("ssl",), ((True,),)), Rows(("ssl",), ((False,),))


@pytest.fixture(scope="module")
def secured(authority: trustme.CA) -> Iterator[Postgres]:
    """A server that offers TLS, for localhost and not for 127.0.0.1. The wheel's can't."""
    server = launch("secured", "postgres", binaries("system"))
    try:
        server.wait()
        certificate, key = server.sockets / "server.crt", server.sockets / "server.key"
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(str(key))
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        key.chmod(0o600)
        for path in (certificate, key):
            os.chown(path, server.sockets.stat().st_uid, -1)
        with psycopg.connect(server.local("postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE prober LOGIN PASSWORD 'hunter22'")
            for name, value in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl", "on")):
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)


def ask(server: Postgres, tls: Tls, *, host: str = "localhost", query: str = "") -> Rows | str:
    url = f"postgresql://prober:hunter22@{host}:{server.port}/postgres{query}"
    database = Database(Secret(url), run_id="r", tls=tls)
    try:
        seen = database.send(ASKED)
    finally:
        database.close()
    assert isinstance(seen, Rows | Silence)
    return seen if isinstance(seen, Rows) else seen.reason


def test_a_protected_server_is_verified_with_the_environments_authorities(
    secured: Postgres, ca_file: Path
) -> None:
    assert ask(secured, Tls(protected=True, ca=ca_file)) == SECURED


def test_a_certificate_that_nobody_here_vouches_for_is_refused(secured: Postgres) -> None:
    said = ask(secured, Tls(protected=True))

    assert isinstance(said, str)
    assert "certificate verify failed" in said
    assert said.endswith("`ca` of the environment, or sslrootcert=... in the URL, says whom to trust")


def test_a_certificate_for_another_name_is_refused(secured: Postgres, ca_file: Path) -> None:
    said = ask(secured, Tls(protected=True, ca=ca_file), host="127.0.0.1")

    assert isinstance(said, str)
    assert 'server certificate for "localhost" does not match host name "127.0.0.1"' in said


@pytest.mark.parametrize(("mode", "seen"), [("disable", PLAIN), ("require", SECURED)])
def test_the_urls_own_mode_wins(secured: Postgres, mode: str, seen: Rows) -> None:
    assert ask(secured, Tls(protected=True), query=f"?sslmode={mode}") == seen


def test_the_urls_own_authorities_win(secured: Postgres, ca_file: Path, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.pem"

    assert ask(secured, Tls(protected=True, ca=nobody), query=f"?sslrootcert={ca_file}") == SECURED


def test_a_mode_that_verifies_uses_the_environments_authorities_anywhere(
    secured: Postgres, ca_file: Path
) -> None:
    assert ask(secured, Tls(ca=ca_file), query="?sslmode=verify-full") == SECURED


def test_an_environment_that_is_not_protected_takes_what_there_is(postgres: Postgres) -> None:
    url = f"postgresql://prober:s3cret-of-the-prober@localhost:{postgres.port}/postgres"
    database = Database(Secret(url), run_id="r", tls=Tls())

    assert database.send(ASKED) == PLAIN
    database.close()


def test_a_protected_server_without_tls_is_said_clearly(postgres: Postgres) -> None:
    assert ask(postgres, Tls(protected=True)) == (
        "the server offers no TLS, and a protected environment asks for it; "
        "sslmode=... in the URL says otherwise"
    )


def test_a_url_that_asks_for_tls_in_vain_is_told_so(postgres: Postgres) -> None:
    assert ask(postgres, Tls(), query="?sslmode=require") == (
        "the server offers no TLS, and sslmode=require asks for it; sslmode=... in the URL says otherwise"
    )


def test_a_socket_of_the_machine_needs_no_tls(postgres: Postgres) -> None:
    database = Database(Secret(postgres.socket_url("prober")), run_id="r", tls=Tls(protected=True))

    assert database.send(ASKED) == PLAIN
    database.close()
