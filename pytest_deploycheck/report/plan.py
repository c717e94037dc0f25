"""A plan as a table for people."""

from collections.abc import Iterator

from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.plan import Plan, Step


def render(plan: Plan) -> Iterator[str]:
    """Yield the lines of the plan's table: order, phase, what each check may send, and what is refused.

    Requests under load have a column where there are any. Queries whose number the database decides are not
    added up with the others: the sum of such bounds says nothing.
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
    known = sum(step.spend.queries for step in _sent(plan) if not step.queries_for)
    sent = f"{total.requests:>8} {total.writes:>6} {known:>7}{cell(total.load)}"
    yield f"{'':>4}  {'at most':<9} {sent}"
    most = f"{budget.requests:>8} {budget.writes:>6} {'':>7}{cell(budget.load)}"
    yield f"{'':>4}  {'budget':<9} {most}  {budget.duration:g} s"
    yield from _by_what_there_is(plan)


def _sent(plan: Plan) -> Iterator[Step]:
    return (step for step in plan.steps if not step.refused)


def _by_what_there_is(plan: Plan) -> Iterator[str]:
    """Say of each family of checks what it asks for, and how much at most."""
    families: dict[tuple[str, str], list[Step]] = {}
    for step in _sent(plan):
        if step.queries_for and step.spend.queries:
            families.setdefault((step.id.partition(" [")[0], step.queries_for), []).append(step)
    if families:
        yield f"{'':>4}  and queries whose number depends on what the database holds:"
    for (family, what), steps in families.items():
        most = max(step.spend.queries for step in steps)
        each = f" in each of {many(len(steps), 'check')}" if len(steps) > 1 else ""
        yield f"{'':>8}{family}: {what}; at most {most}{each}"
