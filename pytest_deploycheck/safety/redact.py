"""Takes secrets out of text: known values in every spelling, and whatever looks like a token."""

import base64
import json
import re
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

STARS = "***"
SHORTEST = 4
"""Shorter values are not taken out: they would erase ordinary words."""

PIECE = 20
"""A long secret is known by its first or last so many characters, since output truncates the middle."""

_LONG = 2 * PIECE
_JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*)?")
_KEYED = re.compile(
    r"""(?ix) ( "? [\w-]* (?: access_token | refresh_token | id_token | password | passwd | secret | api_?key
        | authorization | set-cookie | cookie ) [\w-]* "? \s* [:=] \s* "? ) (?!\*\*\*) [^\s"',;&}\]]{4,}"""
)
_URL_PASSWORD = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@")


class Redactor:
    """Knows the secrets of a run and cleans text of them. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *values: str) -> None:
        """Remember secrets; each is found as it is, percent-encoded, in base64 and as JSON writes it."""
        fresh = {value for value in values if len(value) >= SHORTEST} - self._values
        if not fresh:
            return
        with self._lock:
            self._values |= fresh
            self._pattern = _pattern(self._values)

    def clean(self, text: str) -> str:
        """Return `text` with stars where a known secret or anything like a token stood."""
        if self._pattern is not None:
            text = self._pattern.sub(STARS, text)
        text = _JWT.sub(STARS, text)
        return _URL_PASSWORD.sub(rf"\1{STARS}@", text)

    def clean_evidence(self, text: str) -> str:
        """As `clean`, and take out the values of keys and headers that carry credentials."""
        return _KEYED.sub(rf"\1{STARS}", self.clean(text))

    def betrays(self, text: str) -> bool:
        """Whether `text` holds a known secret."""
        return self._pattern is not None and self._pattern.search(text) is not None


def _pattern(values: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all spellings, longest first, so that a part never hides the whole."""
    spellings = {spelling for value in values for spelling in _spellings(value)}
    whole = [re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True)]
    pieces = [piece for value in values if len(value) >= _LONG for piece in _pieces(value)]
    return re.compile("|".join(whole + pieces))


def _spellings(value: str) -> set[str]:
    encoded = value.encode()
    plain = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
    coded = {
        base64.b64encode(encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode().rstrip("="),
        encoded.hex(),
    }
    return {spelling for spelling in plain | coded if len(spelling) >= SHORTEST}


def _pieces(value: str) -> tuple[str, str]:
    """The head with what follows it, the tail with what stands before it."""
    run = r"[\w.~+/=%-]*"
    return re.escape(value[:PIECE]) + run, run + re.escape(value[-PIECE:])
