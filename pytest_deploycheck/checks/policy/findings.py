"""What was found out about relations, and the outcome that follows: open, not decided, or held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed

DENIED_BY_PRIVILEGE = "denied by privilege"
"""No isolation, and no hole either: the role holds no such privilege, as the server itself says."""

DECLARE = "declare it: tables (tenant, through, sql), shared, or private"

_NAMED = 3
"""Relations that a group names; more are counted only."""

_SHOWN = 15
"""Findings that one check tells in full."""


@dataclass(frozen=True, slots=True)
class Open:
    """A relation shows or takes what it must not, or hides what it must show; `mend` is SQL.

    `cause` is what lets it; what has the same cause is told together. `beside` is what the API shows of it.
    """

    relation: str
    what: str
    mend: str = ""
    cause: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows whether a relation holds, and why; what would decide it."""

    relation: str
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A relation shows and takes what it should; `how` groups those that were proven alike."""

    relation: str
    how: str


Finding = Open | Undecided | Held


def outcome(findings: Sequence[Finding], misfits: Iterable[str], title: str) -> Outcome:
    """Return the outcome of one actor on all relations: one that is open is enough."""
    opened = [each for each in findings if isinstance(each, Open)]
    undecided = [f"{each.relation}: {each.why}" for each in findings if isinstance(each, Undecided)]
    undecided += misfits
    held = [each for each in findings if isinstance(each, Held)]
    if opened:
        lines = _lines(opened)
        head = (
            f"{title}: {many(len({each.relation for each in opened}), 'relation is', 'relations are')} wrong"
        )
        return Failed("\n".join([head, *_cut(lines)]), hint="\n".join(_mends(opened)))
    if undecided:
        head = f"{title}: {many(len(undecided), 'thing')} could not be verified"
        return Inconclusive("\n".join([head, *_cut(undecided)]))
    if not held:
        return Inconclusive(f"{title}: nothing to look at: no relation that its role holds a privilege on")
    return Passed(summary(held))


def _lines(opened: Sequence[Open]) -> list[str]:
    together: dict[tuple[str, str], list[str]] = {}
    for each in opened:
        together.setdefault((each.relation, each.cause or each.what), []).append(each.what)
    causes = {(each.relation, each.cause): each.cause for each in opened if each.cause}
    beside = {each.relation: each.beside for each in opened}
    told = ((key, ", ".join(whats), causes.get(key, ""), beside[key[0]]) for key, whats in together.items())
    return [f"{key[0]}: {'; '.join(filter(None, texts))}" for key, *texts in told]


def summary(held: Sequence[Held]) -> str:
    """Say how many relations hold, by how that was proven; names where they are few."""
    ways = dict.fromkeys(each.how for each in held)
    groups = {way: [each.relation for each in held if each.how == way] for way in ways}
    return "; ".join(f"{len(names)} {way}{_few(names)}" for way, names in groups.items())


def _few(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if len(names) <= _NAMED else ""


def _cut(lines: Sequence[str]) -> list[str]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return [*lines[:_SHOWN], *more]


def _mends(opened: Sequence[Open]) -> list[str]:
    return _cut(list(dict.fromkeys(each.mend for each in opened if each.mend)))
