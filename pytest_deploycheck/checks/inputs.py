"""Inputs that make no sense: refused with 4xx, or searched for as text, never a server error."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import LineOf
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook
from pytest_deploycheck.checks.language.part import Text as Name
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.checks.posture.answers import CLIENT_ERRORS, SERVER_ERRORS, gathered
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.leaks import signs_of_code
from pytest_deploycheck.checks.posture.payloads import (
    BODIES,
    INPUT,
    LONG_TEXT,
    MARKUP,
    SQL_LIKE,
    TEXTS,
    VALUES,
    Body,
    has_input,
    with_input,
)
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NOT_READ = frozenset({401, 403, 405})
"""Refusals that come before anybody has read the input."""
_NOT_THERE = 404
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def _query(path: str) -> str:
    if path.endswith("="):
        return path
    raise MistakeError(f"{path!r} ends in no parameter", "such as /api/products?search=")


def _path(path: str) -> str:
    if path.count(INPUT) == 1:
        return path
    raise MistakeError(f"{path!r} takes no input", "{input} where an id belongs, such as /api/orders/{input}")


class Section(BaseModel):
    """What takes an input, and what shows that the identity is let in.

    `control` is a path that answers 2xx to `identity`. `queries` are paths that end in a parameter without
    its value; `paths` hold {input} where an id belongs; `bodies` are requests that take JSON, each with a
    document in which {input} stands for a value, or null.
    """

    model_config = PART

    control: PathOf
    queries: tuple[Annotated[PathOf, AfterValidator(_query)], ...] = ()
    paths: tuple[Annotated[PathOf, AfterValidator(_path)], ...] = ()
    bodies: dict[LineOf, dict[str, Any] | None] = {}
    identity: Name | None = Field(default=None, alias="as")
    name: Name | None = None
    runbook: Runbook = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A request with an odd input, `at` a path that says where.

    `harmless`: it may succeed; `may_miss`: it may name what is not there.
    """

    request: HttpRequest
    input: str
    at: str = ""
    harmless: bool = False
    may_miss: bool = False

    def __str__(self) -> str:
        return f"{self.request.method} {self.at or self.request.target.partition('?')[0]} with {self.input}"


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each input at each place.

    Raises:
        Misuse: if nothing takes an input, or a request could really change something.
    """
    if section.identity is not None:
        require_identity(section.identity, context, ("as",))
    if not (section.queries or section.paths or section.bodies):
        raise Misuse("nothing takes an input", expected="queries, paths or bodies")
    for line, document in section.bodies.items():
        if line.method not in _WITH_BODY:
            raise Misuse(f"'{line}' sends no body", at=("bodies",), expected="POST, PUT or PATCH")
        if document is not None and not has_input(document):
            raise Misuse(
                f"'{line}' would be sent as it is, and could be carried out",
                at=("bodies",),
                expected=f'"{INPUT}" as one of its values; or null',
            )
    return made("inputs", section, context, _items(section))


def _items(section: Section) -> Iterator[Item]:
    for path in section.queries:
        for text in (*TEXTS, LONG_TEXT):
            request = _get(path + quote(text.value, safe=""), section)
            yield Item(
                title=f"GET {_label(path)} takes {text.title}",
                steps=partial(_try, Trial(request, text.title, harmless=True), section),
                requests=2,
                identities={request.identity},
                weakness=text.weakness,
                hint=text.hint,
            )
    for path in section.paths:
        for text in TEXTS:
            request = _get(path.replace(INPUT, quote(text.value, safe="")), section)
            trial = Trial(request, text.title, at=path, may_miss=True)
            yield Item(
                title=f"GET {_label(path)} refuses {text.title}",
                steps=partial(_try, trial, section),
                requests=2,
                identities={request.identity},
                weakness=text.weakness,
                hint=text.hint,
            )
    for line, document in section.bodies.items():
        for body, may_miss in _bodies(document):
            request = HttpRequest(
                method=line.method,
                target=line.target,
                identity=section.identity or ANONYMOUS,
                headers=(("Content-Type", "application/json"),),
                body=body.content,
            )
            yield Item(
                title=f"{line.method} {_label(line.target)} refuses {body.title}",
                steps=partial(_try, Trial(request, body.title, may_miss=may_miss), section),
                requests=2,
                identities={request.identity},
                weakness=body.weakness,
                hint=body.hint,
            )


def _bodies(document: dict[str, Any] | None) -> Iterator[tuple[Body, bool]]:
    """Whole bodies; then the document with an odd value in it, which may name what is not there."""
    yield from ((body, False) for body in BODIES)
    if document is not None:
        for text in TEXTS:
            content = with_input(document, text.value)
            yield Body(f"{text.title} as a value", content, text.weakness, text.hint), True
        for title, value in VALUES:
            yield Body(title, with_input(document, value)), True


def _label(target: str) -> str:
    """The target without its host: that may only be known after the start, and a title must not change."""
    return re.sub(r"^(?:https?://[^/]+|\$\{[^}]*\})", "", target)


def _get(path: str, section: Section, purpose: str = "request") -> HttpRequest:
    return HttpRequest(method="GET", target=path, identity=section.identity or ANONYMOUS, purpose=purpose)


def _try(trial: Trial, section: Section) -> Steps:
    """Send the input and, as control, something plain: is the identity let in at all?"""
    evidence = yield (trial.request, _get(section.control, section, "control"))
    seen = evidence[0]
    if isinstance(seen, Reply) and (faults := tuple(_faults(trial, seen))):
        return Failed("\n".join(f"{trial}: {fault}" for fault in faults))
    control_name = f"the control GET {section.control}"
    replies = gathered((str(trial), control_name), evidence)
    if isinstance(replies, Inconclusive):
        return replies
    reply, control = replies
    if not control.ok:
        return Inconclusive(f"{control_name}: got {control.status}: without it a refusal proves nothing")
    if reply.status in _NOT_READ or (reply.status == _NOT_THERE and not trial.may_miss):
        return Inconclusive(f"{trial}: got {reply.status}, so nobody has read the input")
    return Passed()


def _faults(trial: Trial, reply: Reply) -> Iterator[str]:
    """A server error, a page that repeats markup, a message of the database, or being carried out."""
    if reply.status in SERVER_ERRORS:
        yield f"got {reply.status}, a server error{f' ({short(reply.text)})' if reply.body else ''}"
    elif reply.status not in CLIENT_ERRORS and not (trial.harmless and reply.ok):
        wanted = "2xx or 4xx" if trial.harmless else "4xx"
        yield f"expected {wanted}, got {reply.status}"
    kind = (reply.header("content-type") or "").split(";")[0].strip().lower()
    if kind in _HTML and MARKUP in reply.text:
        yield f"the answer, {kind}, repeats it as it is"
    if (
        trial.harmless or trial.at
    ) and trial.input == SQL_LIKE:  # what other errors tell is the business of `errors`
        yield from (f"tells {what}" for what in signs_of_code(reply.text) if what.startswith("SQL"))
