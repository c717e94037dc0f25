"""What is tried at a protected door: groups of bad credentials, and detours, each beside its control."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

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
from pytest_deploycheck.checks.surface.door import Door, harmless
from pytest_deploycheck.checks.surface.knock import (
    by_detours,
    with_a_strangers,
    with_bad_credentials,
    without_header,
)
from pytest_deploycheck.model.check import Steps
from pytest_deploycheck.model.identity import PUBLISHED_KEYS, Forgery, SigningKey, forged_as, forged_of
from pytest_deploycheck.model.names import ANONYMOUS

Name = Literal[
    "expired",
    "wrong_signature",
    "unsigned",
    "key_confusion",
    "foreign_key",
    "known_key",
    "claims",
    "tampered",
    "url",
]
Forgeries: TypeAlias = Annotated[list[Name], Field(min_length=1)] | Literal["all", "none"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One weakness, looked for at one door. `requests` come on top of what opening the door takes."""

    finding: Finding
    steps: Callable[[], Steps]
    requests: int
    identities: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Which bad credentials are tried. `signing`: the key of forgeries, if it is known."""

    forgeries: Forgeries
    strangers: tuple[str, ...]
    strict: bool
    signing: SigningKey | None
    protected: bool

    @property
    def signs_as_everybody(self) -> bool:
        """Whether tokens are signed with a published key where that is right: on a stack of one's own."""
        known = self.signing is not None and self.signing.key.reveal() in PUBLISHED_KEYS.values()
        return known and not self.protected

    def of(self, door: Door, *, whole: bool) -> Iterator[Trial]:
        """What is tried at a door: the cheap set, or the whole."""
        yield from self._cheap(door)
        if whole:
            yield from self._dear(door)

    def not_forged(self) -> list[str]:
        """What was asked for and cannot be made without the key."""
        return [group.finding.note for group in self._groups() if self._lacks_key(group)]

    def _cheap(self, door: Door) -> Iterator[Trial]:
        bad = tuple(of_nobody(door.user))
        if door.route.safe and holds_a_token(door.user) and self.forgeries != "none":
            bad = (*bad, misnamed(door.user))
        yield self._refused(door, bad, MISSING)
        if harmless(door.route):
            yield from self._forged(door, cheap=True)

    def _dear(self, door: Door) -> Iterator[Trial]:
        yield from self._forged(door, cheap=False)
        for name in self.strangers:
            bad = Bad(f"as {name}", identity=name)
            steps = partial(with_a_strangers, door, bad, door.user.name, strict=self.strict)
            yield Trial(stranger(name), steps, 1, frozenset({door.user.name, name}))
        yield Trial(BYPASS, partial(by_detours, door), 1 + DETOURS, frozenset({door.user.name}))

    def _forged(self, door: Door, *, cheap: bool) -> Iterator[Trial]:
        """The forgeries that were asked for and can be made."""
        if not holds_a_token(door.user):
            return
        for group in self._groups():
            if group.cheap == cheap and not self._lacks_key(group):
                bad = of_group(group, door.user)
                if group.bare:
                    steps = partial(without_header, door, bad)
                    yield Trial(group.finding, steps, 1 + len(bad), frozenset({door.user.name}))
                else:
                    yield self._refused(door, bad, group.finding, control=group.control)

    def _groups(self) -> tuple[Group, ...]:
        """The groups that were asked for; a shared secret has no public key to confuse it with."""
        known = {"key_confusion"} if self.signing and self.signing.algorithm.startswith("HS") else set()
        known |= {"known_key"} if self.signs_as_everybody else set()
        match self.forgeries:
            case "none":
                return ()
            case "all":
                return tuple(group for name, group in GROUPS.items() if name not in known)
            case names:
                return tuple(GROUPS[name] for name in names if name != "known_key" or name not in known)

    def _lacks_key(self, group: Group) -> bool:
        return self.signing is None and (group.needs_key or group is GROUPS["key_confusion"])

    def _refused(
        self, door: Door, bad: tuple[Bad, ...], finding: Finding, control: Forgery | None = None
    ) -> Trial:
        credential = forged_as(door.user.name, control) if control else door.user.name
        senders = {door.user.name, *(forged_of(each.identity)[0] for each in bad)}
        steps = partial(with_bad_credentials, door, bad, credential, strict=self.strict)
        return Trial(finding, steps, len(bad), frozenset(senders - {ANONYMOUS}))
