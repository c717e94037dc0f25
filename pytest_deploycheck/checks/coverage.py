"""Routes of the OpenAPI document that no check asks for, and that nobody excluded."""

import re
from collections.abc import Iterable
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.surface.document import Document, fetch
from pytest_deploycheck.checks.surface.path import shape
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import some
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Outcome, Passed

_INVENTORY = Weakness(Severity.LOW, "CWE-1059", "API9:2023")


class Section(BaseModel):
    """`as`: who may read a served document."""

    model_config = PART

    identity: Text = Field(default=ANONYMOUS, alias="as")
    runbook: Runbook = ()
    hint: str = "say what holds for the route in `routes`, ask for it in a check, or exclude it with a reason"


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of the one document.

    Raises:
        Misuse: if the contract names no document, or the identity is not declared.
    """
    if context.described is None:
        raise Misuse("no OpenAPI document", expected="openapi: {file: ...} or {path: ...} in the contract")
    if section.identity != ANONYMOUS:
        require_identity(section.identity, context, ("as",))
    served = context.described.path
    steps = partial(_fetch, served, section.identity, context) if served else partial(_compare, context)
    yield Check(
        marker=context.marker,
        title="coverage of the OpenAPI document",
        place=context.place(()),
        steps=steps,
        spend=Spend(requests=1 if served else 0),
        identities=frozenset({section.identity} if served else ()) - {ANONYMOUS},
        runbook=section.runbook,
        hint=section.hint,
        weakness=_INVENTORY,
        independent=not served,
    )


def _compare(context: Context) -> Steps:
    """Look at the document that was a file."""
    yield ()
    return _judge(_read(context), context)


def _read(context: Context) -> list[str]:
    """The routes of a document that was a file."""
    return [route.title for route in context.routes if route.described]


def _fetch(path: str, identity: str, context: Context) -> Steps:
    found = yield from fetch(path, identity)
    if not isinstance(found, Document):
        return found
    served = {shape(operation.title): operation.title for operation in found.operations}
    return _judge([*({shape(title): title for title in _read(context)} | served).values()], context)


def _judge(titles: list[str], context: Context) -> Outcome:
    known = {shape(line) for line in context.asked()} | {shape(route.line) for route in context.excluded}
    left = [title for title in titles if not _covered(title, known)]
    if not left:
        return Passed()
    number = some(len(left), len(titles), "route", "is", "are")
    told = f"{number} neither asked for nor excluded: {', '.join(left)}"
    complete = context.described is not None and context.described.complete
    return Failed(told) if complete else Passed(told)


def _covered(title: str, known: Iterable[str]) -> bool:
    """Whether a request line asks for a route: a parameter may stand for any segment."""
    route = re.compile("[^/]+".join(map(re.escape, shape(title).split("{}"))))
    return any(route.fullmatch(line) for line in known)
