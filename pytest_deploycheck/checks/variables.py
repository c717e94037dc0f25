"""The variables of the deployment: set, well formed, and made for this project.

No message shows a value, except where the contract itself says in clear text what it should be.
"""

from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.wellformed.rule import Rule, broken_rules
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Silence, Values, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Variables


class Section(BaseModel):
    """`required` must be set and right; `optional` must be right where they are set."""

    model_config = PART

    required: dict[Text, Rule | None] = Field(default={}, min_length=1)
    optional: dict[Text, Rule | None] = Field(default={}, min_length=1)
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each variable.

    Raises:
        Misuse: if none is named, or one is named twice.
    """
    if not section.required and not section.optional:
        raise Misuse("no variable", expected="required: {NAME: {...}}, or optional")
    for twice in sorted(section.required.keys() & section.optional.keys()):
        raise Misuse(f"'{twice}' is required and optional", at=("optional", twice), expected="one of the two")
    for name, rule in section.required.items():
        yield _check(name, rule or Rule(), section, context, "required")
    for name, rule in section.optional.items():
        yield _check(name, rule or Rule(), section, context, "optional")


def _check(name: str, rule: Rule, section: Section, context: Context, key: str) -> Check:
    if rule.days_left is not None and rule.jwt is None:
        raise Misuse("days_left of what?", at=(key, name, "days_left"), expected="jwt beside it")
    confidential = name in dict(context.secrets)
    return Check(
        marker=context.marker,
        title=name,
        place=context.place((key, name)),
        steps=partial(_look, name, rule, required=key == "required", confidential=confidential),
        runbook=(*section.runbook, *rule.runbook),
        hint=rule.hint or section.hint,
        independent=True,
    )


def _look(name: str, rule: Rule, *, required: bool, confidential: bool) -> Steps:
    (seen,) = yield (Variables((name,)),)
    match seen:
        case Values():
            value = seen.values.get(name)
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"{name} could not be read: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} shows no variables")
    if value:
        faults = tuple(broken_rules(rule, value, seen.at, confidential=confidential))
        return Failed(f"{name}: {'; '.join(faults)}") if faults else Passed()
    if required or value == "":
        return Failed(f"{name} is {'not set' if value is None else 'set, but empty'}")
    return Passed("not set, and optional")
