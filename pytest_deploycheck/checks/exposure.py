"""What should not be reachable: debug pages, metrics, files of the release, secrets in what is served."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.line import PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.posture.answers import gathered
from pytest_deploycheck.checks.posture.doors import GROUPS, NOWHERE, Group, opened, undecided
from pytest_deploycheck.checks.posture.item import Item, made
from pytest_deploycheck.checks.posture.unpack import MOST_REQUESTS, unpack
from pytest_deploycheck.model.check import Check, Severity, Steps, Weakness
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest

_DECLARED = Weakness(Severity.HIGH, "CWE-552", "API9:2023")
_BUNDLE = Weakness(Severity.HIGH, "CWE-540", "API8:2023")
_SCHEMA = Weakness(Severity.LOW, "CWE-497", "API9:2023")


class Section(BaseModel):
    """Where to look. `control` is a path that answers 2xx to everybody.

    `at` is the address below which closed paths are looked for, if not the base URL. `closed` adds paths.
    `bundles` are scripts, or pages whose scripts are read; `public` names secrets that may be in them.
    `identity` asks the GraphQL endpoint.
    """

    model_config = PART

    control: PathOf
    at: Text | None = None
    closed: tuple[PathOf, ...] = ()
    without: dict[Literal["files", "debug", "metrics"], Text] = {}
    graphql: PathOf | None = None
    identity: Text | None = Field(default=None, alias="as")
    bundles: tuple[PathOf, ...] = ()
    public: tuple[Text, ...] = ()
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each group of paths, for GraphQL, and for each bundle.

    Raises:
        Misuse: if nothing is left to check, or the identity is not declared.
    """
    if section.identity is not None:
        require_identity(section.identity, context, ("as",))
    items = tuple(_items(section, context))
    if not items:
        raise Misuse("everything is left out", at=("without",), expected="something that is checked")
    return made("exposure", section, context, items)


def _items(section: Section, context: Context) -> Iterator[Item]:
    groups = [group for name, group in GROUPS.items() if name not in section.without]
    if section.closed:
        declared = dict.fromkeys(section.closed, "")
        groups.append(Group("the declared paths are closed", declared, _DECLARED, "close them at the proxy"))
    for group in groups:
        yield Item(
            title=group.title,
            steps=partial(_knock, group.paths, section),
            requests=len(group.paths) + 2,
            weakness=group.weakness,
            hint=group.hint,
        )
    if section.graphql:
        yield Item(
            title="GraphQL does not tell its schema",
            steps=partial(_introspect, section.graphql, section.identity or ANONYMOUS),
            requests=2,
            identities={section.identity or ANONYMOUS},
            weakness=_SCHEMA,
            hint="turn introspection off in production",
        )
    known = tuple((name, secret) for name, secret in context.secrets if name not in section.public)
    for number, path in enumerate(section.bundles, 1):
        yield Item(
            title=f"the scripts that are served hold no secret and no source{_counted(number)}",
            steps=partial(unpack, path, context.environment.base_url, known),
            requests=MOST_REQUESTS,
            weakness=_BUNDLE,
            hint="a secret that was served is known: change it; keep source maps out of the release",
        )


def _counted(number: int) -> str:
    return f" [{number}]" if number > 1 else ""


def _get(path: str, purpose: str = "request", base: str | None = None) -> HttpRequest:
    return HttpRequest(method="GET", target=path, base=base, purpose=purpose)


def _knock(paths: Mapping[str, str], section: Section) -> Steps:
    """Ask for each path, for one that is there, and for one that can't be."""
    base = section.at.rstrip("/") if section.at else None
    live, nothing, *evidence = yield (
        _get(section.control, "control"),
        _get(NOWHERE, "control: no such page", base),
        *(_get(path, base=base) for path in paths),
    )
    nowhere = nothing if isinstance(nothing, Reply) and not unanswered(nothing) else None
    seen = tuple(zip(paths.items(), evidence, strict=True))
    faults = [
        f"GET {path}: {why}"
        for (path, sign), reply in seen
        if isinstance(reply, Reply) and (why := opened(sign, reply, nowhere))
    ]
    if faults:
        return Failed("\n".join(faults))
    replies = gathered(
        (
            f"the control GET {section.control}",
            f"the control GET {NOWHERE}",
            *(f"GET {path}" for path in paths),
        ),
        (live, nothing, *evidence),
    )
    if isinstance(replies, Inconclusive):
        return replies
    if not replies[0].ok:
        return Inconclusive(f"the control GET {section.control}: got {replies[0].status}: all may be closed")
    unclear = [
        f"GET {path}: {why}"
        for (path, sign), reply in zip(paths.items(), replies[2:], strict=True)
        if (why := undecided(sign, reply, replies[1]))
    ]
    return Inconclusive("\n".join(unclear)) if unclear else Passed()


def _introspect(path: str, identity: str) -> Steps:
    """Ask for the schema and, as control, for the name of a type, which every endpoint answers."""
    evidence = yield tuple(
        HttpRequest(
            method="POST",
            target=path,
            identity=identity,
            headers=(("Content-Type", "application/json"),),
            body=json.dumps({"query": query}).encode(),
            purpose=purpose,
        )
        for query, purpose in (("{__schema{queryType{name}}}", "request"), ("{__typename}", "control"))
    )
    if isinstance(evidence[0], Reply) and _told(evidence[0], "__schema"):
        return Failed(f"POST {path}: {{__schema}} is answered with the schema")
    replies = gathered((f"POST {path}", f"the control POST {path}"), evidence)
    if isinstance(replies, Inconclusive):
        return replies
    if not _told(replies[1], "__typename"):
        got = f"{{__typename}} got {replies[1].status} and no data"
        return Inconclusive(f"the control POST {path}: {got}: a refusal proves nothing")
    return Passed()


def _told(reply: Reply, name: str) -> bool:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return False
    data = document.get("data") if isinstance(document, dict) else None
    return isinstance(data, dict) and bool(data.get(name))
