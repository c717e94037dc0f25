"""What a tree says, as plain Python values, by the core schema of YAML 1.2."""

import re

from pytest_deploycheck.config.places import Node, Scalar, Sequence

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"[-+]?(?:(0|[1-9][0-9]*)|(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?)"
)
_NUMERIC_START = frozenset("0123456789+-.")


def values(node: Node, typed: frozenset[Node] = frozenset()) -> object:
    """Return the value of a tree.

    A value with a variable in it is a text, so that a password of digits stays one; the nodes in
    `typed` are read as if their text stood in the file.
    """
    if isinstance(node, Scalar):
        return meaning(node.text) if node.plain or node in typed else node.text
    if isinstance(node, Sequence):
        return [values(item, typed) for item in node.items]
    return {name: values(entry.value, typed) for name, entry in node.entries.items()}


def meaning(text: str) -> str | int | float | bool | None:
    """Return what an unquoted text means: a number, a boolean, nothing, or itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START or not (number := _NUMBER.fullmatch(text)):
        return text
    return int(text) if number[1] else float(text)


def is_nothing(node: Node) -> bool:
    """Whether a key has no value."""
    return isinstance(node, Scalar) and node.plain and node.text in _WORDS and _WORDS[node.text] is None


def is_empty(node: Node) -> bool:
    """Whether a node holds nothing: no value, an empty text, list or mapping."""
    if isinstance(node, Scalar):
        return is_nothing(node) or not node.text.strip()
    return not (node.items if isinstance(node, Sequence) else node.entries)
