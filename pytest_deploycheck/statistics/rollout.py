"""When a series of measurements has said enough: the limits of a rollout, by Argo's names."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from pytest_deploycheck.model.many import many
from pytest_deploycheck.statistics.decision import Ruling

Result: TypeAlias = Ruling | None
"""Of one measurement; None is an error: it did not take place, which is no failure of the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many measurements are taken, and how many of which result are too many.

    Names and defaults are those of Argo Rollouts (AnalysisTemplate, metrics). `failure` and `inconclusive`
    are how many are tolerated, -1: any number. `consecutive_success` in a row are enough, 0: never.
    """

    count: int = 1
    failure: int = 0
    inconclusive: int = 0
    consecutive_error: int = 4
    consecutive_success: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a series has ended, and why."""

    ruling: Ruling
    why: str


def standing(results: Sequence[Result], limits: Limits) -> Standing | None:
    """Return how the series of measurements ends after these results; None: go on measuring.

    Unlike Argo's, a series that has ended without one success did not succeed.
    """
    failed, undecided = results.count(Ruling.FAILED), results.count(Ruling.UNDECIDED)
    if 0 <= limits.failure < failed:
        return Standing(Ruling.FAILED, f"{_of(failed, results)} failed")
    if 0 <= limits.inconclusive < undecided:
        return Standing(Ruling.UNDECIDED, f"{_of(undecided, results)} did not decide")
    if (errors := _last(results, None)) > limits.consecutive_error:
        return Standing(Ruling.UNDECIDED, f"{many(errors, 'measurement')} in a row did not take place")
    if 0 < limits.consecutive_success <= (passed := _last(results, Ruling.PASSED)):
        return Standing(Ruling.PASSED, f"{passed} passed in a row")
    if len(results) < limits.count:
        return None
    passed = results.count(Ruling.PASSED)
    enough = passed > 0 and not limits.consecutive_success
    return Standing(Ruling.PASSED if enough else Ruling.UNDECIDED, f"{_of(passed, results)} passed")


def _of(part: int, results: Sequence[Result]) -> str:
    return f"{part} of {len(results)} measurement{'' if len(results) == 1 else 's'}"


def _last(results: Sequence[Result], which: Result) -> int:
    """How many of the last results in a row are `which`."""
    return sum(1 for _ in takewhile(lambda each: each is which, reversed(results)))
