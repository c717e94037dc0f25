"""What is written in several ways and means the same; and what must not be written down at all."""

import hashlib
import re
from collections import Counter
from textwrap import dedent

_TRUE = frozenset({"on", "true", "yes", "1"})
_FALSE = frozenset({"off", "false", "no", "0"})
_JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*)?")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{12,}")
_URL_PASSWORD = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]*:)[^\s@/]+@")
_TELLING = re.compile(r"(?i)(?:^|[._])(?:\w*_)?(?:keys?|apikey|secret|token|password|passwd|jwt|dsn)(?:$|_)")
_PARSED = re.compile(r"(?i)\s*(?:BEGIN\s+ATOMIC|RETURN)\b")
_STARS = "***"
_DIGITS = 32
"""Of a hash that are written down: 128 bits."""


def option(text: str) -> str:
    """A storage parameter with its boolean as true or false: `on` and `true` are the same."""
    name, _, value = text.partition("=")
    if value.lower() in _TRUE:
        return f"{name}=true"
    return f"{name}=false" if value.lower() in _FALSE else text


def concealed(text: str) -> str:
    """A definition without the tokens and passwords that some carry, a trigger that calls a web hook say."""
    text = _BEARER.sub(rf"\1{_STARS}", _JWT.sub(_STARS, text))
    return _URL_PASSWORD.sub(rf"\1{_STARS}@", text)


def setting(text: str) -> tuple[str, str]:
    """Name and value of a setting of a role or database; what its name calls a secret is not told."""
    name, _, value = text.partition("=")
    return name, _STARS if _TELLING.search(name) else concealed(value)


def lines(text: str) -> str:
    """A text of several lines without what nobody sees: common indentation, trailing blanks."""
    return dedent("\n".join(line.rstrip() for line in text.splitlines())).strip()


def digest(body: str) -> str:
    """What tells one function body from another, and nothing of it."""
    return hashlib.sha256(lines(body).encode()).hexdigest()[:_DIGITS]


def is_parsed(body: str, language: str) -> bool:
    """Whether PostgreSQL keeps a body as a parse tree (the SQL standard's form) and writes it anew."""
    return language == "sql" and bool(_PARSED.match(body))


_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.\"])\d+(?:\.\d+)?")
_LENGTH = re.compile(r"::[\w. \"]+\(\d+(?:, ?\d+)?\)")
_WORD = re.compile(r"[a-z_][\w$]*", re.IGNORECASE)


def literals(expression: str) -> Counter[str]:
    """The texts and numbers of an expression: no major version of PostgreSQL writes others for the same."""
    return Counter(_LITERAL.findall(_LENGTH.sub("", expression)))


def words(definition: str) -> frozenset[str]:
    """The names that an index's definition is made of."""
    return frozenset(_WORD.findall(definition))
