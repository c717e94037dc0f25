"""Rate limits: found with few requests, honest in their refusal, not to be got round, over when they say."""

from collections.abc import Iterable
from functools import partial

from pytest_deploycheck.checks.exchange.act import Act
from pytest_deploycheck.checks.exchange.line import Line
from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, parse_statuses
from pytest_deploycheck.checks.limits.ask import Ask
from pytest_deploycheck.checks.limits.converse import converse
from pytest_deploycheck.checks.limits.judge import Bound
from pytest_deploycheck.checks.limits.rules import Tier, hold_rules, tiers_of
from pytest_deploycheck.checks.limits.section import RateLimitSection
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase, RateLimit, Severity, Weakness
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS

Section = RateLimitSection

WEAKNESS = Weakness(Severity.MEDIUM, "CWE-770", "API4:2023")
"""Allocation of resources without limits; unrestricted resource consumption."""


def checks(section: RateLimitSection, context: Context) -> Iterable[Check]:
    """Return the check of one limit, or of each tier's.

    Raises:
        Misuse: for a limit of nobody, an unknown identity, or a request that would change something.
    """
    hold_rules(section, context)
    if section.exempted and not context.environment.headers:
        raise Misuse("nothing exempts the gate", at=("exempted",), expected="headers of the environment")
    for tier in tiers_of(section):
        yield _check(section, context, tier)


def _check(section: RateLimitSection, context: Context, tier: Tier) -> Check:
    ask = _ask(section, context, tier)
    title = section.name or f"{section.method} {section.path} [rate limit per {section.per}]"
    return Check(
        marker=context.marker,
        title=f"{title}: {tier.name}" if tier.name else title,
        place=context.place(("tiers", tier.name) if tier.name else ()),
        steps=partial(converse, ask),
        phase=Phase.EXCLUSIVE,
        spend=Spend(requests=ask.most),
        identities=frozenset({tier.identity or ANONYMOUS, tier.other or ANONYMOUS} - {ANONYMOUS}),
        runbook=section.runbook,
        hint=section.hint,
        weakness=WEAKNESS,
        trips=ask.own,
    )


def _ask(section: RateLimitSection, context: Context, tier: Tier) -> Ask:
    line = Line(section.method, section.path)
    who = tier.identity or ANONYMOUS
    fields = {"send", "status", "read_only"} & section.model_fields_set
    step = Step.model_construct(_fields_set=set(fields), **{name: getattr(section, name) for name in fields})
    refused = Step.model_construct(status=parse_statuses(TOO_MANY_REQUESTS), json_=section.error)
    user = section.per == "user"
    return Ask(
        act=Act(line, step, who),
        refusal=Act(line, refused, who),
        bound=Bound(
            limit=tier.limit,
            window=tier.window,
            tolerance=section.tolerance,
            user=user,
            others={name: each.limit for name, each in section.tiers.items() if name != tier.name},
        ),
        own=RateLimit(
            requests=tier.limit,
            window=tier.window,
            user=tier.identity if user else None,
            path=section.path if section.counts == "path" else None,
            exempted=section.exempted,
        ),
        other=tier.other,
        recovers=section.recovers,
        forged=section.forged_headers and not section.clients,
        declared=context.limits,
        clients=section.clients,
    )
