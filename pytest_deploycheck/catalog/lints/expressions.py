"""Reads the expressions of policies as PostgreSQL prints them: what they are made of, what they let through.

No parser of SQL: pg_get_expr puts every part of AND and OR in parentheses, and that is enough to take an
expression apart. What is inside a part is looked at word by word.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

_WORD = re.compile(
    r"""(?P<text>[Ee]?'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")*") | (?P<name>[^\W\d][\w$]*)
    | (?P<number>\d[\d.]*) | (?P<sign>::|[-+*/<>=~!@\#%^&|`?]+|[().,\[\];:])""",
    re.VERBOSE,
)

Words: TypeAlias = tuple[str, ...]
"""Names as the catalog has them, key words in capitals, texts in their quotes, signs."""

_KEYWORDS = frozenset(
    """SELECT FROM WHERE AND OR NOT IS NULL TRUE FALSE IN ANY ALL EXISTS CASE WHEN THEN ELSE END COALESCE
    NULLIF DISTINCT CURRENT_USER SESSION_USER CURRENT_ROLE ARRAY AS LIMIT JOIN ON UNION LIKE""".split()  # noqa: SIM905 - words
)


@lru_cache(maxsize=8192)  # policies look alike, and every lint reads them again
def words(text: str) -> Words:
    """Take a text apart into its words."""
    return tuple(_word(found) for found in _WORD.finditer(text))


def _word(found: "re.Match[str]") -> str:
    text = found[0]
    if found["quoted"]:
        return text[1:-1].replace('""', '"')
    return text.upper() if found["name"] and text.upper() in _KEYWORDS else text


@dataclass(frozen=True, slots=True)
class Either:
    """Parts joined by OR."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Both:
    """Parts joined by AND."""

    parts: "tuple[Expression, ...]"


Expression: TypeAlias = Either | Both | Words
"""An expression taken apart as far as OR and AND go."""


def read(text: str | None) -> Expression:
    """Take an expression apart; none at all is `false`."""
    return _read(words(text if text is not None else "false"))


def _read(given: Words) -> Expression:
    given = _unwrapped(given)
    for joint, kind in (("OR", Either), ("AND", Both)):
        if len(parts := _split(given, joint)) > 1:
            return kind(tuple(_read(part) for part in parts))
    return given


def _unwrapped(given: Words) -> Words:
    while given[:1] == ("(",) and _closing(given) == len(given) - 1:
        given = given[1:-1]
    return given


def _closing(given: Words) -> int:
    depth = 0
    for place, word in enumerate(given):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return place
    return -1


def _split(given: Words, joint: str) -> list[Words]:
    parts: list[list[str]] = [[]]
    depth = 0
    for word in given:
        depth += (word in ("(", "CASE")) - (word in (")", "END"))
        if word == joint and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts]


def always(expression: Expression, sure: Callable[[Words], bool]) -> bool:
    """Whether it holds for every row, where `sure` tells so of a part."""
    match expression:
        case Either(parts=parts):
            return any(always(part, sure) for part in parts)
        case Both(parts=parts):
            return all(always(part, sure) for part in parts)
        case _:
            return sure(expression)


def narrows(expression: Expression, bound: Callable[[Words], bool]) -> bool:
    """Whether every way to satisfy it goes through a part of which `bound` holds."""
    match expression:
        case Either(parts=parts):
            return all(narrows(part, bound) for part in parts)
        case Both(parts=parts):
            return any(narrows(part, bound) for part in parts)
        case _:
            return bound(expression) or _never(expression)


def parts(expression: Expression) -> tuple[Words, ...]:
    """All parts that are neither AND nor OR."""
    match expression:
        case Either(parts=inner) | Both(parts=inner):
            return tuple(part for one in inner for part in parts(one))
        case _:
            return (expression,)


def _never(part: Words) -> bool:
    return part == ("FALSE",)


def is_tautology(part: Words) -> bool:
    """`true`, or a comparison of something with itself: `id = id`, `1 = 1`."""
    if part == ("TRUE",) or part == ("NOT", "FALSE"):
        return True
    if part[:1] == ("NOT",):
        return False
    return any(
        word in ("=", ">=", "<=") and _unwrapped(part[:place]) == _unwrapped(part[place + 1 :])
        for place, word in enumerate(part)
    )


def own_columns(part: Words, table: str, columns: tuple[str, ...]) -> frozenset[str]:
    """Which of its table's `columns` a part uses.

    Outside a sub-select PostgreSQL prints them bare, inside always with the table's name before them; a bare
    name within is somebody else's, however it was meant.
    """
    found = set[str]()
    within = [False]
    for place, word in enumerate(part):
        before, after = "".join(part[place - 1 : place]), "".join(part[place + 1 : place + 2])
        if word == "(":
            within.append(within[-1] or after == "SELECT")
        elif word == ")":
            within.pop()
        elif word == table and after == ".":
            field = "".join(part[place + 2 : place + 3])
            found.update(columns if field == "*" else {field} & set(columns))
        elif word in columns and not within[-1] and before not in (".", "::") and after not in ("(", "."):
            found.add(word)
    return frozenset(found)


def compared_with_itself(part: Words) -> str:
    """A qualified name that stands on both sides of an equals sign, such as `m.org = m.org`, or ''."""
    for place, word in enumerate(part):
        left, right = part[max(0, place - 3) : place], part[place + 1 : place + 4]
        if word == "=" and len(left) == 3 and left[1] == "." and left == right:
            return "".join(left)
    return ""


def calls(part: Words, names: frozenset[str]) -> bool:
    """Whether a part calls one of these functions, by their name without a schema."""
    return any(word in names and after == "(" for word, after in pairwise(part))
