"""Facts as the lock file: YAML for reviewers, sorted, one fact a line; the same facts give the same text.

Tables keep their columns in order, everything else is sorted by name.
"""

from typing import Any

import yaml

from pytest_deploycheck.catalog.drift.grammar import DATABASE, Entry, Kind, Value

HEAD = """\
# What the schema of a deployment is expected to be: review every change of this file.
# Written by `deploycheck snapshot`, compared by the kind `drift`. What is not there is false or empty.
"""

_TEXT, _BOOLEAN, _NUMBER = (f"tag:yaml.org,2002:{name}" for name in ("str", "bool", "int"))
_LIST, _MAPPING = (f"tag:yaml.org,2002:{name}" for name in ("seq", "map"))
_WIDE = 1_000_000
"""Characters of a line: a fact is never folded."""


def write(facts: Entry) -> str:
    """Return the text of the lock file."""
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return HEAD + yaml.serialize(_mapping(DATABASE, facts), Dumper=dumper, allow_unicode=True, width=_WIDE)


def _mapping(kind: Kind, entry: Entry) -> yaml.MappingNode:
    pairs = [
        (_text(name), _value(entry.properties[name]))
        for name in kind.properties
        if entry.properties.get(name)
    ]
    for part in kind.parts:
        if objects := entry.part(part.section):
            held = [(_text(name), _object(part, each)) for name, each in objects.items()]
            pairs.append((_text(part.section), yaml.MappingNode(_MAPPING, held, flow_style=False)))
    return yaml.MappingNode(_MAPPING, pairs, flow_style=not pairs)


def _object(kind: Kind, entry: Entry) -> yaml.Node:
    """An object in short, where one property says all of it."""
    if not entry.parts and list(entry.properties) == [kind.short]:
        return _value(entry.properties[kind.short])
    return _mapping(kind, entry)


def _value(value: Value) -> yaml.Node:
    if isinstance(value, bool):
        return yaml.ScalarNode(_BOOLEAN, "true")
    if isinstance(value, int):
        return yaml.ScalarNode(_NUMBER, str(value))
    if isinstance(value, tuple):
        return yaml.SequenceNode(_LIST, [_text(item) for item in value], flow_style=True)
    return _text(value)


def _text(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(_TEXT, text, style="|" if "\n" in text else None)
