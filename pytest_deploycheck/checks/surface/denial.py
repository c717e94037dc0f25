"""Requests that must be refused, together with one that must not be; and what their replies mean."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.surface.reply import said, trouble, unhandled
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest

UNAUTHORIZED = frozenset({401})
UNREADABLE = frozenset({400, 401})
"""What a malformed credential may get: RFC 6750, 3.1 answers an invalid request with 400."""

_NO_CHALLENGE = "401 without WWW-Authenticate (RFC 9110, 11.6.1)"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that must be refused with one of `statuses`. `name` says what is wrong with it."""

    name: str
    request: HttpRequest
    statuses: frozenset[int] = field(default=UNAUTHORIZED)


@dataclass(frozen=True, slots=True)
class Control:
    """The request that proves the refusals: it must be let in."""

    request: HttpRequest
    seen: Evidence

    @property
    def trouble(self) -> str:
        """Why the refusals prove nothing, or nothing."""
        wrong = trouble(self.seen)
        who = f"{self.request.method} {self.request.target} as {self.request.identity}"
        return f"the control {who}: {wrong}: without it a refusal proves nothing" if wrong else ""


def judge(
    attempts: Sequence[Attempt], evidence: Sequence[Evidence], control: Control | None, *, strict: bool
) -> Outcome:
    """Decide about attempts; being served is a fault whatever the control says.

    `control` None: another request proved before that the credential is let in. `strict` makes a missing
    challenge a fault, and leaves 401 as the only refusal.
    """
    pairs = tuple(zip(attempts, evidence, strict=True))
    faults = tuple(_faults(pairs, strict=strict))
    served = any(isinstance(seen, Reply) and seen.ok for seen in evidence)
    undecided = [f"{each.name}: {reason}" for each, seen in pairs if (reason := unanswered(seen))]
    if control and control.trouble:
        undecided.append(control.trouble)
    if undecided and not served:
        return Inconclusive("\n".join([*undecided, *faults]))
    if faults:
        return Failed("\n".join(faults))
    return Passed("" if _challenged(evidence) else _NO_CHALLENGE)


def _faults(pairs: Iterable[tuple[Attempt, Evidence]], *, strict: bool) -> Iterator[str]:
    silent = []
    for attempt, seen in pairs:
        if unanswered(seen) or not isinstance(seen, Reply):
            continue
        if seen.ok:
            yield f"{attempt.name}: served ({seen.status})"
        elif unhandled(seen):
            yield f"{attempt.name}: not handled: got {seen.status}{said(seen)}"
        elif seen.status not in (UNAUTHORIZED if strict else attempt.statuses):
            yield f"{attempt.name}: expected 401, got {seen.status}{said(seen)}"
        elif not _challenged([seen]):
            silent.append(attempt.name)
    if strict and silent:
        yield f"{', '.join(silent)}: {_NO_CHALLENGE}"


def _challenged(evidence: Sequence[Evidence]) -> bool:
    return all(
        seen.header("www-authenticate") is not None
        for seen in evidence
        if isinstance(seen, Reply) and seen.status in UNAUTHORIZED
    )
