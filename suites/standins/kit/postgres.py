"""Starts a PostgreSQL server that leaves nothing behind."""

import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from suites.standins.kit import keeper
from suites.standins.kit.binaries import copy_binaries, find_binaries
from suites.standins.kit.places import (
    Owner,
    new_directory,
    private_folder,
    server_owner,
)

START_DEADLINE = 30.0
PAUSE = 0.02
STATEMENTS = "pg_stat_statements"
ACCESS = """\
local all all trust
local replication all trust
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgresError(RuntimeError):
    """The server did not start."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server and the directory that goes with it."""

    directory: Path
    sockets: Path
    port: int
    superuser: str
    has_statements: bool
    keeper: subprocess.Popen[str]

    def local(self, role: str, database: str = "postgres") -> str:
        """Return a connection string over the unix socket, without a password."""
        return f"host={self.sockets} port={self.port} user={role} dbname={database}"

    def url(self, role: str, password: str, database: str = "postgres") -> str:
        """Return a connection URL over TCP, with a password."""
        login = f"{quote(role)}:{quote(password)}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def socket_url(self, role: str, database: str = "postgres") -> str:
        """Return a connection URL over the unix socket, which asks for no password."""
        place = f"host={quote(str(self.sockets), safe='')}&port={self.port}"
        return f"postgresql://{quote(role)}@/{database}?{place}"

    def wait(self) -> None:
        """Return once the server lets us in."""
        deadline = time.monotonic() + START_DEADLINE
        while True:
            try:
                psycopg.connect(self.local(self.superuser), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                self._still_hopeful(deadline, error)
            else:
                return
            time.sleep(PAUSE)

    def stop(self) -> None:
        """Stop the server and remove the directory."""
        if self.keeper.stdin is not None:
            self.keeper.stdin.close()
        self.keeper.wait(START_DEADLINE)

    def _still_hopeful(self, deadline: float, error: Exception) -> None:
        if self.keeper.poll() is not None:
            message = f"the database server ended with status {self.keeper.returncode}"
            raise PostgresError(message) from error
        if time.monotonic() > deadline:
            message = f"the database server did not answer in {START_DEADLINE:.0f} s"
            raise PostgresError(message) from error


def launch(
    name: str, superuser: str, binaries_in: Path | None = None, standby_of: Postgres | None = None
) -> Postgres:
    """Make a directory and start a server in it; `wait` says when it answers.

    `binaries_in` is the folder of its programs, if it is not to be looked for. A standby is a copy of another
    server that follows it.
    """
    owner = server_owner()
    found = binaries_in or find_binaries()
    directory = new_directory(name, owner)
    keeping = _keeper(directory)
    binaries = _runnable(found, directory, owner)
    home = private_folder(directory / "database", owner)
    access = directory / "pg_hba.conf"
    access.write_text(ACCESS)
    access.chmod(0o644)
    port = free_port()
    has_statements = _has_library(found, STATEMENTS)
    order = {
        "commands": [
            _copy(binaries, home, standby_of) if standby_of else _initdb(binaries, home, superuser),
            _server(binaries, home, access, port, STATEMENTS if has_statements else ""),
        ],
        "owner": owner.popen_options,
        "log": str(directory / "database.log"),
    }
    assert keeping.stdin is not None
    keeping.stdin.write(json.dumps(order) + "\n")
    keeping.stdin.flush()
    return Postgres(directory, home, port, superuser, has_statements, keeping)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _keeper(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-I", "-S", str(Path(keeper.__file__)), str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def _runnable(binaries: Path, directory: Path, owner: Owner) -> Path:
    """Copy a tree the server's account can't reach; else use it where it is."""
    if owner.reaches(binaries / "postgres"):
        return binaries
    return copy_binaries(binaries, directory / "postgresql")


def _has_library(binaries: Path, name: str) -> bool:
    root = binaries.resolve().parent
    return any(path.suffix in {".so", ".dylib"} for path in root.rglob(f"{name}.*"))


def _initdb(binaries: Path, home: Path, superuser: str) -> list[str]:
    return [
        str(binaries / "initdb"),
        f"--pgdata={home / 'data'}",
        f"--username={superuser}",
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
        "--no-sync",
        "--no-instructions",
    ]


def _copy(binaries: Path, home: Path, primary: Postgres) -> list[str]:
    return [
        str(binaries / "pg_basebackup"),
        f"--pgdata={home / 'data'}",
        f"--dbname={primary.local(primary.superuser)}",
        "--write-recovery-conf",
        "--checkpoint=fast",
        "--no-sync",
    ]


def _server(binaries: Path, home: Path, access: Path, port: int, preload: str) -> list[str]:
    settings = {
        "port": port,
        "hba_file": access,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": home,
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "shared_buffers": "32MB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "on",
        "archive_mode": "on",
        "password_encryption": "scram-sha-256",
        "shared_preload_libraries": preload,
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    options = [f"-c{name}={value}" for name, value in settings.items()]
    return [str(binaries / "postgres"), "-D", str(home / "data"), *options]
