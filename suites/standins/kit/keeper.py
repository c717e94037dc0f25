"""Owns the database server and the temporary directory, and outlives its parent.

Runs as a script of its own (standard library only), with the directory as its
argument. It reads a JSON order from the first line of its standard input, runs the
commands one after the other, and stops and removes everything once its standard
input ends: on a proper stop as well as when the parent was killed.
"""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

TAIL = 2000
STOP_DEADLINE = 10
REMOVE_DEADLINE = 5
PAUSE = 0.02


class Keeper:
    """Runs one command at a time until it is told to stop."""

    def __init__(self, directory: Path, order: dict[str, Any]) -> None:
        self._directory = directory
        self._commands: list[list[str]] = order["commands"]
        self._owner: dict[str, Any] = order["owner"]
        self._log = Path(order["log"])
        self._lock = threading.Lock()
        self._stopping = False
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run the commands; the first bad status wins."""
        status = 0
        for command in self._commands:
            status = self._run(command)
            if self._stopping:
                return 0
            if status:
                sys.stderr.write(self._log.read_text(errors="replace")[-TAIL:])
                break
        return status

    def stop(self) -> None:
        """Stop what runs now; nothing starts afterwards."""
        with self._lock:
            self._stopping = True
            child = self._child
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGQUIT)
        try:
            child.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            child.kill()

    def _run(self, command: list[str]) -> int:
        with self._lock:
            if self._stopping:
                return 0
            with self._log.open("ab") as log:
                self._child = subprocess.Popen(  # noqa: S603 - the order's commands
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self._directory,
                    **self._owner,
                )
        return self._child.wait()


def remove(directory: Path) -> None:
    """Remove a directory, even if somebody still writes into it for a moment."""
    deadline = time.monotonic() + REMOVE_DEADLINE
    while directory.exists() and time.monotonic() < deadline:
        shutil.rmtree(directory, ignore_errors=True)
        time.sleep(PAUSE)


def keep(directory: Path) -> int:
    """Read the order, keep it until the end of the input."""
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        return 0
    keeper = Keeper(directory, json.loads(line))

    def watch() -> None:
        sys.stdin.read()
        keeper.stop()

    threading.Thread(target=watch, daemon=True).start()
    return keeper.run()


def main() -> int:
    """Keep the directory that the command line names; remove it whatever happens."""
    directory = Path(sys.argv[1])
    try:
        return keep(directory)
    finally:
        remove(directory)


if __name__ == "__main__":
    sys.exit(main())
