"""One measurement of a canary: both at once behind one balancer, or in turn where a header chooses."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeAlias

from pytest_deploycheck.checks.rollout.interleaved import in_turn
from pytest_deploycheck.checks.rollout.judge import Comparison, Shown, shown
from pytest_deploycheck.checks.rollout.sides import Versions
from pytest_deploycheck.model.evidence import Evidence, Withheld
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.loaded import Ending, Loaded
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Probe
from pytest_deploycheck.statistics.canary import abba

Taking: TypeAlias = Generator[tuple[Probe, ...], tuple[Evidence, ...], Shown | Inconclusive]
"""Part of a conversation; an outcome ends all of it."""

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """One load run, whose replies name the version that answered."""

    run: LoadRun
    comparison: Comparison
    versions: Versions

    @property
    def most(self) -> int:
        """The most requests of one measurement."""
        return self.run.most

    def take(self, number: str) -> Taking:
        """Measure once; `number` tells the runs apart."""
        seen = yield from _load(replace(self.run, name=f"{self.run.name}{number}"))
        return seen if isinstance(seen, Inconclusive) else shown(self.comparison, self.versions, seen)


@dataclass(frozen=True, slots=True)
class InTurn:
    """Blocks of load, `pairs` of each, as ABBA; `canary` and `stable` are the headers that choose."""

    run: LoadRun
    comparison: Comparison
    pairs: int
    canary: Headers
    stable: Headers

    @property
    def most(self) -> int:
        """The most requests of one measurement."""
        return self.run.most * 2 * self.pairs

    def take(self, number: str) -> Taking:
        """Measure once; `number` tells the runs apart."""
        blocks: dict[str, list[Loaded]] = {"A": [], "B": []}
        for at, who in enumerate(abba(self.pairs), 1):
            headers, called = (self.canary, "canary") if who == "A" else (self.stable, "stable")
            run = _with_headers(replace(self.run, name=f"{self.run.name}{number}, {called} {at}"), headers)
            seen = yield from _load(run)
            if isinstance(seen, Inconclusive):
                return seen
            blocks[who].append(seen)
            if seen.ending is not Ending.COMPLETE:
                break
        return in_turn(self.comparison, blocks["A"], blocks["B"])


def _load(run: LoadRun) -> Generator[tuple[Probe, ...], tuple[Evidence, ...], Loaded | Inconclusive]:
    (seen,) = yield (run,)
    match seen:
        case Loaded(ending=Ending.INTERRUPTED):
            return Inconclusive("interrupted")
        case Loaded():
            return seen
        case Withheld(reason=reason):
            return Inconclusive(reason)
        case _:
            return Inconclusive(f"{type(seen).__name__} is no load run")


def _with_headers(run: LoadRun, headers: Headers) -> LoadRun:
    if not isinstance(run.scenario, tuple):
        return run
    return replace(
        run, scenario=tuple(replace(each, headers=(*each.headers, *headers)) for each in run.scenario)
    )
