"""What is wrong with a text that is no YAML, in words about the text and not about its parser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

import yaml

from pytest_deploycheck.model.many import many

_ELSE = "the same indentation, quotes and brackets as in the lines around; or the mistake is just above"
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_NO_KEY = "a line without ': ' is no key", "a colon and a space behind the key"
_INDENTED = "as many spaces as the {} of its block"


@dataclass(frozen=True, slots=True)
class Misspelling:
    """Where the text is no YAML, from 1; what it is instead, and what to do about it."""

    line: int
    column: int
    message: str
    expected: str


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What PyYAML says: `at` and `since` are positions in `lines`, from 0, `since` of what it was reading."""

    lines: list[str]
    context: str
    problem: str
    at: tuple[int, int]
    since: tuple[int, int]

    @property
    def line(self) -> str:
        """The line of the trouble."""
        return self.lines[self.at[0]] if self.at[0] < len(self.lines) else ""

    @property
    def begins_its_line(self) -> bool:
        """Whether nothing but spaces stands before it."""
        return not self.line[: self.at[1]].strip()

    @property
    def above(self) -> int | None:
        """The number of the line before that says something."""
        numbers = range(self.at[0] - 1, -1, -1)
        return next((n for n in numbers if self.lines[n].split("#")[0].strip()), None)

    def told(self, message: str, expected: str, at: tuple[int, int] | None = None) -> Misspelling:
        line, column = at or self.at
        return Misspelling(line + 1, column + 1, message, expected)


def explained(text: str, error: yaml.YAMLError) -> Misspelling:
    """Say what is wrong with a text that PyYAML can't read; nothing of the text itself is quoted."""
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start())
        return Misspelling(line + 1, 1, "a conflict of a merge is still there", "one of its two sides")
    if isinstance(error, yaml.reader.ReaderError):
        return _character(text, error)
    if not isinstance(error, yaml.MarkedYAMLError):
        return Misspelling(1, 1, "nobody can read it", _ELSE)
    mark, since = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    trouble = _Trouble(
        text.splitlines(),
        error.context or "",
        error.problem or "",
        (mark.line, mark.column) if mark else (0, 0),
        (since.line, since.column) if since else (0, 0),
    )
    words = next((words for sign, words in _WORDS.items() if sign in trouble.problem), _otherwise)
    return words(trouble)


def _character(text: str, error: yaml.reader.ReaderError) -> Misspelling:
    before = text[: int(error.position)]
    code = error.character if isinstance(error.character, int) else ord(str(error.character))
    return Misspelling(
        before.count("\n") + 1,
        len(before) - before.rfind("\n"),
        f"the character U+{code:04X} may not stand in YAML",
        "the line without it; it may be invisible",
    )


def _unexpected(it: _Trouble) -> Misspelling:
    """A block goes on with something else than a key, or an item."""
    where = f"the block that begins in line {it.since[0] + 1}"
    if not it.begins_its_line:
        return it.told(
            "something follows the end of a value",
            "quotes around the whole value (' inside '...' is written ''), and as many } and ] as { and [",
        )
    if it.line.strip().startswith("- ") and it.at[1] == it.since[1]:
        return it.told(f"an item among the keys of {where}", _INDENTED.format("other items"))
    if it.at[1] == it.since[1]:
        return it.told(f"a key among the items of {where}", "'- ' before it, or fewer spaces")
    return it.told(
        f"indented by {many(it.at[1], 'space')}, and {where} by {it.since[1]}",
        _INDENTED.format("other lines"),
    )


def _colon(it: _Trouble) -> Misspelling:
    """A ': ' where a value is: of a line that goes on with the one above, or within one line."""
    second = it.told("a second ': ' in one value", "quotes around a value that holds ': '")
    if it.above is None or it.line.strip().startswith("- "):
        return second
    above = it.lines[it.above].split(" #")[0].rstrip()
    here, there = _depth(it.line), _depth(above)
    if above.endswith(":") or _first_colon(it.line) != it.at[1]:
        return second
    if here > there:
        return it.told(
            f"indented deeper than line {it.above + 1}, as if it went on with the value there",
            f"{many(there, 'space')}, as there; or no value in line {it.above + 1}",
            (it.at[0], here),
        )
    return second if ": " in above else it.told(*_NO_KEY, (it.above, there))


def _depth(line: str) -> int:
    return sum(1 for _ in takewhile(str.isspace, line))


def _first_colon(line: str) -> int:
    return next((match.start() for match in re.finditer(r":(\s|$)", line)), -1)


def _unclosed(it: _Trouble) -> Misspelling:
    opened, closing = ("{", "}") if "mapping" in it.context else ("[", "]")
    return it.told(
        f"the {opened} of line {it.since[0] + 1} is not closed before this",
        f'{closing} or a comma; quotes around "${{NAME}}" and texts with , : {opened} {closing} inside',
    )


def _start(it: _Trouble) -> Misspelling:
    if "\t" in it.line[: it.at[1] + 1]:
        return it.told("a tab", "spaces: YAML knows no tabs")
    sign = it.line[it.at[1] : it.at[1] + 1]
    return it.told(f"a text that begins with {sign}", "quotes around it")


def _said(message: str, expected: str, *, since: bool = False) -> "_Words":
    def words(it: _Trouble) -> Misspelling:
        return it.told(message, expected, it.since if since else None)

    return words


def _otherwise(it: _Trouble) -> Misspelling:
    context = f"{it.context}, " if it.context else ""
    return it.told(f"{context}{it.problem}", _ELSE)


_Words: TypeAlias = Callable[[_Trouble], Misspelling]

_WORDS: dict[str, _Words] = {
    "did not find expected key": _unexpected,
    "did not find expected '-' indicator": _unexpected,
    "mapping values are not allowed": _colon,
    "could not find expected ':'": _said(*_NO_KEY, since=True),
    "expected ',' or '}'": _unclosed,
    "expected ',' or ']'": _unclosed,
    "expected node content": _said("a value is missing", "a value, or the end of its bracket"),
    "unexpected end of stream": _said("a quotation mark that is never closed", "its other half", since=True),
    "unknown escape character": _said(
        'a backslash inside "..."', "'...' around the text, where a backslash is itself"
    ),
    "cannot start any token": _start,
    "block sequence entries are not allowed": _said(
        "a list in the line of its key", "each '- item' in a line of its own, below the key"
    ),
    "undefined alias": _said(
        "a text that begins with * names an anchor, and there is none",
        "an anchor (&name) above, or quotes around the text",
    ),
    "found another document": _said("a second document begins", "one document: no line that is just ---"),
}
"""By what PyYAML says (of libyaml and of its own parser alike)."""
