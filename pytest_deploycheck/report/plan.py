"""A plan as a table for people."""

from collections.abc import Iterator

from pytest_deploycheck.model.plan import Plan


def render(plan: Plan) -> Iterator[str]:
    """Yield the lines of the plan's table: order, phase, what each check may send, and what is refused.

    Requests under load have a column where there are any.
    """

    def cell(load: object) -> str:
        return f" {load:>7}" if plan.total.load else ""

    yield f"plan: {plan.system} on {plan.environment} ({plan.base_url}); nothing is sent"
    yield f"{'#':>4}  {'phase':<9} {'requests':>8} {'writes':>6} {'queries':>7}{cell('load')}  check"
    for number, step in enumerate(plan.steps, 1):
        spend = step.spend
        yield (
            f"{number:>4}  {step.phase.name.lower():<9} {spend.requests:>8} {spend.writes:>6} "
            f"{spend.queries:>7}{cell(spend.load)}  {step.id}"
        )
        if step.refused:
            yield f"{'':>41}{' ' * len(cell(''))}refused: {step.refused}"
    total, budget = plan.total, plan.budget
    sent = f"{total.requests:>8} {total.writes:>6} {total.queries:>7}{cell(total.load)}"
    yield f"{'':>4}  {'at most':<9} {sent}"
    most = f"{budget.requests:>8} {budget.writes:>6} {'':>7}{cell(budget.load)}"
    yield f"{'':>4}  {'budget':<9} {most}  {budget.duration:g} s"
