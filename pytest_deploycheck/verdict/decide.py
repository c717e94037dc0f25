"""Outcomes to a verdict: the one place."""

from collections.abc import Collection

from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.verdict import Verdict


def decide(outcomes: Collection[Outcome], *, leftovers: int = 0, undecided: int = 0) -> Verdict:
    """Fail closed: what was not checked did not pass.

    `leftovers` counts what the run wrote and could not remove; `undecided` counts what was selected and
    has no outcome, and runbook items that must be decided and are not.
    """
    if leftovers or any(isinstance(outcome, Failed) for outcome in outcomes):
        return Verdict.NO_GO
    if not outcomes and not undecided:
        return Verdict.NOTHING_CHECKED
    if undecided or any(isinstance(outcome, Inconclusive) for outcome in outcomes):
        return Verdict.INCONCLUSIVE
    if not any(isinstance(outcome, Passed) for outcome in outcomes):
        return Verdict.INCONCLUSIVE
    return Verdict.GO
