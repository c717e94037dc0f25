"""The sections of a contract: parts that belong to kinds, and become checks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from pytest_deploycheck.config.errors import nearest, show
from pytest_deploycheck.config.kinds import KindModule, Kinds
from pytest_deploycheck.config.places import Sequence
from pytest_deploycheck.config.plain import is_empty
from pytest_deploycheck.config.reading import Reading, entries
from pytest_deploycheck.config.schema_keys import knows
from pytest_deploycheck.config.spot import Spot
from pytest_deploycheck.config.validate import tell_misuse
from pytest_deploycheck.model.check import Check, RateLimit
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.identity import Identity, SigningKey
from pytest_deploycheck.model.kind import Context, Loc, Misuse, Misuses
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Described, Route
from pytest_deploycheck.model.secret import Secret

RELEASE = "release"
"""The section that holds before any other is looked at."""
RELEASE_KINDS = frozenset({"ready", "version"})
LIST_KIND = "http"
"""The kind that a list is short for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every kind is told about the contract around its part."""

    environment: Environment
    identities: Mapping[str, Identity]
    signing: SigningKey | None
    secrets: tuple[tuple[str, Secret], ...]
    reading: Reading
    routes: tuple[Route, ...] = ()
    described: Described | None = None
    waived: frozenset[str] = frozenset()
    asked: set[str] = field(default_factory=set)
    """The request lines that the checks made so far ask for."""
    limits: list[RateLimit] = field(default_factory=list)
    """The rate limits that the checks made so far are about."""

    def context(self, marker: str, part: Spot) -> Context:
        """Return what the kind of one part is told."""

        def place(loc: Loc) -> Place:
            return part.find(loc).place

        return Context(
            marker=marker,
            folder=self.reading.folder,
            environment=self.environment,
            identities=self.identities,
            place=place,
            routes=tuple(route for route in self.routes if not route.excluded),
            signing=self.signing,
            secrets=self.secrets,
            excluded=tuple(route for route in self.routes if route.excluded),
            described=self.described,
            asked=lambda: frozenset(self.asked),
            limits=lambda: tuple(self.limits),
            name=part.name.rpartition(".")[0] or part.name,
            waived=self.waived,
        )

    def logins(self, check: Check) -> Iterator[str]:
        """The request lines by which the identities of a check log in, without the base URL and a query."""
        for name in check.identities:
            identity = self.identities.get(name)
            real = self.identities.get(identity.of) if identity and identity.of else identity
            if real and real.login:
                target = real.login.target.removeprefix(self.environment.base_url)
                yield f"{real.login.method} {target.partition('?')[0]}"


def kinds_of(marker: str, kinds: Kinds) -> tuple[str, ...]:
    """Return the names of the kinds that may stand in a section."""
    return tuple(name for name in kinds if (name in RELEASE_KINDS) == (marker == RELEASE))


def kind_called(name: str, marker: str, kinds: Kinds) -> str:
    """Return the kind of a part. A section called as a kind holds that kind, by names of the author's own."""
    return marker if name not in kinds and marker in kinds else name


@dataclass(frozen=True, slots=True)
class Made:
    """The checks of a contract; not `complete` if a mistake kept some of them from being made.

    `naming` says how one of them gets another title.
    """

    checks: tuple[Check, ...]
    complete: bool
    naming: Callable[[], str] = str


def checks(spots: list[Spot], kinds: Kinds, around: Surroundings) -> Made:
    """Return the checks of all sections."""
    found: dict[str, Check] = {}
    complete = True
    for made in (made for spot in spots for made in _section(spot, kinds, around)):
        complete = complete and made.complete
        for check in made.checks:
            if first := found.get(check.id):
                message = f"a second check '{check.id}': the first is at {show(first.place)}"
                around.reading.mistakes.add(check.place, message, made.naming())
            found.setdefault(check.id, check)
            around.asked.update(check.routes, around.logins(check))
            around.limits.extend([check.trips] if check.trips else [])
    return Made(tuple(found.values()), complete)


def _section(spot: Spot, kinds: Kinds, around: Surroundings) -> Iterator[Made]:
    allowed = kinds_of(spot.name, kinds)
    for called, part in _parts(spot, allowed, around.reading):
        name = kind_called(called, spot.name, kinds)
        if name in allowed:
            made = _part(spot.name, kinds[name], part, around)
            yield Made(tuple(made), complete=bool(made), naming=partial(_naming, name, kinds[name]))
        else:
            _tell_unknown(spot, name, part, kinds, around.reading)
            yield Made((), complete=False)


def _naming(name: str, kind: KindModule) -> str:
    """How a check of a kind gets a title of its own."""
    if name == LIST_KIND:
        return "a name of its own, such as a text in [ ] behind it"
    if knows(TypeAdapter(kind.Section).json_schema(), "name"):
        return "a title of its own: set `name: TEXT` at one of the two"
    return "one of the two, or another section for it"


def _parts(spot: Spot, allowed: tuple[str, ...], reading: Reading) -> Iterator[tuple[str, Spot]]:
    if is_empty(spot.node):
        reading.mistakes.add(
            spot.place, f"section '{spot.name}' is empty", "checks: an empty section checks nothing"
        )
    elif isinstance(spot.node, Sequence) and LIST_KIND in allowed:
        yield LIST_KIND, spot
    elif isinstance(spot.node, Sequence):
        reading.mistakes.add(spot.place, f"'{spot.name}' is a list", f"keys, of {', '.join(sorted(allowed))}")
    else:
        for part in entries(spot, reading.mistakes):
            yield part.name.rsplit(".", 1)[-1], part


def _tell_unknown(spot: Spot, name: str, part: Spot, kinds: Kinds, reading: Reading) -> None:
    place = part.key.place if part.key else part.place
    if name in kinds:
        where = f"under '{RELEASE}'" if name in RELEASE_KINDS else f"anywhere but under '{RELEASE}'"
        reading.mistakes.add(place, f"'{name}' does not belong in '{spot.name}'", where)
    else:
        known = nearest(name, kinds_of(spot.name, kinds))
        reading.mistakes.add(place, f"unknown kind of check '{name}' in '{spot.name}'", known)


def _part(marker: str, kind: KindModule, part: Spot, around: Surroundings) -> list[Check]:
    """Return the checks of one kind's part, none after a mistake."""
    reading = around.reading
    if isinstance(part.node, Sequence) and not part.node.items:
        reading.mistakes.add(
            part.place, f"'{part.name}' is empty", "at least one: an empty list checks nothing"
        )
        return []
    adapter: TypeAdapter[Any] = TypeAdapter(kind.Section)
    section = reading.validated(adapter, part)
    if section is None:
        return []
    try:
        made = list(kind.checks(section, around.context(marker, part)))
    except Misuses as misuses:
        for misuse in misuses.found:
            tell_misuse(misuse, part, reading.mistakes)
        return []
    except Misuse as misuse:
        tell_misuse(misuse, part, reading.mistakes)
        return []
    if not made:
        reading.mistakes.add(part.place, f"'{part.name}' checks nothing")
    return made
