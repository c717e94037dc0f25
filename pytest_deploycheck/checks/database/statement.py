"""A statement of the contract: that it is one, that it reads, and where it ends.

Only as much of the lexical structure as that takes (PostgreSQL manual, 4.1): strings, quoted names, dollar
quotes and comments are stepped over.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.language.part import MistakeError

READING = frozenset({"select", "with", "values", "table"})
"""Words that a statement which reads begins with."""

CHANGING = frozenset({"insert", "update", "delete", "merge"})
"""Words of a statement that changes rows."""

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+ | --[^\n]*)
    | (?P<comment>/\*)
    | (?P<quoted>[eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>[A-Za-z_\x80-\uffff][\w]*)?\$.*?\$(?(tag)(?P=tag))\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<end>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sql:
    """One statement without the semicolon at its end. `words` are those outside of quotes, in lower case."""

    text: str
    words: tuple[str, ...]

    @property
    def reads(self) -> bool:
        """Whether it begins as one that reads."""
        return self.words[0] in READING

    @property
    def changes(self) -> bool:
        """Whether one of its words is that of a change: a locking clause (FOR UPDATE) counts too."""
        return not CHANGING.isdisjoint(self.words)


def parse_sql(value: object) -> Sql:
    """Return the one statement that a text holds."""
    if not isinstance(value, str):
        raise MistakeError(f"{value!r} is no SQL", "one statement as text")
    words: list[str] = []
    last, ended = 0, False
    for kind, word, stop in _tokens(value):
        if kind == "end":
            ended = True
            continue
        if ended:
            raise MistakeError("more than one statement", "one: each check asks one thing")
        last = stop
        if kind == "word":
            words.append(word.lower())
    if not words:
        raise MistakeError("no statement", "such as select count(*) from public.orders")
    return Sql(value[:last].strip(), tuple(words))


def parse_reading(value: object) -> Sql:
    """Return the one statement that a text holds, if it begins as one that reads."""
    sql = parse_sql(value)
    if not sql.reads:
        known = ", ".join(sorted(word.upper() for word in READING))
        raise MistakeError(f"{sql.words[0].upper()} does not read", f"a statement that begins with {known}")
    return sql


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Return kind, text and end of what is neither space nor comment."""
    found = []
    position = 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or "other"
        position = match.end()
        if kind == "comment":
            position = _end_of_comment(text, position)
        elif kind != "skip":
            found.append(("quoted" if kind == "tag" else kind, match[0], position))
    return found


def _end_of_comment(text: str, position: int) -> int:
    """Comments nest, unlike those of the standard."""
    depth = 1
    for mark in re.finditer(r"/\*|\*/", text[position:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return position + mark.end()
    raise MistakeError("a comment without end", "*/ behind it")


_TEXT = WithJsonSchema({"type": "string"})

ReadingSql = Annotated[Sql, PlainValidator(parse_reading), _TEXT]
AnySql = Annotated[Sql, PlainValidator(parse_sql), _TEXT]
