"""Whose replies these are: the canary's, the stable deployment's, or nobody knows."""

from dataclasses import dataclass

from pytest_deploycheck.model.loaded import Loaded, Measured, Series
from pytest_deploycheck.model.many import some
from pytest_deploycheck.statistics.decision import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What the two are called. `stable`: None, if it is whatever else answers.

    `stage` is the share that the canary is meant to get, one of `stages`; None: the nearest to what it gets.
    """

    canary: str
    stable: str | None
    stage: float | None
    stages: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """The requests of each. `unknown` had no answer that names a version: they hung, or were never sent."""

    canary: tuple[Series, ...]
    stable: tuple[Series, ...]
    unknown: tuple[Series, ...]
    stage: float


def sides(versions: Versions, seen: Loaded) -> Sides | str:
    """Return whose requests these were, or why that is not what is meant to be measured."""
    told = [series for series in seen.series if series.version]
    canary = tuple(series for series in told if series.version == versions.canary)
    stable = tuple(
        series
        for series in told
        if series.version != versions.canary and versions.stable in (None, series.version)
    )
    unknown = tuple(series for series in seen.series if not series.version)
    ours, theirs = count(canary), count(stable)
    if astray := {series.version for series in told} - {series.version for series in (*canary, *stable)}:
        return f"{', '.join(sorted(astray))} answered, and is neither the canary nor the stable version"
    if not ours:
        others = ", ".join(sorted({series.version for series in told}))
        return f"the canary {versions.canary} has not answered, only {others or 'nobody who named a version'}"
    share = ours / (ours + theirs)
    stage = min(versions.stages, key=lambda each: abs(each - share))
    if versions.stage not in {None, stage}:
        meant = percent(versions.stage or 0)
        return f"the canary gets {percent(share)} of the requests: that is not the stage of {meant}"
    if stage == 1 and theirs:
        number = some(theirs, ours + theirs, "request", "was", "were")
        return f"{number} still answered by the stable version"
    return Sides(canary, stable, unknown, stage)


def count(series: tuple[Series, ...]) -> int:
    """How many requests these are, without the warm-up."""
    return of(series).n


def of(series: tuple[Series, ...]) -> Measured:
    """What was measured of these, without the warm-up."""
    return Measured(tuple(second for each in series for second in each.seconds if second.at >= 0))
