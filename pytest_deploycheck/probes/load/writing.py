"""What load creates: in the ledger before the first request leaves, with what came of it afterwards."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from pytest_deploycheck.model.creation import MARK, Creation
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.load import LoadRequest, LoadRun
from pytest_deploycheck.probes.load.job import Job
from pytest_deploycheck.safety.ledger import Entry, Ledger

CLIENT_ERRORS = range(400, 500)
"""Statuses that say the request was not carried out (RFC 9110, 15.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where creations are written down.

    `identify` tells the id of what an entry created, from the reply if there is one; `new_mark` gives a text
    that no other request carries. `base_url` is where the entries are.
    """

    ledger: Ledger
    identify: Callable[[Entry, Reply | None], str | None]
    new_mark: Callable[[], str]
    base_url: str


class Creations:
    """The creations of one load run: an entry for each mark that may be sent."""

    def __init__(self, books: Books, run: LoadRun, check: str) -> None:
        self._books = books
        self._entries: dict[str, Entry] = {}
        self._marks: list[tuple[str, ...]] = []
        for request in run.scenario if isinstance(run.scenario, tuple) else ():
            self._marks.append(tuple(self._enter(request, check) for _ in range(request.creations)))

    def marked(self, job: Job) -> Job:
        """Return the job with the marks that its requests may use up."""
        asks = (replace(ask, marks=marks) for ask, marks in zip(job.asks, self._marks, strict=True))
        return replace(job, asks=tuple(asks)) if self._entries else job

    def settle(self, made: Sequence[tuple[str, int, str]], sent: Collection[str] | None) -> int:
        """Write down what the replies said, and close what was never sent; return how many were.

        `made` are mark, status and body of each reply. `sent` are the marks that were sent; None if somebody
        did not come to tell: then anything may have been.
        """
        for mark, status, body in made:
            self._answer(mark, Reply(status=status, body=body.encode()))
        if sent is None:
            return len(self._entries)
        for mark in self._entries.keys() - set(sent):
            self._books.ledger.close(self._entries[mark])
        return len(sent)

    def _enter(self, request: LoadRequest, check: str) -> str:
        mark = self._books.new_mark()
        creation = _with_mark(request, mark)
        entry = self._books.ledger.record(
            check=check,
            base_url=self._books.base_url,
            identity=creation.identity or request.identity,
            request=f"{request.method} {request.target}",
            creation=creation,
        )
        if resource := self._books.identify(entry, None):
            entry = self._books.ledger.identify(entry, resource)
        self._entries[mark] = entry
        return mark

    def _answer(self, mark: str, reply: Reply) -> None:
        entry = self._entries[mark]
        resource = self._books.identify(entry, reply)
        self._books.ledger.answer(entry, resource, refused=reply.status in CLIENT_ERRORS)


def _with_mark(request: LoadRequest, mark: str) -> Creation:
    """How to undo a request that carries `mark`."""
    if request.creates is None:
        raise ValueError("a request that creates nothing needs no mark")
    creates = request.creates
    filled = {
        name: value.replace(MARK, mark) if isinstance(value := getattr(creates, name), str) else value
        for name in ("identify", "delete", "gone", "find")
    }
    return replace(creates, mark=mark, **filled)
