"""The marks that creations carry: each goes once, and what came back for it is kept for the ledger."""

from pytest_deploycheck.probes.load.job import Job

REPLY = 65536
"""Characters of a reply to a creation that are looked at for the id."""


class Marks:
    """Those of the `index`-th generator, by the number of the request that takes them."""

    def __init__(self, job: Job, index: int) -> None:
        self._left = [list(ask.marks[index :: job.generators]) for ask in job.asks]
        self._made: list[tuple[str, int, str]] = []
        self.sent: set[str] = set()
        """Those that were sent, or may have been."""

    def take(self, number: int) -> str | None:
        """Return the next one; None if all are used up."""
        if not self._left[number]:
            return None
        mark = self._left[number].pop()
        self.sent.add(mark)
        return mark

    def give_back(self, number: int, mark: str) -> None:
        """Take back one that was not sent."""
        self._left[number].append(mark)
        self.sent.discard(mark)

    def made(self, mark: str, status: int, body: str) -> None:
        """Note the reply to a creation, so that what it created can be removed."""
        self._made.append((mark, status, body[:REPLY]))

    def drain(self) -> list[tuple[str, int, str]]:
        """Return what was noted since the last time."""
        made, self._made = self._made, []
        return made
