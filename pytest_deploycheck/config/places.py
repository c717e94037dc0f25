"""YAML as a tree in which every part knows its place.

PyYAML composes the nodes; what they mean is decided here, by the core schema of YAML 1.2: `on`, `no`,
`1:30` and `2026-12-01` are texts, `007` is a text, and only `true` and `false` are booleans.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.syntax import explained

_UNSAID = "tag:deploycheck,unsaid"
_TEXT = "tag:yaml.org,2002:str"
_Loader: Callable[[str], Any] = type(
    "_Loader",
    (getattr(yaml, "CSafeLoader", yaml.SafeLoader),),
    {"yaml_implicit_resolvers": {}, "DEFAULT_SCALAR_TAG": _UNSAID},
)


# Not frozen: that makes a node three times as slow to build, and a contract has thousands.
@dataclass(slots=True, eq=False)
class Scalar:
    """A single value. `text` is what it says, `written` what stands in the file.

    A `plain` value may be a number, a boolean or nothing; any other is a text. `variables` are the names
    of those that were filled in, and `pending` those of them that are not known yet.
    """

    place: Place
    text: str
    written: str
    plain: bool
    variables: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of values."""

    place: Place
    items: tuple["Node", ...]


@dataclass(slots=True, eq=False)
class Entry:
    """A key and its value."""

    key: Scalar
    value: "Node"


@dataclass(slots=True, eq=False)
class Mapping:
    """Values by name, in the order of the file."""

    place: Place
    entries: dict[str, Entry]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


Node: TypeAlias = Scalar | Sequence | Mapping


def compose(path: Path, mistakes: Mistakes) -> Node | None:
    """Return the tree of a YAML file, or None after a mistake that leaves no tree."""
    start = Place(path)
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = _Loader(text).get_single_node()
        if root is None:
            mistakes.add(start, "the file is empty")
            return None
        return _Reader(path, mistakes).node(root)
    except OSError as error:
        mistakes.add(start, f"the file can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        mistakes.add(start, f"the file is not UTF-8 at byte {error.start}")
    except RecursionError:
        mistakes.add(start, "the file is nested too deeply")
    except yaml.YAMLError as error:
        wrong = explained(text, error)
        mistakes.add(Place(path, wrong.line, wrong.column), f"not YAML: {wrong.message}", wrong.expected)
    return None


@dataclass(slots=True)
class _Reader:
    """Turns PyYAML's nodes into ours; a node that several aliases share is read once."""

    path: Path
    mistakes: Mistakes
    read: dict[int, Node] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)

    def node(self, raw: yaml.Node) -> Node:
        """Return the tree below `raw`."""
        mark = raw.start_mark
        place = Place(self.path, mark.line + 1, mark.column + 1)
        if isinstance(raw, yaml.ScalarNode):
            return self._scalar(raw, place)
        if known := self.read.get(id(raw)):
            return known
        if id(raw) in self.open:
            self.mistakes.add(place, "an alias stands inside its own anchor")
            return Scalar(place, "", "", plain=False)
        self.open.add(id(raw))
        node: Node
        if isinstance(raw, yaml.SequenceNode):
            node = Sequence(place, tuple([self.node(item) for item in raw.value]))
        else:
            node = self._mapping(cast("yaml.MappingNode", raw), place)
        self.open.discard(id(raw))
        self.read[id(raw)] = node
        return node

    def _scalar(self, raw: yaml.ScalarNode, place: Place) -> Scalar:
        if raw.tag not in {_UNSAID, _TEXT}:
            self.mistakes.add(place, f"the tag {raw.tag} is not known", "a value without a tag")
        return Scalar(place, raw.value, raw.value, plain=raw.tag == _UNSAID and not raw.style)

    def _mapping(self, raw: yaml.MappingNode, place: Place) -> Mapping:
        entries: dict[str, Entry] = {}
        merged: list[Entry] = []
        for raw_key, raw_value in raw.value:
            key = self.node(raw_key)
            if not isinstance(key, Scalar):
                self.mistakes.add(key.place, "a key must be a text", 'quotes around a key such as "{id}"')
            elif key.plain and key.text == "<<":
                merged += self._merged(key, self.node(raw_value))
            elif first := entries.get(key.text):
                at = first.key.place
                self.mistakes.add(
                    key.place, f"key '{key.text}' stands here twice, first in line {at.line}", "each key once"
                )
            else:
                entries[key.text] = Entry(key, self.node(raw_value))
        for entry in merged:
            entries.setdefault(entry.key.text, entry)
        return Mapping(place, entries)

    def _merged(self, key: Scalar, value: Node) -> Iterable[Entry]:
        """Return the entries that a merge key (<<) brings in; of several, the earlier wins."""
        for part in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(part, Mapping):
                yield from part
            else:
                self.mistakes.add(key.place, "<< takes a mapping, or a list of mappings", "<<: *anchor")
