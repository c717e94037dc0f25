"""Asks for the version until it was right several times in a row, on every replica, or time is up."""

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS
from pytest_deploycheck.checks.language.jsonpath import JsonPath
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.checks.language.template import as_text
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Silence, Withheld
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.probe import HttpRequest, Pause, Probe

Confirming: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Failed | Inconclusive | None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reply says something: at a JSONPath, in a header, or else in its whole body."""

    path: JsonPath | None = None
    header: str | None = None

    def read(self, reply: Reply) -> str | None:
        """Return what the reply says there, or None."""
        if self.header is not None:
            return reply.header(self.header)
        if self.path is None:
            return reply.text.strip()
        try:
            found = self.path.find(json.loads(reply.body))
        except ValueError:
            return None
        return as_text(found[0]) if found else None

    def __str__(self) -> str:
        return f"header {self.header}" if self.header else str(self.path or "the body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and what settles it. Times are in seconds; `most` bounds the requests."""

    path: str
    base: str | None
    version: Source
    wanted: str
    consecutive: int
    replica: Source | None
    count: int
    timeout: float
    interval: float
    most: int

    @property
    def request(self) -> HttpRequest:
        """A request on a connection of its own, so that a balancer chooses anew."""
        return HttpRequest(
            method="GET",
            target=self.path,
            base=self.base,
            fresh=True,
            timeout=self.timeout,
            purpose="version",
        )

    def __str__(self) -> str:
        return f"GET {self.base or ''}{self.path}"


@dataclass(slots=True)
class _Seen:
    """What the replies said until now, by replica; "" where they don't say. `right` is of the streak only."""

    streak: int = 0
    used: float = 0.0
    right: set[str] = field(default_factory=set)
    once_right: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)
    silence: str = ""


def confirm(question: Question) -> Confirming:
    """Return None once the version is proven, else what is wrong or unknown."""
    seen = _Seen()
    for _ in range(question.most):
        (evidence,) = yield (question.request,)
        if hopeless := _hopeless(question, evidence):
            return hopeless
        if _note(question, evidence, seen):
            if seen.streak >= question.consecutive and len(seen.right) >= question.count:
                return None
            continue
        if seen.used >= question.timeout:
            break
        (paused,) = yield (Pause(question.interval),)
        seen.used += paused.seconds if isinstance(paused, Paused) else question.timeout
        if seen.used >= question.timeout:
            break
    return _unproven(question, seen)


def _hopeless(question: Question, evidence: Evidence) -> Inconclusive | None:
    match evidence:
        case Reply(status=status) if status == TOO_MANY_REQUESTS:
            return Inconclusive(f"{question}: rate limited (429)")
        case Withheld(reason=reason):
            return Inconclusive(f"{question} was not sent: {reason}")
        case Reply() | Silence():
            return None
        case _:
            return Inconclusive(f"{question}: {type(evidence).__name__} is no reply")


def _note(question: Question, evidence: Evidence, seen: _Seen) -> bool:
    """Remember what was seen; whether it was right."""
    if not isinstance(evidence, Reply):
        seen.silence = evidence.reason if isinstance(evidence, Silence) else ""
        seen.streak, seen.used = 0, seen.used + (evidence.elapsed if isinstance(evidence, Silence) else 0.0)
        seen.right.clear()
        return False
    seen.used += evidence.elapsed
    said = question.version.read(evidence) if evidence.ok else None
    label = (question.replica.read(evidence) if question.replica else None) or ""
    if said == question.wanted:
        seen.streak += 1
        if label or question.replica is None:
            seen.right.add(label)
            seen.once_right.add(label)
        return True
    seen.streak = 0
    seen.right.clear()
    seen.wrong[label] = _said(question, evidence, said)
    return False


def _said(question: Question, reply: Reply, said: str | None) -> str:
    if not reply.ok:
        return f"status {reply.status}"
    return f"nothing at {question.version}" if said is None else f"'{short(said)}'"


def _unproven(question: Question, seen: _Seen) -> Failed | Inconclusive:
    if seen.wrong:
        who = [f"{f'replica {label}' if label else 'it'} serves {said}" for label, said in seen.wrong.items()]
        who += [
            f"replica {label} serves '{question.wanted}'"
            for label in sorted(seen.once_right - seen.wrong.keys() - {""})
        ]
        times = f"{many(question.consecutive, 'time')} in a row"
        return Failed(f"{question}: expected '{question.wanted}' {times}, but {', '.join(who)}")
    if seen.silence:
        return Inconclusive(f"{question}: no answer: {seen.silence}")
    if question.replica and len(seen.right) < question.count:
        names = ", ".join(sorted(seen.right)) or f"none, {question.replica} is not there"
        return Inconclusive(f"{question}: of {many(question.count, 'replica')} only these were seen: {names}")
    return Inconclusive(
        f"{question}: right {many(seen.streak, 'time')} in a row, expected {question.consecutive}"
    )
