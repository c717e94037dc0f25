"""One secret in all its spellings, whole or cut, as patterns that need linear time."""

import base64
import html
import json
import re
from dataclasses import dataclass
from urllib.parse import quote

SHORTEST = 4
"""Shorter values are not taken out: they would erase ordinary words."""

GLIMPSE = 6
"""So many characters beside an ellipsis are taken for the beginning or the end of a secret."""

PIECE = 20
"""So many characters are known as the beginning or the end of a long secret even without an ellipsis."""

_PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
"""Characters that no spelling changes, except base64 and hexadecimal."""

_RUN = r"[\w.~+/=%-]"
_CUT = r"(?:\.\.\.|…)"
_AFTER_CUT = r"(?:(?<=\.\.\.)|(?<=…))"


@dataclass(frozen=True, slots=True)
class Needle:
    """The patterns of a secret. Where one matches, one of `anchors` is in the text: a quick way to say no."""

    anchors: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, value: str) -> "Needle":
        """Return the patterns of `value`."""
        spelled = [_character(character) for character in value]
        encoded = value.encode("utf-8", "surrogateescape")
        digits = encoded.hex()
        whole = ["".join(spelled), _base64(encoded), f"(?i:{digits})"]
        cut = [*_cut(spelled), *_pieces(spelled)]
        anchors = [_plain(value[:GLIMPSE]), _plain(value[-GLIMPSE:]), digits[:8], digits[:8].upper()]
        return cls(
            anchors=(*anchors, _plain(base64.b64encode(encoded).decode()[:GLIMPSE])),
            patterns=tuple(re.compile("|".join(some)) for some in (whole, cut) if some),
        )

    def replaced(self, text: str, stars: str) -> str:
        """Return `text` with `stars` for the secret."""
        if not any(anchor in text for anchor in self.anchors):
            return text
        for pattern in self.patterns:
            text = pattern.sub(stars, text)
        return text

    def is_in(self, text: str) -> bool:
        """Whether `text` holds the secret, or half of it."""
        return any(anchor in text for anchor in self.anchors) and any(
            pattern.search(text) for pattern in self.patterns
        )


def _plain(text: str) -> str:
    """The longest part of `text` that every spelling keeps; may be empty, and is then in every text."""
    return max(_PLAIN.findall(text), key=len, default="")


def _character(character: str) -> str:
    """A character as it is, or as JSON, Python, URLs and XML escape it, once or several times."""
    if _PLAIN.fullmatch(character):
        return re.escape(character)
    if character == "\\":
        return r"(?:\\+|%5[Cc])"
    percent = quote(character, safe="", errors="replace")
    forms = {percent, percent.lower(), html.escape(character), f"&#{ord(character)};"}
    forms |= {written[1:-1] for written in (json.dumps(character), ascii(character))}
    forms |= {"+"} if character == " " else set()
    escaped = [re.escape(form).replace(r"\\", r"\\+") for form in forms if form.startswith("\\")]
    others = [rf"\\*{re.escape(form)}" for form in {character, *forms} if not form.startswith("\\")]
    return f"(?:{'|'.join(sorted(escaped + others, key=len, reverse=True))})"


def _base64(value: bytes) -> str:
    """As base64 (RFC 4648), in either alphabet, with its padding or without, percent-encoded or not."""
    coded = re.escape(base64.b64encode(value).decode().rstrip("="))
    plus, slash = re.escape("+"), re.escape("/")
    return coded.replace(plus, "(?:[+-]|%2[Bb])").replace(slash, "(?:[/_]|%2[Ff])") + "(?:=|%3[Dd])*"


def _cut(spelled: list[str]) -> list[str]:
    """The beginning before an ellipsis, and the end after one: output shortens what it shows."""
    if len(spelled) < 2 * GLIMPSE:
        return []
    longest = 2 * PIECE
    more = ""
    for character in reversed(spelled[GLIMPSE:longest]):
        more = f"(?:{character}{more})?"
    less = ""
    for character in spelled[-longest:-GLIMPSE]:
        less = f"(?:{less}{character})?"
    return [
        "".join(spelled[:GLIMPSE]) + more + f"(?={_CUT})",
        _AFTER_CUT + less + "".join(spelled[-GLIMPSE:]),
    ]


def _pieces(spelled: list[str]) -> list[str]:
    """The head of a long secret with what follows it, the tail with what stands before it."""
    if len(spelled) < 2 * PIECE:
        return []
    head, tail = "".join(spelled[:PIECE]), "".join(spelled[-PIECE:])
    return [f"{head}{_RUN}*", f"(?<!{_RUN}){_RUN}*{tail}"]
