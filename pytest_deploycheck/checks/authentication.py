"""Every protected route, every bad credential: each is refused, and the good one is let in."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.surface.credentials import holds_a_token
from pytest_deploycheck.checks.surface.door import Door, door
from pytest_deploycheck.checks.surface.served import Served, Sought
from pytest_deploycheck.checks.surface.trials import Forgeries, Trial, Trials
from pytest_deploycheck.checks.surface.walk import holds_a_credential, named, sample
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Inconclusive, Outcome, Passed
from pytest_deploycheck.model.route import Route

SERVED = 20
"""How many routes that only a served document names are asked, if the contract does not say."""

_LOCAL_KEY = "signing key of its own: `signing` is one that everybody knows, which only a local stack may use"


class Section(BaseModel):
    """`control`: who is let in, the first that logs in if left out. `forgeries`: all, or some, or `none`.

    `except`: routes that are left out. `served`: how many routes that only the served OpenAPI document names
    are asked at most; if left out, none where the contract must name them all, or the section names some.
    """

    model_config = PART

    control: Text | None = None
    routes: Annotated[list[Text], Field(min_length=1)] = []
    excepted: Annotated[list[Text], Field(min_length=1)] = Field(default=[], alias="except")
    served: Annotated[int, Field(ge=0)] | None = None
    sample: Annotated[int, Field(ge=0)] = 3
    strict: bool = False
    forgeries: Forgeries = "all"
    strangers: Annotated[list[Text], Field(min_length=1)] = []
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each route and weakness, and one for what cannot be forged.

    Raises:
        Misuse: without a protected route, or without somebody who is let in.
    """
    trials = Trials(
        forgeries=section.forgeries,
        strangers=tuple(section.strangers),
        strict=section.strict,
        signing=context.signing,
        protected=context.environment.protected,
    )
    return _Matrix(section, context, _control(section, context), trials).checks()


def _control(section: Section, context: Context) -> Identity:
    """The identity that is let in."""
    for index, name in enumerate(section.strangers):
        require_identity(name, context, ("strangers", index))
    if section.control:
        require_identity(section.control, context, ("control",))
        if not holds_a_credential(context.identities[section.control]):
            raise Misuse(
                f"'{section.control}' has no credential of its own",
                at=("control",),
                expected="an identity with a login, a token or headers",
            )
        return context.identities[section.control]
    who = next((each for each in context.identities.values() if holds_a_credential(each)), None)
    if who is None:
        raise Misuse("nobody is let in, so a refusal proves nothing", expected="an identity with a login")
    return who


@dataclass(frozen=True, slots=True)
class _Matrix:
    section: Section
    context: Context
    control: Identity
    trials: Trials

    def checks(self) -> Iterator[Check]:
        """A check for each route and weakness; the whole set for the sample."""
        section = self.section
        left_out = named(section.excepted, self.context, ("except",)) if section.excepted else ()
        routes = [
            route
            for route in named(section.routes, self.context, ("routes",))
            if not route.public and route not in left_out
        ]
        doors = [made for route in routes if (made := door(route, self.control, self.context))]
        gets = [made.route for made in doors if made.route.method == "GET"]
        sampled = sample(gets, section.sample)
        served = self._served(section.sample - len(sampled))
        if not routes and not served:
            raise Misuse(
                "no protected route",
                expected="routes or openapi in the contract; `served` where its document is only served",
            )
        for made in doors:
            for trial in self.trials.of(made, whole=made.route in sampled):
                yield self._check(made, trial)
        if served:
            yield from map(partial(self._asked_while_running, served), served.sought())
        yield from self._locked({made.route.title for made in doors}, routes)
        yield from self._unforgeable()
        if self.trials.signs_as_everybody:
            yield self._certain("authentication [known key]", Passed(lacking=_LOCAL_KEY))

    def _served(self, sampled: int) -> Served | None:
        """What the served document may add: whatever it says, it takes nothing from the contract's routes."""
        document, most = self.context.described, self.section.served
        if document is None or document.path is None:
            if most:
                raise Misuse(
                    "no served OpenAPI document",
                    at=("served",),
                    expected="openapi: {path: ...} in the contract",
                )
            return None
        if most is None:
            most = 0 if document.complete or self.section.routes else SERVED
        if most == 0:
            return None
        return Served(
            path=document.path,
            place=document.place,
            control=self.control,
            context=self.context,
            trials=self.trials,
            most=most,
            sampled=min(sampled, most),
        )

    def _check(self, door: Door, trial: Trial) -> Check:
        return Check(
            marker=self.context.marker,
            title=f"{door.route.title} [{trial.finding.note}]",
            place=self.context.place(()),
            steps=trial.steps,
            spend=Spend(requests=door.requests + trial.requests),
            identities=trial.identities,
            runbook=self.section.runbook,
            hint=self.section.hint or trial.finding.hint,
            weakness=trial.finding.weakness,
            routes=frozenset({door.route.line}),
        )

    def _asked_while_running(self, served: Served, sought: Sought) -> Check:
        return Check(
            marker=self.context.marker,
            title=f"routes of {served.path} [{sought.finding.note}]",
            place=self.context.place(()),
            steps=partial(served.steps, sought),
            spend=Spend(requests=sought.requests),
            identities=sought.identities,
            runbook=self.section.runbook,
            hint=self.section.hint or sought.finding.hint,
            weakness=sought.finding.weakness,
        )

    def _locked(self, opened: Collection[str], routes: Iterable[Route]) -> Iterator[Check]:
        """Routes that nobody of the contract may use: nothing could prove that they open at all."""
        for route in routes:
            if route.title not in opened:
                roles = ", ".join(route.roles)
                reason = (
                    f"no identity with a credential of its own has one of the roles {roles}: "
                    "without a control a refusal proves nothing"
                )
                yield self._certain(f"{route.title} [no credential]", Inconclusive(reason))

    def _unforgeable(self) -> Iterator[Check]:
        lacking = self.trials.not_forged()
        if lacking and holds_a_token(self.control):
            reason = (
                f"not tried: {', '.join(lacking)}: they need the key that tokens are signed with: "
                "declare `signing`, or name the `forgeries` to try"
            )
            yield self._certain("authentication [not forged]", Inconclusive(reason))

    def _certain(self, title: str, outcome: Outcome) -> Check:
        """A check whose outcome is known before anything is sent."""
        return Check(
            marker=self.context.marker,
            title=title,
            place=self.context.place(()),
            steps=partial(_told, outcome),
            runbook=self.section.runbook,
        )


def _told(outcome: Outcome) -> Steps:
    """Send nothing, and say what is known."""
    yield ()
    return outcome
