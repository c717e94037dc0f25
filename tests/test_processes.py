"""Processes that end while they are looked at are told as ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psutil

from tests.processes import command_of, is_alive, living

MARKER = f"marker-{uuid4()}"  # each xdist worker has its own


@contextmanager
def waiting() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has begun to run, until it is let go."""
    command = [sys.executable, "-c", "print(flush=True); input()", MARKER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def test_a_running_process_is_told_with_its_command() -> None:
    with waiting() as process:
        assert is_alive(process.pid)
        assert command_of(psutil.Process(process.pid))[-1] == MARKER
        assert [line.split()[-1] for line in living(MARKER)] == [MARKER]


def test_one_that_nobody_has_waited_for_yet_has_ended() -> None:
    with waiting() as process:
        seen = psutil.Process(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert not is_alive(process.pid)
        assert command_of(seen) == []
        assert living(MARKER) == []


def test_one_that_is_gone_has_ended() -> None:
    with waiting() as process:
        seen = psutil.Process(process.pid)

    assert not is_alive(process.pid)
    assert command_of(seen) == []
