"""The same trials at routes that only a served document names: a check learns of them while it runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pytest_deploycheck.checks.surface.credentials import Finding
from pytest_deploycheck.checks.surface.document import fetch
from pytest_deploycheck.checks.surface.door import Door, door
from pytest_deploycheck.checks.surface.owned import Sources
from pytest_deploycheck.checks.surface.path import shape
from pytest_deploycheck.checks.surface.trials import Trial, Trials
from pytest_deploycheck.checks.surface.walk import sample
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Route
from pytest_deploycheck.openapi import Operation

LISTS = 2
"""The most lists that are asked for the ids of one path."""
TOLD = 3
"""Of how many routes a reason tells all; of the others only that they are among them."""


@dataclass(frozen=True, slots=True)
class Sought:
    """One weakness that is looked for, and the most requests that it takes. `whole`: only at the sample."""

    finding: Finding
    requests: int
    identities: frozenset[str]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The protected routes of a served document that the contract does not name.

    The first `most` are tried with the cheap set, `sampled` of them with the whole.
    """

    path: str
    place: Place
    control: Identity
    context: Context
    trials: Trials
    most: int
    sampled: int

    def sought(self) -> Iterator[Sought]:
        """What is looked for, and the most that it takes, whatever the document says."""
        route = _route(Operation("GET", "/"), self.place)
        plain = Door(route, self.control, Sources({}, ()), None)
        cheap = [trial.finding for trial in self.trials.of(plain, whole=False)]
        for trial in self.trials.of(plain, whole=self.sampled > 0):
            whole = trial.finding not in cheap
            doors = self.sampled if whole else self.most
            requests = 1 + doors * (LISTS + plain.requests + trial.requests)
            yield Sought(trial.finding, requests, trial.identities, whole)

    def steps(self, sought: Sought) -> Steps:
        """Look for one weakness at every such route."""
        found = yield from fetch(self.path, self.control.name, once=True)
        if not isinstance(found, tuple):
            return Inconclusive(found.reason)
        doors = self._doors(found)
        if not doors and not self.context.routes:
            return Inconclusive(f"GET {self.path} names no protected route")
        outcomes: list[tuple[str, Outcome]] = []
        for each, trial in self._tried(doors[: self.most], sought):
            title = each.route.title
            if each.ids.requests > LISTS:
                outcomes.append((title, Inconclusive(f"its ids come from {each.ids.requests} lists")))
            else:
                outcomes.append((title, (yield from trial.steps())))
        return self._judged(outcomes, len(doors))

    def _doors(self, found: tuple[Operation, ...]) -> list[Door]:
        """The doors of the document that the contract does not know: it wins where both name a route."""
        known = {shape(route.line) for route in (*self.context.routes, *self.context.excluded)}
        known |= {shape(line) for line in self._logins()}
        routes = [_route(operation, self.place) for operation in found if shape(operation.title) not in known]
        around = replace(self.context, routes=(*self.context.routes, *routes))
        doors = (door(route, self.control, around) for route in routes if not route.public)
        return [made for made in doors if made]

    def _logins(self) -> Iterator[str]:
        """The request lines of logins: what they are refused for is the password."""
        for identity in self.context.identities.values():
            if login := identity.login:
                target = login.target.removeprefix(self.context.environment.base_url)
                yield f"{login.method} {target.partition('?')[0]}"

    def _tried(self, doors: list[Door], sought: Sought) -> Iterator[tuple[Door, Trial]]:
        gets = [each.route for each in doors if each.route.method == "GET"]
        sampled = sample(gets, self.sampled)
        for each in doors:
            if not sought.whole or each.route in sampled:
                for trial in self.trials.of(each, whole=sought.whole):
                    if trial.finding == sought.finding:
                        yield each, trial

    def _judged(self, outcomes: list[tuple[str, Outcome]], total: int) -> Outcome:
        """The worst outcome of all; what was not asked did not pass."""
        failed = [(title, each) for title, each in outcomes if isinstance(each, Failed)]
        if failed:
            hint = failed[0][1].hint
            return Failed(_told([(title, each.reason) for title, each in failed]), hint=hint)
        undecided = [(title, each.reason) for title, each in outcomes if isinstance(each, Inconclusive)]
        if undecided:
            return Inconclusive(_told(undecided))
        if total > self.most:
            return Inconclusive(
                f"GET {self.path} names {total} protected routes that the contract does not, "
                f"and {self.most} were asked: raise `served`, or name them in `routes`"
            )
        if not outcomes:
            return Passed(lacking=f"protected route of {self.path} that the contract does not name")
        return Passed(f"asked: {', '.join(title for title, _ in outcomes)}")


def _route(operation: Operation, place: Place) -> Route:
    return Route(
        method=operation.method,
        path=operation.path,
        place=place,
        public=operation.public,
        body=operation.body,
        described=True,
    )


def _told(reasons: list[tuple[str, str]]) -> str:
    """Which routes, where there are several, then the reasons of the first of them."""
    titles = ", ".join(title for title, _ in reasons)
    lines = [f"{title}: {line}" for title, reason in reasons[:TOLD] for line in reason.splitlines()]
    return "\n".join([f"{many(len(reasons), 'route')}: {titles}", *lines] if len(reasons) > 1 else lines)
