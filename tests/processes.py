"""The machine's other processes, told without stumbling over those that end while they are looked at."""

from pathlib import Path

import psutil


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended and only waits for its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_of(process: psutil.Process) -> list[str]:
    """A process's command line: empty when it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def living(marker: str) -> list[str]:
    """The command lines of the processes whose environment or arguments hold `marker`."""
    found = []
    for pid in psutil.pids():
        process = Path("/proc") / str(pid)
        try:
            arguments = (process / "cmdline").read_bytes()
            told = (process / "environ").read_bytes() + arguments
        except OSError:
            continue
        if marker.encode() in told and is_alive(pid):
            found.append(arguments.replace(b"\0", b" ").decode())
    return found
