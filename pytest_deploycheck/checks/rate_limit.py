"""A rate limit: found with few requests, honest in its refusal, not to be got round, over when it says so."""

from collections.abc import Iterable
from functools import partial
from typing import Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.act import Act, sent_names
from pytest_deploycheck.checks.exchange.line import Line, PathOf
from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.exchange.section import Send, Step
from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, StatusOf, parse_statuses
from pytest_deploycheck.checks.language.amount import Duration
from pytest_deploycheck.checks.language.jsonpath import Path
from pytest_deploycheck.checks.language.matcher import MatcherOf
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.limits.converse import Ask, converse
from pytest_deploycheck.checks.limits.judge import Bound
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, RateLimit, Severity, Weakness
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS

WEAKNESS = Weakness(Severity.MEDIUM, "CWE-770", "API4:2023")
"""Allocation of resources without limits; unrestricted resource consumption."""


class Section(BaseModel):
    """What is limited, for whom, and how it refuses.

    `counts`: whether the limit counts all requests to the deployment, or this path alone. `other`: somebody
    who must still be served when the limit of a user is used up. `error`: what the body of a 429 shows.
    `exempted`: the environment's `headers` exempt the gate from the limit, so this check sends without them.
    """

    model_config = PART

    path: PathOf
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    identity: Text | None = Field(default=None, alias="as")
    send: Send = Send()
    status: StatusOf | None = None
    read_only: bool = False
    limit: int = Field(ge=1)
    window: Duration
    per: Literal["address", "user"]
    counts: Literal["all", "path"] = "all"
    tolerance: int = Field(default=0, ge=0)
    other: Text | None = None
    forged_headers: bool = True
    recovers: bool = True
    exempted: bool = False
    error: dict[Path, MatcherOf] = Field(default={}, min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one limit.

    Raises:
        Misuse: for a limit of nobody, an unknown identity, or a request that would change something.
    """
    _hold_rules(section, context)
    if section.exempted and not context.environment.headers:
        raise Misuse("nothing exempts the gate", at=("exempted",), expected="headers of the environment")
    ask = _ask(section)
    names = {section.identity or ANONYMOUS, section.other or ANONYMOUS} - {ANONYMOUS}
    yield Check(
        marker=context.marker,
        title=section.name or f"{section.method} {section.path} [rate limit per {section.per}]",
        place=context.place(()),
        steps=partial(converse, ask),
        phase=Phase.EXCLUSIVE,
        spend=Spend(requests=ask.most),
        identities=frozenset(names),
        runbook=section.runbook,
        hint=section.hint,
        weakness=WEAKNESS,
        trips=RateLimit(
            requests=section.limit,
            window=section.window,
            user=section.identity if section.per == "user" else None,
            path=section.path if section.counts == "path" else None,
            exempted=section.exempted,
        ),
    )


def _ask(section: Section) -> Ask:
    line = Line(section.method, section.path)
    who = section.identity or ANONYMOUS
    fields = {"send", "status", "read_only"} & section.model_fields_set
    step = Step.model_construct(_fields_set=set(fields), **{name: getattr(section, name) for name in fields})
    refused = Step.model_construct(status=parse_statuses(TOO_MANY_REQUESTS), json_=section.error)
    return Ask(
        request=Act(line, step, who),
        refusal=Act(line, refused, who),
        bound=Bound(
            limit=section.limit,
            window=section.window,
            tolerance=section.tolerance,
            user=section.per == "user",
        ),
        other=section.other,
        recovers=section.recovers,
        forged=section.forged_headers,
        exempted=section.exempted,
    )


def _hold_rules(section: Section, context: Context) -> None:
    for key, name in (("as", section.identity), ("other", section.other)):
        if name and name != ANONYMOUS:
            require_identity(name, context, (key,))
    if section.per == "user" and section.identity in (None, ANONYMOUS):
        raise Misuse("a limit per user, and no user", expected="as: an identity")
    if section.other and (section.per == "address" or section.other == section.identity):
        raise Misuse(
            f"'{section.other}' shares the limit", at=("other",), expected="per: user, and another identity"
        )
    if len(section.send.contents) > 1:
        given = " and ".join(sorted(section.send.contents))
        raise Misuse(f"{given} at once", at=("send",), expected="one of json, form and body")
    line = Line(section.method, section.path)
    if not (line.safe or section.read_only):
        raise Misuse(
            f"{section.method} may change the deployment, and it is sent until it is refused",
            at=("method",),
            expected="GET, or read_only: true where nothing can change, such as a login that fails",
        )
    if names := sorted(set(sent_names(Act(line, Step.model_construct(send=section.send), ANONYMOUS)))):
        raise Misuse(f"unknown name '{{{names[0]}}}'", expected=f"{{{{{names[0]}}}}} for the text itself")
