"""Differences as people read them: the dangerous first, alike ones on one line, never a wall of text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pytest_deploycheck.catalog.drift.danger import Danger, danger
from pytest_deploycheck.catalog.drift.diff import ORDER, Difference, What
from pytest_deploycheck.catalog.drift.grammar import GRANT, Value
from pytest_deploycheck.catalog.drift.mend import mend
from pytest_deploycheck.model.check import Severity

LINES = 20
"""Groups that are told; the others are counted."""
NAMED = 5
"""Objects of a group that are named."""
LONGEST = 160
"""Characters of a value."""
_DIGESTS = frozenset({"body", "parsed_body"})
_BEFORE = 40
"""Of what two long values have in common, how much is shown before they differ."""
_MENDED = 10
"""Groups whose mending is told, the most dangerous ones."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Differences that read alike but for the object."""

    danger: Danger
    said: str
    members: tuple[Difference, ...]

    @property
    def line(self) -> str:
        kind = self.members[0].at.kind.name
        names = [str(each.at) for each in self.members]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return f"{kind} {', '.join(names[:NAMED])}{more}: {self.said}"


def ranked(differences: Iterable[Difference]) -> list[Difference]:
    """Return differences, the most dangerous first."""
    return sorted(differences, key=lambda each: -danger(each).severity)


def first(differences: Sequence[Difference]) -> str:
    """The worst difference on one line."""
    group = _groups(differences)[0]
    return f"{group.danger.severity.name} {group.line}"


def counted(differences: Iterable[Difference]) -> str:
    """How many of which severity."""
    counts = Counter(danger(each).severity for each in differences)
    return ", ".join(f"{counts[each]} {each.name.lower()}" for each in reversed(Severity) if counts[each])


def told(differences: Sequence[Difference]) -> Iterator[str]:
    """Yield the lines: each group, why it matters, and how to mend its first."""
    groups = _groups(differences)
    for number, group in enumerate(groups[:LINES]):
        yield f"{group.danger.severity.name:<8} {group.line}"
        yield from (f"         {line}" for line in _advice(group, number))
    rest = [each for group in groups[LINES:] for each in group.members]
    if rest:
        yield f"and {len(rest)} more: {counted(rest)}"


def _advice(group: _Group, number: int) -> Iterator[str]:
    if group.danger.why:
        yield group.danger.why
    if number < _MENDED and (statement := mend(group.members[0])):
        yield _cut(shown(statement))


def _groups(differences: Iterable[Difference]) -> list[_Group]:
    def key(pair: tuple[Danger, Difference]) -> tuple[int, str, str, str]:
        how, each = pair
        return -how.severity, how.why, each.at.kind.name, said(each)

    pairs = sorted(((danger(each), each) for each in differences), key=key)
    return [
        _Group(some[0][0], said(some[0][1]), tuple(each for _, each in some))
        for some in (list(group) for _, group in groupby(pairs, key=key))
    ]


def said(difference: Difference) -> str:
    """What is the matter with the object, without its name."""
    if difference.at.kind is GRANT:
        privileges = difference.expected if difference.what is What.MISSING else difference.found
        return f"{shown(privileges)} {difference.what}"
    if difference.what is not What.CHANGED:
        return str(difference.what)
    if difference.property == ORDER:
        return "its columns stand in another order"
    if difference.property in _DIGESTS:
        return "its body is not the expected one"
    switch = difference.at.kind.properties[difference.property] is bool
    found, expected = (
        ("on" if value else "off") if switch else shown(value)
        for value in (difference.found, difference.expected)
    )
    begin = _alike(found, expected)
    return f"{difference.property} is {_cut(found, begin)}, expected {_cut(expected, begin)}"


def shown(value: Value | None) -> str:
    """A value on one line."""
    if value is None:
        return "not set"
    return " ".join((", ".join(value) if isinstance(value, tuple) else str(value)).split())


def _alike(one: str, other: str) -> int:
    """Where to begin to show two long texts, so that what differs is seen."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return same - _BEFORE if same > LONGEST - _BEFORE else 0


def _cut(text: str, begin: int = 0) -> str:
    part = text[begin : begin + LONGEST]
    return f"{'…' if begin else ''}{part}{'…' if begin + LONGEST < len(text) else ''}"
