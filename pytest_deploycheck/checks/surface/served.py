"""The same trials at routes that only a served document names: a check learns of them while it runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pytest_deploycheck.checks.surface.credentials import MISSING, Finding
from pytest_deploycheck.checks.surface.document import Document, fetch
from pytest_deploycheck.checks.surface.door import Door, door
from pytest_deploycheck.checks.surface.owned import Sources
from pytest_deploycheck.checks.surface.path import shape
from pytest_deploycheck.checks.surface.trials import Trial, Trials
from pytest_deploycheck.checks.surface.walk import sample
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.identity import Identity, Login
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.names import SAFE_METHODS
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.openapi import Operation

LISTS = 2
"""The most lists that are asked for the ids of one path."""
TOLD = 3
"""Of how many routes a reason tells all; of the others only that they are among them."""


_NOBODYS = frozenset({"OPTIONS", "TRACE"})


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
        plain = Door(Operation("GET", "/").route(self.place), self.control, Sources({}, ()), None)
        cheap = [trial.finding for trial in self.trials.of(plain, whole=False)]
        for trial in self.trials.of(plain, whole=self.sampled > 0):
            whole = trial.finding not in cheap
            doors = self.sampled if whole else self.most
            requests = 1 + doors * (LISTS + plain.requests + trial.requests)
            yield Sought(trial.finding, requests, trial.identities, whole)

    def steps(self, sought: Sought) -> Steps:
        """Look for one weakness at every such route."""
        found = yield from fetch(self.path, self.control.name, once=True)
        if not isinstance(found, Document):
            return Inconclusive(found.reason)
        if not found.fits(self.context.environment.base_url):
            below = " or ".join(found.below)
            return Inconclusive(f"GET {self.path} says that its paths are below {below}: the base URL is not")
        asked, left = self._routes(found)
        if not asked and not left and not self.context.routes:
            return Inconclusive(f"GET {self.path} names no protected route")
        silent = {each.title for each in asked if found.is_silent_on(each)}
        if sought.finding != MISSING:
            asked = [each for each in asked if each.title not in silent]
        outcomes = list(self._not_asked(sought, asked, left))
        for each, trial in self._tried(asked, sought):
            title = each.route.title
            if each.ids.requests > LISTS:
                outcome: Outcome = Inconclusive(f"its ids come from {each.ids.requests} lists")
            else:
                outcome = yield from trial.steps()
            outcomes.append((title, _unsaid(outcome) if title in silent else outcome))
        return self._judged(outcomes)

    def _routes(self, found: Document) -> tuple[list[Operation], list[Operation]]:
        """The protected routes that are asked, and those left, which the contract does not know.

        It wins where both name a route. What only a browser or a proxy asks for (OPTIONS, TRACE) is left out.
        """
        base = self.context.environment.base_url
        lines = [route.line for route in (*self.context.routes, *self.context.excluded)]
        lines += [f"{login.method} {login.target.partition('?')[0]}" for login in self._logins()]
        known = {shape(line.replace(f" {base}", " ", 1)) for line in lines}
        protected = [
            each
            for each in found.operations
            if not each.public and each.method not in _NOBODYS and shape(each.title) not in known
        ]
        return protected[: self.most], protected[self.most :]

    def _logins(self) -> Iterator[Login]:
        """What logins are refused for is the password."""
        return (each.login for each in self.context.identities.values() if each.login)

    def _not_asked(
        self, sought: Sought, asked: list[Operation], left: list[Operation]
    ) -> Iterator[tuple[str, Outcome]]:
        """What did not pass, as it is not asked; told once, by the check that asks everything."""
        if sought.whole or sought.finding != MISSING:
            return
        for each in asked:
            if not _may_be_asked(each):
                yield (
                    each.title,
                    Inconclusive("the document does not say who may use it: name it in `routes`"),
                )
        if left:
            named = ", ".join(each.title for each in left)
            yield "not asked", Inconclusive(f"{named}: raise `served`, or name them in `routes`")

    def _tried(self, asked: list[Operation], sought: Sought) -> Iterator[tuple[Door, Trial]]:
        routes = [each.route(self.place) for each in asked if _may_be_asked(each)]
        around = replace(self.context, routes=(*self.context.routes, *routes))
        sampled = sample([route for route in routes if route.method == "GET"], self.sampled)
        for route in routes:
            made = door(route, self.control, around)
            if made and (route in sampled or not sought.whole):
                for trial in self.trials.of(made, whole=sought.whole):
                    if trial.finding == sought.finding:
                        yield made, trial

    def _judged(self, outcomes: list[tuple[str, Outcome]]) -> Outcome:
        """The worst outcome of all; what was not asked did not pass."""
        failed = [(title, each) for title, each in outcomes if isinstance(each, Failed)]
        if failed:
            hint = failed[0][1].hint
            return Failed(_told([(title, each.reason) for title, each in failed]), hint=hint)
        undecided = [(title, each.reason) for title, each in outcomes if isinstance(each, Inconclusive)]
        if undecided:
            return Inconclusive(_told(undecided))
        if not outcomes:
            return Passed(lacking=f"route of {self.path} beyond the contract's that this is tried at")
        notes = [
            f"{title}: {each.note}" for title, each in outcomes if isinstance(each, Passed) and each.note
        ]
        return Passed("\n".join([f"asked: {', '.join(title for title, _ in outcomes)}", *notes]))


def _unsaid(outcome: Outcome) -> Outcome:
    """What a route shows of which nobody says whom it is for: a forgotten guard, or a public one."""
    if not isinstance(outcome, Failed):
        return outcome
    return Failed(
        "the document does not say who may use it: if everybody may, name it in `routes` with public: true\n"
        f"{outcome.reason}",
        hint=outcome.hint,
    )


def _may_be_asked(operation: Operation) -> bool:
    """Whether it may be asked without a credential: what changes something may be public, if nobody says."""
    return operation.stated or operation.method in SAFE_METHODS


def _told(reasons: list[tuple[str, str]]) -> str:
    """Each reason line by line with its route; before those of several, a line that tells which they are."""
    lines = [f"{title}: {line}" for title, reason in reasons[:TOLD] for line in reason.splitlines()]
    if len(reasons) == 1:
        return "\n".join(lines)
    titles = ", ".join(title for title, _ in reasons)
    first = reasons[0][1].partition("\n")[0]
    return "\n".join([f"{many(len(reasons), 'route')}: {titles}; the first: {first}", *lines])
