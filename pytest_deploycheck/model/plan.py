"""What a run would send."""

from dataclasses import dataclass

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.check import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A check of the plan, in its place in the order. `refused` says why it would not run, if so.

    `queries_for` is that of the check.
    """

    id: str
    phase: Phase
    spend: Spend
    refused: str = ""
    queries_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a run would do to one environment."""

    system: str
    environment: str
    base_url: str
    budget: Budget
    steps: tuple[Step, ...]

    @property
    def total(self) -> Spend:
        """The most that the run would send; refused checks send nothing."""
        return sum((step.spend for step in self.steps if not step.refused), Spend())
