"""Owns the database server and the temporary directory, and outlives its parent.

Runs as a script of its own (standard library only). It reads a JSON order from the
first line of its standard input, runs the commands one after the other, and stops
and removes everything once its standard input ends: on a proper stop as well as
when the parent was killed.
"""

import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

TAIL = 2000
STOP_DEADLINE = 10


class Keeper:
    """Runs one command at a time until it is told to stop."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._directory = Path(order["directory"])
        self._commands: list[list[str]] = order["commands"]
        self._owner: dict[str, Any] = order["owner"]
        self._log = Path(order["log"])
        self._lock = threading.Lock()
        self._stopping = False
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run the commands, then remove the directory; the first bad status wins."""
        status = 0
        try:
            for command in self._commands:
                status = self._run(command)
                if status or self._stopping:
                    break
        finally:
            if status and not self._stopping:
                sys.stderr.write(self._log.read_text(errors="replace")[-TAIL:])
            shutil.rmtree(self._directory, ignore_errors=True)
        return 0 if self._stopping else status

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


def main() -> int:
    """Read the order, keep it until the end of the input."""
    keeper = Keeper(json.loads(sys.stdin.readline()))

    def watch() -> None:
        sys.stdin.read()
        keeper.stop()

    threading.Thread(target=watch, daemon=True).start()
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
