"""Every protected route, every bad credential: each is refused, and the good one is let in."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.surface.bypass import DETOURS
from pytest_deploycheck.checks.surface.credentials import (
    BYPASS,
    GROUPS,
    MISSING,
    Bad,
    Finding,
    Group,
    holds_a_token,
    misnamed,
    of_group,
    of_nobody,
    stranger,
)
from pytest_deploycheck.checks.surface.door import Door, door, harmless
from pytest_deploycheck.checks.surface.knock import (
    by_detours,
    with_a_strangers,
    with_bad_credentials,
    without_header,
)
from pytest_deploycheck.checks.surface.walk import holds_a_credential, named, sample
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.identity import Forgery, Identity, forged_as, forged_of
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.route import Route

Name = Literal[
    "expired", "wrong_signature", "unsigned", "key_confusion", "foreign_key", "claims", "tampered", "url"
]


class Section(BaseModel):
    """`control`: who is let in, the first that logs in if left out. `forgeries`: all, or some, or `none`.

    `except`: routes that are left out.
    """

    model_config = PART

    control: Text | None = None
    routes: Annotated[list[Text], Field(min_length=1)] = []
    excepted: Annotated[list[Text], Field(min_length=1)] = Field(default=[], alias="except")
    sample: Annotated[int, Field(ge=0)] = 3
    strict: bool = False
    forgeries: Annotated[list[Name], Field(min_length=1)] | Literal["all", "none"] = "all"
    strangers: Annotated[list[Text], Field(min_length=1)] = []
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each route and weakness, and one for what cannot be forged.

    Raises:
        Misuse: without a protected route, or without somebody who is let in.
    """
    return _Matrix(section, context, _control(section, context)).checks()


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

    def checks(self) -> Iterator[Check]:
        """A check for each route and group; the whole set for the sample."""
        left_out = named(self.section.excepted, self.context, ("except",)) if self.section.excepted else ()
        routes = [
            route
            for route in named(self.section.routes, self.context, ("routes",))
            if not route.public and route not in left_out
        ]
        if not routes:
            raise Misuse("no protected route", expected="routes, or openapi: {file: ...}, in the contract")
        doors = [made for route in routes if (made := door(route, self.control, self.context))]
        gets = [made.route for made in doors if made.route.method == "GET"]
        sampled = sample(gets, self.section.sample)
        for made in doors:
            yield from self._cheap(made)
            if made.route in sampled:
                yield from self._dear(made)
        yield from self._locked({made.route.title for made in doors}, routes)
        yield from self._unforgeable()

    def _cheap(self, door: Door) -> Iterator[Check]:
        bad = tuple(of_nobody(door.user))
        if door.route.safe and holds_a_token(door.user) and self.section.forgeries != "none":
            bad = (*bad, misnamed(door.user))
        yield self._refused(door, bad, MISSING)
        if harmless(door.route):
            yield from self._forged(door, cheap=True)

    def _dear(self, door: Door) -> Iterator[Check]:
        yield from self._forged(door, cheap=False)
        for name in self.section.strangers:
            bad = Bad(f"as {name}", identity=name)
            plain = self._refused(door, (bad,), stranger(name))
            steps = partial(with_a_strangers, door, bad, door.user.name, strict=self.section.strict)
            yield replace(plain, steps=steps)
        yield self._check(door, BYPASS, partial(by_detours, door), requests=1 + DETOURS)

    def _forged(self, door: Door, *, cheap: bool) -> Iterator[Check]:
        """The forgeries that were asked for and can be made."""
        if not holds_a_token(door.user):
            return
        for group in self._groups():
            if group.cheap == cheap and not self._lacks_key(group):
                bad = of_group(group, door.user)
                if group.bare:
                    steps = partial(without_header, door, bad)
                    yield self._check(door, group.finding, steps, requests=1 + len(bad))
                else:
                    yield self._refused(door, bad, group.finding, control=group.control)

    def _groups(self) -> tuple[Group, ...]:
        """The groups that were asked for; a shared secret has no public key to confuse it with."""
        signing = self.context.signing
        known = {"key_confusion"} if signing and signing.algorithm.startswith("HS") else set()
        match self.section.forgeries:
            case "none":
                return ()
            case "all":
                return tuple(group for name, group in GROUPS.items() if name not in known)
            case names:
                return tuple(GROUPS[name] for name in names)

    def _lacks_key(self, group: Group) -> bool:
        return self.context.signing is None and (group.needs_key or group is GROUPS["key_confusion"])

    def _refused(
        self, door: Door, bad: tuple[Bad, ...], finding: Finding, control: Forgery | None = None
    ) -> Check:
        credential = forged_as(door.user.name, control) if control else door.user.name
        steps = partial(with_bad_credentials, door, bad, credential, strict=self.section.strict)
        check = self._check(door, finding, steps, requests=len(bad))
        return replace(
            check, identities=check.identities | {forged_of(b.identity)[0] for b in bad} - {ANONYMOUS}
        )

    def _check(self, door: Door, finding: Finding, steps: Callable[[], Steps], *, requests: int) -> Check:
        return Check(
            marker=self.context.marker,
            title=f"{door.route.title} [{finding.note}]",
            place=self.context.place(()),
            steps=steps,
            spend=Spend(requests=door.requests + requests),
            identities=frozenset({door.user.name}),
            runbook=self.section.runbook,
            hint=self.section.hint or finding.hint,
            weakness=finding.weakness,
            routes=frozenset({door.route.line}),
        )

    def _locked(self, opened: Collection[str], routes: Iterable[Route]) -> Iterator[Check]:
        """Routes that nobody of the contract may use: nothing could prove that they open at all."""
        for route in routes:
            if route.title not in opened:
                roles = ", ".join(route.roles)
                yield self._undecided(
                    f"{route.title} [no credential]",
                    f"no identity with a credential of its own has one of the roles {roles}: "
                    "without a control a refusal proves nothing",
                )

    def _unforgeable(self) -> Iterator[Check]:
        lacking = [group.finding.note for group in self._groups() if self._lacks_key(group)]
        if lacking and holds_a_token(self.control):
            yield self._undecided(
                "authentication [not forged]",
                f"not tried: {', '.join(lacking)}: they need the key that tokens are signed with: "
                "declare `signing`, or name the `forgeries` to try",
            )

    def _undecided(self, title: str, reason: str) -> Check:
        return Check(
            marker=self.context.marker,
            title=title,
            place=self.context.place(()),
            steps=partial(_undecided, reason),
            runbook=self.section.runbook,
        )


def _undecided(reason: str) -> Steps:
    """Send nothing and say why."""
    yield ()
    return Inconclusive(reason)
