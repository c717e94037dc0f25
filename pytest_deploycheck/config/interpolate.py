"""${VAR} and ${VAR:-default} in the contract's texts; $${ stands for a plain ${."""

import re
from collections.abc import Mapping as Variables
from dataclasses import dataclass, field, replace

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.config.places import Entry, Mapping, Node, Scalar, Sequence
from pytest_deploycheck.model.place import Place

_VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{")


def names_a_variable(text: str) -> bool:
    """Whether a text holds a variable that was not filled in (yet), so that it can't be judged."""
    return "${" in text


@dataclass(slots=True, kw_only=True)
class Interpolation:
    """Fills variables in, and remembers which.

    `provided` are the variables that the started deployment will give: until then their text stays.
    `files` are the .env files that were read, for the message about a variable that is not set.
    """

    variables: Variables[str, str]
    provided: frozenset[str]
    files: tuple[str, ...]
    mistakes: Mistakes
    used: dict[tuple[str, str], Place] = field(default_factory=dict)
    """Pairs of a variable's name and what was filled in, with the place of the first use."""
    broken: set[Node] = field(default_factory=set)
    """The nodes that could not be filled in."""
    pending: frozenset[str] = field(init=False)
    """The variables that only the started deployment can give."""

    def __post_init__(self) -> None:
        self.pending = frozenset(name for name in self.provided if not self.variables.get(name))

    def fill(self, node: Node, key: str = "") -> Node:
        """Return the tree with its variables filled in; `key` is the key that it stands under."""
        if isinstance(node, Scalar):
            return self._scalar(node, key) if "${" in node.written else node
        if isinstance(node, Sequence):
            items = tuple(self.fill(item, key) for item in node.items)
            same = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if same else Sequence(node.place, items)
        return self._mapping(node)

    def _mapping(self, node: Mapping) -> Mapping:
        entries: dict[str, Entry] = {}
        same = True
        for entry in node:
            key = self._scalar(entry.key, entry.key.text) if "${" in entry.key.written else entry.key
            value = self.fill(entry.value, entry.key.text)
            if key.text in entries:
                self.mistakes.add(key.place, f"key '{key.written}' is the same as one above", "each key once")
            if key is entry.key and value is entry.value:
                entries[key.text] = entry
            else:
                same = False
                entries[key.text] = Entry(key, value)
        return node if same else Mapping(node.place, entries)

    def _scalar(self, scalar: Scalar, key: str) -> Scalar:
        names: list[str] = []
        pending: list[str] = []
        before = len(self.mistakes.found)

        def value(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            if match[0] == "$${":
                return "${"
            if name is None:
                self._malformed(scalar)
                return match[0]
            names.append(name)
            if name in self.pending:
                pending.append(name)
                return match[0]
            found = self._look_up(name, default, scalar, key)
            return match[0] if found is None else found

        text = _VARIABLE.sub(value, scalar.text)
        filled = replace(
            scalar,
            text=text,
            plain=scalar.plain and not names,
            variables=tuple(names),
            pending=tuple(pending),
        )
        if len(self.mistakes.found) > before:
            self.broken.add(filled)
        return filled

    def _look_up(self, name: str, default: str | None, scalar: Scalar, key: str) -> str | None:
        value = self.variables.get(name) or default or ""
        if value or default is not None:
            self.used.setdefault((name, value), scalar.place)
            return value
        what = "empty" if name in self.variables else "not set"
        where = f"'{key}' needs" if key else "this needs"
        files = " or ".join(self.files)
        self.mistakes.add(
            scalar.place,
            f"{where} the variable {name}, which is {what}",
            f"export {name}=..., or {name}=... in {files}",
        )
        return None

    def _malformed(self, scalar: Scalar) -> None:
        self.mistakes.add(
            scalar.place,
            f"'{scalar.written}' holds a ${{ that starts no variable",
            "${NAME} or ${NAME:-default}; $${ where a plain ${ is meant",
        )
