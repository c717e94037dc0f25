"""A real PgBouncer before a real PostgreSQL, in transaction mode; all clients share one session."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from suites.standins.kit import keeper
from suites.standins.kit.places import new_directory, private_folder, server_owner
from suites.standins.kit.postgres import free_port
from tests.servers.parts import program

_DEADLINE = 10.0

_INI = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 1
"""


@contextmanager
def bouncing(server: int, users: dict[str, str]) -> Iterator[int]:
    """Yield the port of a PgBouncer that lets `users` in by their passwords, until the end of the block."""
    executable, owner, port = program("pgbouncer"), server_owner(), free_port()
    directory = new_directory("pgbouncer", owner)
    keeping = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(keeper.__file__)), str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert keeping.stdin is not None
    try:
        folder = private_folder(directory / "pgbouncer", owner)
        (folder / "users.txt").write_text("".join(f'"{name}" "{word}"\n' for name, word in users.items()))
        (folder / "pgbouncer.ini").write_text(_INI.format(server=server, port=port, folder=folder))
        for name in ("users.txt", "pgbouncer.ini"):
            owner.take(folder / name)
        order = {
            "commands": [[str(executable), str(folder / "pgbouncer.ini")]],
            "owner": owner.popen_options,
            "log": str(directory / "pgbouncer.log"),
        }
        keeping.stdin.write(json.dumps(order) + "\n")
        keeping.stdin.flush()
        _wait(port, next(iter(users.items())), keeping)
        yield port
    finally:
        keeping.stdin.close()
        keeping.wait(_DEADLINE)


def _wait(port: int, user: tuple[str, str], keeping: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _DEADLINE
    name, word = user
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=name, password=word, dbname="postgres").close()
        except psycopg.OperationalError:
            if keeping.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
