"""A plan as a table for people."""

from collections.abc import Iterator

from pytest_deploycheck.model.plan import Plan


def render(plan: Plan) -> Iterator[str]:
    """Yield the lines of the plan's table: order, phase, what each check may send, and what is refused."""
    yield f"plan: {plan.system} on {plan.environment} ({plan.base_url}); nothing is sent"
    yield f"{'#':>4}  {'phase':<9} {'requests':>8} {'writes':>6} {'queries':>7}  check"
    for number, step in enumerate(plan.steps, 1):
        spend = step.spend
        yield (
            f"{number:>4}  {step.phase.name.lower():<9} {spend.requests:>8} {spend.writes:>6} "
            f"{spend.queries:>7}  {step.id}"
        )
        if step.refused:
            yield f"{'':>41}refused: {step.refused}"
    total, budget = plan.total, plan.budget
    yield f"{'':>4}  {'at most':<9} {total.requests:>8} {total.writes:>6} {total.queries:>7}"
    yield f"{'':>4}  {'budget':<9} {budget.requests:>8} {budget.writes:>6} {'':>7}  {budget.duration:g} s"
