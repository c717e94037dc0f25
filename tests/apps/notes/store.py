"""People, teams and what they wrote, in memory."""

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

MEMBER, OWNER = "member", "owner"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    email: str
    team_id: int
    role: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "email": self.email, "team_id": self.team_id, "role": self.role}


@dataclass(slots=True)
class Note:
    id: int
    team_id: int
    author_id: int
    title: str
    text: str
    comments: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        names = ("id", "team_id", "author_id", "title", "text")
        return {name: getattr(self, name) for name in names}


class Store:
    """Notes of two teams; the third, Dan's, has none yet."""

    def __init__(self) -> None:
        self.people = [
            Person(1, "ana@north.example", 1, MEMBER),
            Person(2, "bo@south.example", 2, MEMBER),
            Person(3, "cleo@north.example", 1, OWNER),
            Person(4, "dan@west.example", 3, MEMBER),
        ]
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.notes: dict[int, Note] = {}
        for number in range(3):
            for person in self.people[:2]:
                note = self.write(person.team_id, person.id, f"Note {number} of {person.email}", "Hello")
                note.comments.append(f"a comment for team {person.team_id}")

    def write(self, team: int, author: int, title: str, text: str) -> Note:
        with self._lock:
            note = Note(next(self._numbers), team, author, title, text)
            self.notes[note.id] = note
        return note

    def remove(self, note: Note) -> None:
        with self._lock:
            self.notes.pop(note.id, None)

    def person(self, email: str, password: str) -> Person | None:
        found = (p for p in self.people if p.email == email.lower())
        person = next(found, None)
        known = person.password if person else ""
        is_right = secrets.compare_digest(known.encode(), password.encode())
        return person if person and is_right else None
