"""Proves which version is served, several times in a row and on every replica."""

import math
from collections.abc import Iterable
from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.jsonpath import SingularPath
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.serving.confirm import Question, Source, confirm
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, Steps
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Passed

_GLANCES = 10
"""Extra requests for each further replica: of two that a balancer picks at random, one in 2**20 is missed."""


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Replica(BaseModel):
    """What tells replicas apart, and how many must be seen. One of `json` and `header`."""

    model_config = PART

    json_: SingularPath | None = Field(default=None, alias="json")
    header: Text | None = None
    count: int = Field(ge=1)


class Section(BaseModel):
    """Where the version is served, and what it must be. One of `json`, `header` and `body`."""

    model_config = PART

    path: PathOf
    json_: SingularPath | None = Field(default=None, alias="json")
    header: Text | None = None
    body: bool = False
    equals: Annotated[Text, BeforeValidator(_as_text)]
    consecutive: int = Field(default=5, ge=1)
    replica: Replica | None = None
    timeout: Duration = 30.0
    interval: Duration = 1.0
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check `release::version`.

    Raises:
        Misuse: unless exactly one place of the reply is named.
    """
    if sum([section.json_ is not None, section.header is not None, section.body]) != 1:
        raise Misuse("where does the reply say its version?", expected="one of json, header and body: true")
    if section.replica and (section.replica.json_ is None) == (section.replica.header is None):
        raise Misuse("what tells replicas apart?", at=("replica",), expected="one of json and header")
    questions = tuple(_questions(section, context))
    yield Check(
        marker="smoke",
        section="release",
        title="version",
        place=context.place(()),
        steps=partial(_confirm_all, questions, section.equals),
        routes=frozenset({f"GET {section.path}"}),
        phase=Phase.PREPARE,
        spend=Spend(requests=sum(question.most for question in questions)),
        runbook=section.runbook,
        hint=section.hint,
    )


def _questions(section: Section, context: Context) -> Iterable[Question]:
    """One for what everybody reaches, then one for each replica that can be reached by itself."""
    replica = section.replica
    retries = math.ceil(section.timeout / section.interval) + 1
    for base in (None, *context.environment.replicas):
        count = replica.count if replica and base is None else 1
        yield Question(
            path=section.path,
            base=base,
            version=Source(section.json_, section.header),
            wanted=section.equals,
            consecutive=section.consecutive,
            replica=Source(replica.json_, replica.header) if replica else None,
            count=count,
            timeout=section.timeout,
            interval=section.interval,
            most=section.consecutive + retries + _GLANCES * (count - 1),
        )


def _confirm_all(questions: tuple[Question, ...], version: str) -> Steps:
    for question in questions:
        if trouble := (yield from confirm(question)):
            return trouble
    return Passed(version)
