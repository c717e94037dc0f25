"""Waits until the deployment answers; nothing else is asked before."""

import math
from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.status import Statuses, StatusOf
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Steps
from pytest_deploycheck.model.evidence import Evidence, Paused, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.outcome import Inconclusive, Passed
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.probe import HttpRequest, Pause

ALIVE = Statuses(frozenset(range(100, 500)), "below 500")
"""What counts as an answer where the contract names no status: a server that is up refuses, too."""


class Section(BaseModel):
    """Where to knock, and how long."""

    model_config = PART

    path: PathOf
    timeout: Duration = 30.0
    interval: Duration = 1.0
    status: StatusOf | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check `release::ready`."""
    yield _check(section, context.place(()))


def default(place: Place) -> Check:
    """Return `release::ready` for a contract that declares none: the base URL answers, whatever it says."""
    return _check(Section(path="/"), place)


def _check(section: Section, place: Place) -> Check:
    return Check(
        marker="smoke",
        section="release",
        title="ready",
        place=place,
        steps=partial(_wait, section),
        phase=Phase.PREPARE,
        spend=Spend(requests=_attempts(section)),
        routes=frozenset({f"GET {section.path}"}),
        runbook=section.runbook,
        hint=section.hint,
    )


def _attempts(section: Section) -> int:
    """The most requests that fit: a pause follows each of them but the last."""
    return math.ceil(section.timeout / section.interval) + 1


def _wait(section: Section) -> Steps:
    used, said = 0.0, "no time to ask"
    for _ in range(_attempts(section)):
        (seen,) = yield (_knock(section, used),)
        used += seen.elapsed if isinstance(seen, Reply | Silence) else 0.0
        if isinstance(seen, Withheld):
            return Inconclusive(f"GET {section.path} was not sent: {seen.reason}")
        if isinstance(seen, Reply) and seen.status in (section.status or ALIVE):
            return Passed(f"ready after {used:.1f} s")
        said = _said(seen, section)
        if used < section.timeout:
            (paused,) = yield (Pause(min(section.interval, section.timeout - used)),)
            used += paused.seconds if isinstance(paused, Paused) else section.timeout
        if used >= section.timeout:
            break
    return Inconclusive(f"not ready after {used:.1f} s: GET {section.path}: {said}")


def _knock(section: Section, used: float) -> HttpRequest:
    left = section.timeout - used
    return HttpRequest(method="GET", target=section.path, fresh=True, timeout=left, purpose="ready")


def _said(seen: Evidence, section: Section) -> str:
    match seen:
        case Reply(status=status):
            return f"it answers {status}, expected {section.status or ALIVE}"
        case Silence(reason=reason):
            return reason
        case _:
            return f"{type(seen).__name__} is no reply"
