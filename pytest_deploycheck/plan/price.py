"""Whether a plan can be paid for; said before the first request, with the arithmetic."""

from collections import Counter

from pytest_deploycheck.model.plan import Plan


def over_budget(plan: Plan) -> str:
    """Why the plan is over its budget, with the arithmetic, or nothing."""
    parts = [
        _over("requests", plan.total.requests, plan.budget.requests, _by_section(plan, "requests")),
        _over("writes", plan.total.writes, plan.budget.writes, _by_section(plan, "writes")),
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
