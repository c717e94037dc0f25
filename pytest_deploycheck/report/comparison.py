"""A comparison on a terminal: what differs, by how much, and how sure that is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_deploycheck.statistics.decision import Decision, Ruling

_WORDS = {Ruling.PASSED: "same", Ruling.FAILED: "WORSE", Ruling.UNDECIDED: "not known"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was compared."""

    scenario: str
    what: str
    decision: Decision


def render(lines: Iterable[Line], left_out: Iterable[str]) -> Iterator[str]:
    """Yield what was compared, one line each, and why runs were left out, once for each reason."""
    for line in lines:
        yield f"  {_WORDS[line.decision.ruling]:<10}{line.scenario}  {line.what}  {line.decision.told()}"
    for why, times in Counter(left_out).items():
        yield f"  left out: {times} run{'' if times == 1 else 's'}: {why}"
