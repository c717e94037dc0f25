"""Exceptions of the scenario itself: how often each came, and where."""

from collections import Counter

SHOWN = 300
"""Characters of a mistake that are told."""


class Mistakes:
    """Counts them; `most` with no request between them are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._row = 0
        self.counts: Counter[str] = Counter()

    def interrupt(self) -> None:
        """Note that a request was sent."""
        self._row = 0

    def add(self, exception: BaseException) -> str:
        """Count an exception, and return it, with its place, if it is the one too many."""
        place = ""
        trace = exception.__traceback__
        while trace is not None:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        told = f"{type(exception).__name__}: {exception} ({place})"[:SHOWN]
        self.counts[told] += 1
        self._row += 1
        return told if self._row == self._most else ""
