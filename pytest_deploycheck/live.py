"""One line on the terminal that says how a long check goes, while pytest captures everything else."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext

import pytest

_ERASE = "\r\x1b[K"


def live_line(config: pytest.Config) -> Callable[[str], None]:
    """Return what shows a line in place of the one before, and nothing for an empty one.

    It is quiet where nobody watches: no terminal, a CI system, workers of xdist.
    """
    watched = sys.stdout.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    if not watched or getattr(config.option, "numprocesses", None):
        return lambda _: None
    return _Line(config)


class _Line:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._shown = ""

    def __call__(self, text: str) -> None:
        """Show `text`, cut to the width of the terminal."""
        writer = self._config.get_terminal_writer()
        text = text[: writer.fullwidth - 1]
        if text == self._shown:
            return
        below = "\n" if text and not self._shown else ""
        self._shown = text
        capture = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            writer.write(below + _ERASE + text, flush=True)
