"""What was written to the target: on disk before it is sent, until it is proven gone.

One JSON Lines file a ledger, so that nobody shares one and a killed run leaves whole lines.
An entry is open until a line with its id closes it. POSIX only: it relies on flock(2).
"""

import fcntl
import json
import os
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO, Any

from pytest_deploycheck.model.creation import Creation


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A resource that a request creates, or may have created.

    `resource` is its id at the target, or None while no reply has told it. `base_url` and `identity` say
    where and as whom to remove it. `answered`: a reply to its creation came; `refused`: it said that nothing
    was created (4xx).
    """

    id: str
    run: str
    check: str
    base_url: str
    identity: str
    request: str
    creation: Creation
    resource: str | None = None
    answered: bool = False
    refused: bool = False

    def __str__(self) -> str:
        what = self.resource or f"unknown id, marked {self.creation.mark}"
        return f"{self.request} ({what}), made by {self.check} as {self.identity}"


class Ledger:
    """The entries of one environment. Safe to use from several threads.

    While it is in use it holds a lock on its own file (flock(2)), so a file that can be locked belongs to a
    run that has ended, however it ended.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._path = folder / f"{run}-{uuid.uuid4().hex}.jsonl"
        self._run = run
        self._lock = threading.Lock()
        self._file: IO[str] | None = None

    def record(self, *, check: str, base_url: str, identity: str, request: str, creation: Creation) -> Entry:
        """Write down a resource before the request that creates it is sent."""
        entry = Entry(
            id=uuid.uuid4().hex,
            run=self._run,
            check=check,
            base_url=base_url,
            identity=identity,
            request=request,
            creation=creation,
        )
        self._append(asdict(entry))
        return entry

    def identify(self, entry: Entry, resource: str) -> Entry:
        """Write down the id under which the target knows the resource."""
        known = replace(entry, resource=resource)
        self._append(asdict(known))
        return known

    def answer(self, entry: Entry, resource: str | None, *, refused: bool = False) -> Entry:
        """Write down what the reply to the creation said: an id, or that nothing was created."""
        known = replace(entry, resource=resource or entry.resource, answered=True, refused=refused)
        self._append(asdict(known))
        return known

    def close(self, entry: Entry) -> None:
        """Write down that the resource is proven gone, or was never made."""
        self._append({"id": entry.id, "closed": True})

    def open_entries(self) -> tuple[Entry, ...]:
        """What this run, its workers included, has not yet proven gone; oldest first."""
        return tuple(entry for entry in self._entries() if entry.run == self._run)

    def leftovers(self) -> tuple[Entry, ...]:
        """What runs that have ended did not prove gone; oldest first."""
        living = {path.stem.rpartition("-")[0] for path in self._paths() if not _ended(path)} | {self._run}
        return tuple(entry for entry in self._entries() if entry.run not in living)

    def release(self) -> None:
        """Give up the lock, and remove the files of ended runs that nothing open needs."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
        told = {path: {line["id"] for line in _lines(path)} for path in self._paths()}
        living = {entry for path, ids in told.items() if not _ended(path) for entry in ids}
        kept = _needed(told, living | {entry.id for entry in self._entries()})
        for path in told.keys() - kept:
            _ended(path, then=Path.unlink)

    def _paths(self) -> list[Path]:
        """All files, those of older runs first: a run's name begins with its time."""
        return sorted(self._folder.glob("*.jsonl"))

    def _entries(self) -> tuple[Entry, ...]:
        return _read(self._paths())

    def _append(self, line: dict[str, Any]) -> None:
        """Append a line and wait until the disk has it: the process may be killed at any moment."""
        with self._lock:
            if self._file is None:
                self._file = self._opened()
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def _opened(self) -> IO[str]:
        """Open and lock the file; anew, if somebody took it for an ended run's and removed it in between."""
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            file = self._path.open("a", encoding="utf-8")
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._path.exists():
                self._path.chmod(0o600)
                return file
            file.close()


def _read(paths: Iterable[Path]) -> tuple[Entry, ...]:
    """The entries that no line closes."""
    entries: dict[str, Entry] = {}
    closed: set[str] = set()
    for data in chain.from_iterable(map(_lines, paths)):
        if data.get("closed"):
            closed.add(data["id"])
        else:
            entries[data["id"]] = Entry(**{**data, "creation": Creation(**data["creation"])})
    return tuple(entry for entry in entries.values() if entry.id not in closed)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:  # removed by another run, so there was nothing open in it
        return
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue  # the last line of a process killed while it wrote: its request was never sent


def _needed(told: Mapping[Path, AbstractSet[str]], wanted: AbstractSet[str]) -> AbstractSet[Path]:
    """The files that tell of the wanted entries, or of others that stand beside those: one may close them."""
    while True:
        kept = {path for path, ids in told.items() if ids & wanted}
        grown = frozenset(wanted).union(*(told[path] for path in kept))
        if grown == wanted:
            return kept
        wanted = grown


def _ended(path: Path, *, then: Callable[[Path], None] = lambda path: None) -> bool:
    """Whether no living process holds the lock of a ledger file; `then` is done to it under the lock."""
    try:
        with path.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            then(path)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True
    return True


def folder_of(root: Path, environment: str) -> Path:
    """Where the ledger of an environment lies below a contract's folder."""
    return root / ".deploycheck" / "ledger" / re.sub(r"[^\w.-]", "_", environment)
