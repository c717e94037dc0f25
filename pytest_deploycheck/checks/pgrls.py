"""What pgrls finds, a linter of row-level security that is somebody else's: evidence beside our own lints."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from pytest_deploycheck.checks.database.reading import unanswered
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Contents, Withheld
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Pgrls

_LEVELS = ("info", "warning", "error")
_SHOWN = 10
"""Findings that are told; the others are counted."""


class Section(BaseModel):
    """`without` names rules (SEC002), or single findings (SEC002 public.orders), each with the reason.

    `config` is pgrls' own file, from the contract's folder. `fail_from` is the severity that fails.
    """

    model_config = PART

    schemas: tuple[Text, ...] = Field(min_length=1)
    without: dict[Text, Text] = Field(default={}, min_length=1)
    config: Text | None = None
    fail_from: Literal["error", "warning", "info"] = "warning"
    timeout: Duration = 60.0
    name: Text = "pgrls"
    runbook: Runbook = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, order=True)
class _Violation:
    rule_id: str
    location: str
    severity: str
    message: str

    @property
    def names(self) -> frozenset[str]:
        """What may stand in `without` for it."""
        return frozenset({self.rule_id, f"{self.rule_id} {self.location}"})


class _Said(BaseModel):
    """The part of its output that is read; it may say more."""

    violations: tuple[_Violation, ...]


_SAID: TypeAdapter[_Said] = TypeAdapter(_Said)


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return one check for all that it finds."""
    probe = Pgrls(
        schemas=section.schemas,
        folder=context.folder,
        config=context.folder / section.config if section.config else None,
        timeout=section.timeout,
    )
    yield Check(
        marker=context.marker,
        title=section.name,
        place=context.place(()),
        steps=partial(_look, section, probe),
        runbook=section.runbook,
        hint=section.hint,
    )


def _look(section: Section, probe: Pgrls) -> Steps:
    (seen,) = yield (probe,)
    match seen:
        case Contents(text=text):
            return _judge(section, text)
        case Withheld(reason=reason):
            return Inconclusive(reason)
        case _:
            return unanswered(seen, "findings")


def _judge(section: Section, text: str) -> Outcome:
    try:
        said = _SAID.validate_python(json.loads(text))
    except (ValueError, ValidationError):
        return Inconclusive("pgrls printed something that is not its list of violations: another version?")
    counted = [one for one in sorted(said.violations) if not one.names & section.without.keys()]
    fails = _LEVELS[_LEVELS.index(section.fail_from) :]
    findings = [one for one in counted if one.severity not in _LEVELS or one.severity in fails]
    unused = sorted(section.without.keys() - {name for one in said.violations for name in one.names})
    note = f"{many(len(said.violations), 'finding')}, {len(said.violations) - len(findings)} of them left out"
    if findings:
        return Failed("\n".join(_told(findings)), hint="pgrls explain RULE")
    return Passed(f"{note}; no longer found: {', '.join(unused)}" if unused else note)


def _told(findings: Sequence[_Violation]) -> Iterator[str]:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    for one in findings[:_SHOWN]:
        yield f"{one.rule_id} {one.location}: {' '.join(one.message.split())}{more}"
        more = ""
    if len(findings) > _SHOWN:
        yield f"and {len(findings) - _SHOWN} more"
