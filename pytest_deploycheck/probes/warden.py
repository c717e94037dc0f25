"""Runs a command, and ends it with everything it started when standard input closes.

`python -m pytest_deploycheck.probes.warden FOLDER COMMAND...`. The run that started it holds the other end
of the pipe, so the command ends with the run even if the run is killed; then the run's folder is removed.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

PATIENCE = 15.0
"""Seconds between asking (SIGTERM) and insisting (SIGKILL)."""


def main(folder: str, command: list[str]) -> int:
    """Run `command` until it ends or standard input closes; return its exit status."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - the contract's own
    orphaned, ended = threading.Event(), threading.Event()
    threading.Thread(target=_end_with_stdin, args=(child, orphaned, ended), daemon=True).start()
    status = child.wait()
    ended.set()
    _signal_group(child.pid, signal.SIGKILL)
    if orphaned.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _end_with_stdin(
    child: "subprocess.Popen[bytes]", orphaned: threading.Event, ended: threading.Event
) -> None:
    while os.read(sys.stdin.fileno(), 1):  # unbuffered: a buffer's lock held at exit aborts the interpreter
        pass
    orphaned.set()
    _signal_group(child.pid, signal.SIGTERM)
    if not ended.wait(PATIENCE):
        _signal_group(child.pid, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
