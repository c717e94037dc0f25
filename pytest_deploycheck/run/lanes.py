"""Which conversations may run together."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_deploycheck.model.check import Check, Phase


class Lanes:
    """One lane a tenant for checks that write; load and exclusive checks have all lanes for themselves."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._busy: dict[str | None, bool] = defaultdict(bool)
        self._alone = False

    @contextmanager
    def enter(self, check: Check) -> Iterator[None]:
        """Wait until `check` may run, and hold its lane."""
        alone = check.phase in (Phase.LOAD, Phase.EXCLUSIVE)
        lane = check.tenant
        with self._lock:
            self._lock.wait_for(
                lambda: not self._alone and not (any(self._busy.values()) if alone else self._busy[lane])
            )
            self._alone, self._busy[lane] = alone, True
        try:
            yield
        finally:
            with self._lock:
                self._alone, self._busy[lane] = False, False
                self._lock.notify_all()
