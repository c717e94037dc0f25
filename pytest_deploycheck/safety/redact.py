"""Takes secrets out of text: known values in every spelling, and whatever looks like a token."""

import re
import threading
from collections.abc import Iterator

from pytest_deploycheck.safety.spelling import SHORTEST, Needle

STARS = "***"

_LINE = 16
"""Lines of a secret that are shorter, such as the last of a key in PEM, are not secrets of their own."""

_JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*)?")
_KEYED = re.compile(
    r"""(?ix) ( (?<![\w-]) "? [\w-]* (?: access_token | refresh_token | id_token | password | passwd | secret
        | api_?key | authorization | set-cookie | cookie ) [\w-]* "? \s* [:=] \s* "? ) (?!\*\*\*)
        [^\s"',;&}\]]{4,}"""
)
_URL_PASSWORD = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]*:)[^\s@/]+@")


class Redactor:
    """Knows the secrets of a run and cleans text of them. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._needles: dict[str, Needle] = {}

    def add(self, *values: str) -> None:
        """Remember secrets; each is found as it is, and as JSON, Python, URLs, XML and base64 write it.

        Each line of a secret of several lines is one, too: a traceback prints them one by one.
        """
        fresh = {each for value in values for each in _parts(value)} - self._needles.keys()
        if not fresh:
            return
        with self._lock:
            known = self._needles | {value: Needle.of(value) for value in fresh}
            longest_first = sorted(known, key=len, reverse=True)  # so that a part never hides the whole
            self._needles = {value: known[value] for value in longest_first}

    def clean(self, text: str) -> str:
        """Return `text` with stars where a known secret, half of one, or anything like a token stood."""
        for needle in self._needles.values():
            text = needle.replaced(text, STARS)
        text = _JWT.sub(STARS, text)
        return _URL_PASSWORD.sub(rf"\1{STARS}@", text)

    def clean_evidence(self, text: str) -> str:
        """As `clean`, and take out the values of keys and headers that carry credentials."""
        return _KEYED.sub(rf"\1{STARS}", self.clean(text))

    def betrays(self, text: str) -> bool:
        """Whether `text` holds a known secret."""
        return any(needle.is_in(text) for needle in self._needles.values())


def _parts(value: str) -> Iterator[str]:
    if len(value) >= SHORTEST:
        yield value
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _LINE and not line.startswith("-----"))
