"""Whether a plan can be paid for, and borne; said before the first request, with the arithmetic."""

from collections import Counter
from collections.abc import Iterator

from pytest_deploycheck.model.check import Check, Phase, RateLimit
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.plan import Plan, Step


def over_budget(plan: Plan) -> str:
    """Why the plan is over its budget, with the arithmetic, or nothing."""
    parts = [
        _over("requests", plan.total.requests, plan.budget.requests, _by_section(plan, "requests")),
        _over("writes", plan.total.writes, plan.budget.writes, _by_section(plan, "writes")),
        _over("requests under load", plan.total.load, plan.budget.load, _by_section(plan, "load")),
    ]
    told = [part for part in parts if part]
    if not told:
        return ""
    return (
        f"{plan.system} on {plan.environment}: the plan is over budget, nothing was sent\n    "
        + "\n    ".join(told)
        + "\n    raise `budget` of the environment, or select fewer checks with -m or -k"
    )


def _by_section(plan: Plan, unit: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for step in plan.steps:
        if not step.refused:
            found[step.id.partition("::")[0]] += getattr(step.spend, unit)
    return found


def _over(unit: str, total: int, most: int, sections: Counter[str]) -> str:
    if total <= most:
        return ""
    terms = " + ".join(f"{count} {section}" for section, count in sections.items() if count)
    return f"{unit}: {terms} = {total}, budget {most}"


def over_limit(plan: Plan, contract: Contract) -> str:
    """Why the plan itself would trip a rate limit that the contract declares, or nothing.

    An upper bound: as if all were sent within one window, and a check that sends as several identities sent
    everything as each.
    """
    limits = [
        (check.place, check.trips) for check in contract.checks if check.trips and not check.trips.exempted
    ]
    checks = {check.id: check for check in contract.checks}
    told = []
    for place, limit in limits:
        sections: Counter[str] = Counter()
        for step in plan.steps:
            if not step.refused and step.phase is not Phase.EXCLUSIVE:
                sections[step.id.partition("::")[0]] += _counted(step, limit, checks.get(step.id), contract)
        if arithmetic := _tripped(limit, sections):
            told.append(f"{place}: {arithmetic}")
    if not told:
        return ""
    return (
        f"{plan.system} on {plan.environment}: the plan would trip a rate limit, nothing was sent\n    "
        + "\n    ".join(told)
        + "\n    raise the limit of this environment, or select fewer checks with -m or -k"
    )


def _tripped(limit: RateLimit, sections: Counter[str]) -> str:
    total = sections.total()
    if total <= limit.requests:
        return ""
    terms = " + ".join(f"{count} {section}" for section, count in sections.items() if count)
    return f"{limit}: {terms} = {total}"


def _counted(step: Step, limit: RateLimit, check: Check | None, contract: Contract) -> int:
    """How many of a step's requests the limit counts.

    Polling until a deployment is ready is no healthy run's: each preparation counts once.
    """
    if check is None:
        login = contract.identities[step.id.partition("::")[2]].login
        return int(limit.user is None and limit.path in (None, login.target if login else None))
    if limit.path is not None or limit.user not in (None, *_users(check.identities, contract)):
        return 0
    sent = step.spend.requests + step.spend.load
    return min(1, sent) if step.phase is Phase.PREPARE else sent


def _users(names: frozenset[str], contract: Contract) -> Iterator[str]:
    """The users that identities send as; a forgery may be taken for the one it is of."""
    for name in names:
        yield name
        if (identity := contract.identities.get(name)) and identity.of:
            yield identity.of
