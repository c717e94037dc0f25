"""Lets others run while a reply comes faster than it is read: else no deadline ends it, and nobody sends."""

import time
from functools import wraps
from typing import Any

import gevent
from gevent import get_hub, getcurrent
from gevent.socket import socket
from gevent.ssl import SSLSocket

from pytest_deploycheck.probes.loadgen.patching import patch

SLICE = 0.01
"""Seconds that one greenlet reads without a pause."""
PAUSE = 0.001
"""Seconds of such a pause; with none, gevent would come back here before it looked at its timers."""

_READS = ((socket, "recv"), (socket, "recv_into"), (SSLSocket, "read"))
"""What all clients read by: both of locust's, and the WebSocket's."""


class _Turn:
    """Knows how long the same greenlet has read while the loop stood still."""

    def __init__(self) -> None:
        self._whose: Any = None
        self._round = self._began = 0.0

    def look(self) -> None:
        """Pause if that has been too long: data that is there is read without waiting for any."""
        now, me, this_round = time.monotonic(), getcurrent(), get_hub().loop.now()
        if me is not self._whose or this_round != self._round:
            self._whose, self._round, self._began = me, this_round, now
        elif now - self._began > SLICE:
            self._whose = None
            gevent.sleep(PAUSE)


def take_turns() -> None:
    """Change the sockets, before any is read."""
    turn = _Turn()
    for owner, name in _READS:
        patch(owner, name, lambda original: _in_turn(original, turn))


def _in_turn(original: Any, turn: _Turn) -> Any:  # noqa: ANN401 - gevent's own
    @wraps(original)
    def read(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - gevent's own
        turn.look()
        return original(self, *args, **options)

    return read
