"""Error answers: they say what was wrong with the request, and nothing about the code behind it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.line import Line, PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import LineOf
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.checks.posture.answers import SERVER_ERRORS, gathered
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.leaks import Secrets, secrets_in, signs_of_code
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS, SAFE_METHODS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest

_BROKEN_JSON = b'{"deploycheck": '
_NO_OBJECT = b'["deploycheck"]'
_UNUSUAL = "PROPFIND"
"""A method that only looks (RFC 4918, 9.1), that HTTP parsers know, and that hardly an API offers."""


class Section(BaseModel):
    """How to be answered an error. `control` is a path that answers 2xx to everybody.

    `missing` is a path that nothing is at, `unauthorized` one that needs a credential, `forbidden` one that
    `identity` may not use, `malformed` and `invalid` requests whose body is a JSON object, `wrong_method` a
    path that offers no PROPFIND. `identity` sends all but `unauthorized`. With `json` errors must be JSON.
    """

    model_config = PART

    control: PathOf
    missing: PathOf | None = None
    unauthorized: PathOf | None = None
    forbidden: PathOf | None = None
    malformed: LineOf | None = None
    invalid: LineOf | None = None
    wrong_method: PathOf | None = None
    identity: Text | None = Field(default=None, alias="as")
    json_: bool = Field(default=True, alias="json")
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Provocation:
    """A request that must be answered an error, and the statuses that say so.

    `guarded`: what it gets if it is let in holds what it guards, and that is no error that leaks.
    """

    title: str
    request: HttpRequest
    statuses: frozenset[int]
    guarded: bool = False

    def __str__(self) -> str:
        return f"{self.request.method} {self.request.target}"


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each way to be answered an error.

    Raises:
        Misuse: if there is none, the identity is not declared, or `malformed` sends no body.
    """
    if section.identity is not None:
        require_identity(section.identity, context, ("as",))
    for name, line in (("malformed", section.malformed), ("invalid", section.invalid)):
        if line and line.method in SAFE_METHODS:
            raise Misuse(f"'{line}' sends no body", at=(name,), expected="POST, PUT or PATCH")
        if line and line.method == "DELETE":
            raise Misuse(f"'{line}' may remove something", at=(name,), expected="POST, PUT or PATCH")
    if section.forbidden and section.identity is None:
        raise Misuse(
            "nobody is forbidden it", at=("forbidden",), expected="as: an identity that may not use it"
        )
    provocations = tuple(_provocations(section))
    if not provocations:
        raise Misuse(
            "no error to look at",
            expected="missing, unauthorized, forbidden, malformed, invalid or wrong_method",
        )
    return made("errors", section, context, _items(section, provocations, context.secrets))


def _provocations(section: Section) -> Iterator[Provocation]:
    who = section.identity or ANONYMOUS
    if section.missing:
        yield Provocation("a missing page", _get(section.missing, who), frozenset({404}))
    if section.unauthorized:
        yield Provocation(
            "a request without a credential", _get(section.unauthorized, ANONYMOUS), frozenset({401})
        )
    if section.forbidden:
        yield Provocation("a forbidden request", _get(section.forbidden, who), frozenset({403}), guarded=True)
    if section.malformed:
        request = _with_body(section.malformed, who, _BROKEN_JSON)
        yield Provocation("malformed JSON", request, frozenset({400, 415, 422}))
    if section.invalid:
        request = _with_body(section.invalid, who, _NO_OBJECT)
        yield Provocation("JSON that makes no sense", request, frozenset({400, 422}))
    if section.wrong_method:
        request = HttpRequest(method=_UNUSUAL, target=section.wrong_method, identity=who)
        yield Provocation("a method that is not offered", request, frozenset({404, 405, 501}))


def _with_body(line: Line, identity: str, body: bytes) -> HttpRequest:
    return HttpRequest(
        method=line.method,
        target=line.target,
        identity=identity,
        headers=(("Content-Type", "application/json"),),
        body=body,
    )


def _get(path: str, identity: str) -> HttpRequest:
    return HttpRequest(method="GET", target=path, identity=identity)


def _items(section: Section, provocations: Iterable[Provocation], secrets: Secrets) -> Iterator[Item]:
    for each in provocations:
        yield Item(
            title=f"the answer to {each.title} tells nothing about the code",
            steps=partial(_provoke, each, section, secrets),
            requests=2,
            identities={each.request.identity},
            weakness=Weakness(Severity.MEDIUM, "CWE-209", "API8:2023"),
            hint="turn debug mode off; log the trace, and answer a code that can be looked up in the log",
        )


def _provoke(provocation: Provocation, section: Section, secrets: Secrets) -> Steps:
    """Ask for the error and, as control, for a page that is there: is it the application that answers?"""
    evidence = yield (
        provocation.request,
        HttpRequest(method="GET", target=section.control, purpose="control"),
    )
    control_name = f"the control GET {section.control}"
    seen = evidence[0]
    is_served = provocation.guarded and isinstance(seen, Reply) and seen.ok
    if isinstance(seen, Reply) and not is_served and (faults := tuple(_faults(seen, section, secrets))):
        return Failed("\n".join(f"{provocation} ({seen.status}): {fault}" for fault in faults))
    replies = gathered((str(provocation), control_name), evidence)
    if isinstance(replies, Inconclusive):
        return replies
    error, control = replies
    if not control.ok:
        return Inconclusive(f"{control_name}: got {control.status}: is it the application that answers?")
    if error.status not in provocation.statuses:
        wanted = " or ".join(map(str, sorted(provocation.statuses)))
        return Inconclusive(
            f"{provocation}: expected {wanted}, got {error.status}: another answer than meant"
        )
    return Passed()


def _faults(reply: Reply, section: Section, secrets: Secrets) -> Iterator[str]:
    """What is wrong with an error answer; anything that leaks is, whatever its status."""
    text = reply.text
    yield from (f"tells {what}" for what in signs_of_code(text))
    yield from (f"holds {what}" for what in secrets_in(text, secrets))
    if reply.status in SERVER_ERRORS and reply.status != 501:
        yield (
            f"a server error, where the request was wrong ({short(text)})"
            if text
            else ("a server error, where the request was wrong")
        )
    elif section.json_ and reply.status >= 400 and reply.status != 429 and not _is_json(reply):
        yield f"expected JSON, got {reply.header('content-type') or 'no content type'}"


def _is_json(reply: Reply) -> bool:
    """Whether both the content type and the body say JSON; problem+json is (RFC 9457)."""
    kind = (reply.header("content-type") or "").split(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        return False
    try:
        json.loads(reply.body)
    except ValueError:
        return False
    return True
