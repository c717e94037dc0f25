"""A route that an identity's role does not open, asked for in other words: none of them leads there."""

from dataclasses import dataclass, replace

from pytest_deploycheck.checks.isolation.roles import Crossing, Sample
from pytest_deploycheck.checks.surface import bypass
from pytest_deploycheck.checks.surface.denial import Control
from pytest_deploycheck.checks.surface.owned import find_ids
from pytest_deploycheck.checks.surface.path import filled
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest


@dataclass(frozen=True, slots=True)
class Detour:
    """A safe route that refuses an identity, and somebody who is served: see `Crossing`."""

    crossing: Crossing
    sample: Sample

    @property
    def spend(self) -> Spend:
        """The most that it sends: the plain path, its control, and each detour."""
        return Spend(requests=self.sample.sources.requests + 2 + bypass.DETOURS)

    def __str__(self) -> str:
        return f"{self.crossing} [detours]"

    def steps(self) -> Steps:
        """Ask for the path plainly, as somebody who may, and by each detour."""
        ids = yield from find_ids(self.sample.sources, self.sample.identity.name)
        if isinstance(ids, Inconclusive):
            return ids
        who, route = self.crossing.identity.name, self.crossing.route
        target = filled(route.url, {name: values[0] for name, values in ids.items()})
        plain = HttpRequest(method=route.method, target=target, identity=who, purpose="plain path")
        control = replace(plain, identity=self.sample.identity.name, purpose="control")
        ways = bypass.detours(target)
        served, denied, *others = yield (
            control,
            plain,
            *(replace(request, identity=who) for _, request in ways),
        )
        return bypass.judge([name for name, _ in ways], others, denied, Control(control, served))
