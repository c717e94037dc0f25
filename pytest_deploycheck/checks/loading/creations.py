"""How often a load run may create something: as often as chance may choose it."""

from dataclasses import replace
from math import ceil, sqrt
from pathlib import Path

from pytest_deploycheck.model.load import LoadRequest


def counted(
    scenario: tuple[LoadRequest, ...] | Path, most: int, processes: int
) -> tuple[LoadRequest, ...] | Path:
    """Return the scenario of `most` requests with how often each creation is sent at most."""
    if isinstance(scenario, Path):
        return scenario
    whole = sum(request.weight for request in scenario)
    return tuple(
        replace(each, creations=most_often(most, each.weight / whole, processes)) if each.creates else each
        for each in scenario
    )


def most_often(most: int, share: float, processes: int) -> int:
    """The mean and four standard deviations of a binomial count in each process, and never more than all."""
    each = ceil(most / processes)
    return min(most, processes * ceil(each * share + 4 * sqrt(each * share * (1 - share))))
