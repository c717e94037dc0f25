"""The lock file read back, with the place of every mistake.

The YAML is PyYAML's, what it means is the grammar's: a property knows whether it is a text, so that a default
of `on` stays one.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from pytest_deploycheck.catalog.drift.facts import FORMAT
from pytest_deploycheck.catalog.drift.grammar import DATABASE, UNKNOWN, Entry, Kind, Value
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.syntax import explained

_LOADER: Any = type(
    "_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"yaml_implicit_resolvers": {}}
)
"""Every value is a text: what else it may be is for the grammar to say."""


@dataclass(frozen=True, slots=True)
class LockMistake:
    """What is wrong with a lock file, and where."""

    place: Place
    message: str
    expected: str = ""


class LockMistakesError(Exception):
    """A lock file that cannot be read; all its mistakes are told at once."""

    def __init__(self, mistakes: tuple[LockMistake, ...]) -> None:
        super().__init__("; ".join(f"{each.place}: {each.message}" for each in mistakes))
        self.mistakes = mistakes


def load(path: Path) -> Entry:
    """Return the facts of a lock file.

    Raises:
        LockMistakesError: if there is no such file, or it is no lock file; all mistakes at once.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"the lock file can't be read: {error.strerror}"
        raise LockMistakesError(
            (LockMistake(Place(path), message, f"deploycheck snapshot --output {path.name}"),)
        ) from error
    except UnicodeDecodeError as error:
        mistake = LockMistake(Place(path), f"the file is not UTF-8 at byte {error.start}")
        raise LockMistakesError((mistake,)) from error
    return read(text, path)


def read(text: str, path: Path) -> Entry:
    """Return the facts that `text` tells; `path` is where it stands, for messages.

    Raises:
        LockMistakesError: with all mistakes of the text.
    """
    reader = _Reader(path)
    with _no_collection():
        facts = reader.database(text)
    if reader.mistakes:
        raise LockMistakesError(tuple(reader.mistakes))
    return facts


@contextmanager
def _no_collection() -> Iterator[None]:
    """Make tens of thousands of nodes without looking for cycles among them: there are none.

    Measured with 41,000 lines: 0.27 s instead of 0.63 s.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class _Reader:
    path: Path
    mistakes: list[LockMistake] = field(default_factory=list)

    def database(self, text: str) -> Entry:
        root = self._composed(text)
        if root is None:
            return Entry()
        facts = self._entry(DATABASE, root)
        if not self.mistakes and facts.value("format") != FORMAT:
            said = facts.value("format") or "no format"
            self._tell(root, f"'{said}' of lock files is not known here", f"format: {FORMAT}")
        if not self.mistakes and not facts.value("postgresql"):
            self._tell(root, "missing key 'postgresql'", "the major version it was taken from")
        if not self.mistakes and not facts.parts.keys() - {UNKNOWN.section}:
            self._tell(
                root, "the file holds no schema: it checks nothing", "what `deploycheck snapshot` writes"
            )
        return facts

    def _composed(self, text: str) -> yaml.Node | None:
        try:
            root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            wrong = explained(text, error)
            place = Place(self.path, wrong.line, wrong.column)
            self.mistakes.append(LockMistake(place, f"not YAML: {wrong.message}", wrong.expected))
            return None
        if root is None:
            self.mistakes.append(LockMistake(Place(self.path), "the file is empty"))
        return root

    def _entry(self, kind: Kind, node: yaml.Node) -> Entry:
        """What a mapping says of one object; a single value stands for the property that says most."""
        if kind.short and not isinstance(node, yaml.MappingNode):
            return Entry.of({kind.short: self._value(kind.properties[kind.short], kind.short, node)})
        properties: dict[str, Value] = {}
        parts: dict[str, Mapping[str, Entry]] = {}
        for key, name, value in self._pairs(node, f"the {kind.name}"):
            if name in kind.properties:
                properties[name] = self._value(kind.properties[name], name, value)
            elif part := kind.part(name):
                parts[name] = {
                    inner: self._entry(part, entry) for _, inner, entry in self._pairs(value, f"'{name}'")
                }
            else:
                known = [*kind.properties, *(part.section for part in kind.parts)]
                self._tell(key, f"unknown key '{name}' of a {kind.name}", _nearest(name, known))
        return Entry.of(properties, **parts)

    def _pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.Node, str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._tell(node, f"{what} is no mapping", "keys and values")
            return
        seen: dict[str, int] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not name:
                self._tell(key, "a key must be a text")
            elif name in seen:
                self._tell(
                    key, f"key '{name}' stands here twice, first in line {seen[name]}", "each key once"
                )
            else:
                seen[name] = key.start_mark.line + 1
                yield key, name, value

    def _value(self, wanted: type, name: str, node: yaml.Node) -> Value:
        value = _CONVERTED[wanted](node)
        if value is None:
            self._tell(node, f"'{name}' is {_said(node)}", _WANTED[wanted])
            return ""
        return value

    def _tell(self, node: yaml.Node, message: str, expected: str = "") -> None:
        mark = node.start_mark
        place = Place(self.path, mark.line + 1, mark.column + 1)
        self.mistakes.append(LockMistake(place, message, expected))


def _as_text(node: yaml.Node) -> str | None:
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _as_boolean(node: yaml.Node) -> bool | None:
    words = {"true": True, "false": False}
    return words.get(node.value) if isinstance(node, yaml.ScalarNode) else None


def _as_number(node: yaml.Node) -> int | None:
    try:
        return int(node.value) if isinstance(node, yaml.ScalarNode) else None
    except ValueError:
        return None


def _as_list(node: yaml.Node) -> tuple[str, ...] | None:
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(n, yaml.ScalarNode) for n in node.value):
        return None
    return tuple(item.value for item in node.value)


_CONVERTED: Mapping[type, Callable[[yaml.Node], Value | None]] = {
    str: _as_text,
    bool: _as_boolean,
    int: _as_number,
    tuple: _as_list,
}
_WANTED = {str: "a text", bool: "true or false", int: "a whole number", tuple: "a list of texts: [A, B]"}


def _said(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"'{node.value}'"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"'{near[0]}'?" if near else f"one of {', '.join(known)}"
