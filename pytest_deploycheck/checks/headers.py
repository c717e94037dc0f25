"""Security headers: on answers that succeed, and on errors, where they are forgotten."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.exchange.status import SUCCESS, Statuses, StatusOf
from pytest_deploycheck.checks.language.amount import Duration, parse_duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.protection import PROTECTIONS, broken
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest

UNAUTHORIZED = 401


class Section(BaseModel):
    """Where to look. `errors`: paths that answer an error, and its status.

    `without` leaves a protection out, and says why. `identity` asks for everything but a 401. Each is asked
    `times` times, over connections of their own, so that a balancer chooses anew.
    """

    model_config = PART

    paths: tuple[PathOf, ...] = Field(min_length=1)
    errors: dict[PathOf, StatusOf] = Field(min_length=1)
    identity: Text | None = Field(default=None, alias="as")
    times: int = Field(default=1, ge=1, le=10)
    hsts_min_age: Duration = parse_duration("180d")
    without: dict[Literal["nosniff", "framing", "hsts", "referrer_policy", "banner"], Text] = {}
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each protection.

    Raises:
        Misuse: if nothing is left to check, an "error" is none, or the identity is not declared.
    """
    if section.identity is not None:
        require_identity(section.identity, context, ("as",))
    for path, statuses in section.errors.items():
        if any(status in SUCCESS for status in statuses.codes):
            raise Misuse(
                f"{statuses} is no error", at=("errors", path), expected="a status such as 404 or 401"
            )
    if not PROTECTIONS.keys() - section.without:
        raise Misuse("everything is left out", at=("without",), expected="a protection that is checked")
    return made("headers", section, context, _items(section, context.environment.base_url))


def _items(section: Section, base_url: str) -> Iterator[Item]:
    asked = tuple(_asked(section)) * section.times
    for name, protection in PROTECTIONS.items():
        if name not in section.without:
            yield Item(
                title=protection.title,
                steps=partial(_look, name, asked, section.hsts_min_age, base_url),
                requests=len(asked),
                identities={identity for _, _, identity in asked},
                weakness=protection.weakness,
                hint=protection.hint,
            )


def _asked(section: Section) -> Iterator[tuple[str, Statuses, str]]:
    """Each path, the status it must answer, and who asks: a 401 is for nobody."""
    identity = section.identity or ANONYMOUS
    for path in section.paths:
        yield path, SUCCESS, identity
    for path, statuses in section.errors.items():
        yield path, statuses, ANONYMOUS if UNAUTHORIZED in statuses else identity


def _look(name: str, asked: tuple[tuple[str, Statuses, str], ...], min_age: float, base_url: str) -> Steps:
    """A missing header is a fault even if another path did not answer; without a fault, all must answer."""
    if name == "hsts" and urlsplit(base_url).scheme == "http":
        return Inconclusive(
            f"{base_url} is plain HTTP, where browsers ignore the header; without: {{hsts: REASON}} says why"
        )
    evidence = yield tuple(
        HttpRequest(method="GET", target=path, identity=identity, fresh=True) for path, _, identity in asked
    )
    faults, undecided = [], []
    for (path, statuses, _), seen in zip(asked, evidence, strict=True):
        if (why := unanswered(seen)) or not isinstance(seen, Reply):
            undecided.append(f"GET {path}: {why}")
        elif seen.status not in statuses:
            undecided.append(f"GET {path}: expected {statuses}, got {seen.status}: its headers prove nothing")
        elif fault := broken(name, seen, min_age):
            faults.append(f"GET {path} ({seen.status}): {fault}")
    if faults:
        return Failed("\n".join(dict.fromkeys(faults)))
    return Inconclusive("\n".join(dict.fromkeys(undecided))) if undecided else Passed()
