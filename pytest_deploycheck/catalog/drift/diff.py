"""What of two schemas differs, by the facts of each: missing, extra and changed objects.

Expressions that two major versions of PostgreSQL write differently are not guessed at: they stay undecided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pytest_deploycheck.catalog.drift.at import At
from pytest_deploycheck.catalog.drift.grammar import (
    COLUMN,
    CONSTRAINT,
    DATABASE,
    GRANT,
    INDEX,
    OWNERS,
    UNKNOWN,
    Entry,
    Kind,
    Value,
)
from pytest_deploycheck.catalog.drift.norms import literals, words
from pytest_deploycheck.catalog.drift.rules import Mode, Rules

ORDER = "order"
"""The property of a relation that says in which order its columns stand."""
_OWNER = "owner"
_PRIVILEGES = "privileges"
_MAINTAIN = "MAINTAIN"
"""A privilege since PostgreSQL 17; who was granted all has it there."""
_EXPRESSIONS = ("CHECK", "EXCLUDE")
_PARSED_BODY = "parsed_body"
_SHOWN = 3


class What(StrEnum):
    """Of which sort a difference is."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference.

    `property` is what changed, `expected` and `found` are its values; of a grant, the privileges that are
    missing or extra. `entry` is all that is expected of the object, or found if it is extra.
    """

    what: What
    at: At
    property: str = ""
    expected: Value | None = None
    found: Value | None = None
    entry: Entry = field(default_factory=Entry)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences in the grammar's order, what could not be decided, and how many objects were compared."""

    differences: tuple[Difference, ...]
    undecided: tuple[str, ...]
    compared: int


def compare(expected: Entry, found: Entry, rules: Rules | None = None) -> Comparison:
    """Compare what is there with what is expected."""
    return _Comparing(rules or Rules(), _major(expected), _major(found)).all(expected, found)


def _major(facts: Entry) -> int:
    major = facts.value("postgresql")
    return major if isinstance(major, int) else 0


@dataclass(slots=True)
class _Comparing:
    rules: Rules
    expected_major: int
    found_major: int
    undecided: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    compared: int = 0

    def all(self, expected: Entry, found: Entry) -> Comparison:
        unknown = {**found.part(UNKNOWN.section), **expected.part(UNKNOWN.section)}
        differences: list[Difference] = []
        for kind in DATABASE.parts:
            if kind is UNKNOWN or self.rules.mode(kind.section) is Mode.IGNORE:
                continue
            if entry := unknown.get(kind.section):
                self.undecided.append(f"{kind.section} could not be read: {entry.value('reason')}")
            else:
                differences += self.objects(kind, At(), expected, found)
        return Comparison(tuple(differences), (*self.undecided, *self.told_texts()), self.compared)

    def objects(self, kind: Kind, holder: At, expected: Entry, found: Entry) -> Iterator[Difference]:
        mode = self.rules.mode(kind.section)
        if mode is Mode.IGNORE:
            return
        wanted, there = expected.part(kind.section), found.part(kind.section)
        for name, entry in wanted.items():
            at = holder.below(kind, name)
            if self.rules.ignores(at):
                continue
            self.compared += 1
            if name in there:
                yield from self.changes(at, entry, there[name])
            else:
                yield _lacking(at, entry)
        for name, entry in there.items():
            at = holder.below(kind, name)
            if name not in wanted and not self.rules.ignores(at):
                yield from self.more(at, entry, mode)

    def more(self, at: At, entry: Entry, mode: Mode) -> Iterator[Difference]:
        """More than expected: where that is allowed, who was granted what on it still counts."""
        if mode is Mode.EXACT:
            gained = entry.value(_PRIVILEGES) if at.kind is GRANT else None
            yield Difference(what=What.EXTRA, at=at, found=gained, entry=entry)
        if at.kind.part(GRANT.section):
            yield from self.objects(GRANT, at, Entry(), entry)

    def changes(self, at: At, expected: Entry, found: Entry) -> Iterator[Difference]:
        if at.kind is GRANT:
            yield from self.privileges(at, expected, found)
            return
        for name in at.kind.properties:
            before, now = expected.value(name), found.value(name)
            if before == now or (name == _OWNER and self.rules.mode(OWNERS) is Mode.IGNORE):
                continue
            if self.is_decided(at.kind, name, before, now):
                yield _changed(at, name, before, now, expected)
            else:
                self.texts.append(f"{name} of {at.kind.name} {at}")
        yield from self.moved(at, expected, found)
        for part in at.kind.parts:
            yield from self.objects(part, at, expected, found)

    def privileges(self, at: At, expected: Entry, found: Entry) -> Iterator[Difference]:
        """What one grantee lost, and what it gained."""
        before, now = self.privileges_of(expected), self.privileges_of(found)
        if lost := tuple(sorted(before - now)):
            yield Difference(what=What.MISSING, at=at, expected=lost, entry=expected)
        gained = tuple(sorted(now - before))
        if gained and self.rules.mode(GRANT.section) is Mode.EXACT:
            yield Difference(what=What.EXTRA, at=at, found=gained, entry=found)

    def privileges_of(self, entry: Entry) -> set[str]:
        value = entry.value(_PRIVILEGES)
        privileges = set(value) if isinstance(value, tuple) else set()
        same = self.expected_major == self.found_major
        return privileges if same else {each for each in privileges if not each.startswith(_MAINTAIN)}

    def moved(self, at: At, expected: Entry, found: Entry) -> Iterator[Difference]:
        """Columns in another order, apart from missing and extra ones."""
        before, now = expected.part(COLUMN.section), found.part(COLUMN.section)
        common = tuple(name for name in before if name in now)
        order = tuple(name for name in now if name in before)
        if common != order and self.rules.mode(COLUMN.section) is not Mode.IGNORE:
            yield _changed(at, ORDER, common, order, expected)

    def is_decided(self, kind: Kind, name: str, before: Value | None, now: Value | None) -> bool:
        """Whether two values that are not equal are different: another major may write an expression anew."""
        if self.expected_major == self.found_major or name not in kind.deparsed:
            return True
        if not isinstance(before, str) or not isinstance(now, str):
            return True
        if name == _PARSED_BODY:
            return False  # a hash: of its text nothing is known
        if literals(before) != literals(now) or (kind is INDEX and words(before) != words(now)):
            return True
        return kind is CONSTRAINT and not (before.startswith(_EXPRESSIONS) and now.startswith(_EXPRESSIONS))

    def told_texts(self) -> Iterator[str]:
        if self.texts:
            shown = ", ".join(self.texts[:_SHOWN])
            more = f" and {len(self.texts) - _SHOWN} more" if len(self.texts) > _SHOWN else ""
            yield (
                f"PostgreSQL {self.expected_major} and {self.found_major} may write the same expression "
                f"differently, so this was not decided: {shown}{more}"
            )


def _changed(at: At, name: str, before: Value | None, now: Value | None, entry: Entry) -> Difference:
    return Difference(what=What.CHANGED, at=at, property=name, expected=before, found=now, entry=entry)


def _lacking(at: At, entry: Entry) -> Difference:
    lost = entry.value(_PRIVILEGES) if at.kind is GRANT else None
    return Difference(what=What.MISSING, at=at, expected=lost, entry=entry)
