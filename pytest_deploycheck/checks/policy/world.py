"""What is the same for everybody who acts: the catalog, the claims of real tokens, the ids of tenants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.policy.actors import Acting, Actor, acting_as, value_at
from pytest_deploycheck.checks.policy.columns import Places, unusable
from pytest_deploycheck.checks.policy.memory import Memory
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import Survey, survey
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Claims, Evidence
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import Inspect, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What the contract says: the section, the identities whose tokens count, everybody who acts.

    `reader` is the role that sees all rows; None is the login itself. `place` tells where a part of the
    section stands. `memory` is that of all its checks.
    """

    section: PoliciesSection
    identities: tuple[Identity, ...]
    actors: tuple[Actor, ...]
    reader: str | None
    place: Places = field(compare=False)
    memory: Memory = field(default_factory=Memory, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The catalog and what it means by the contract; `tenants` are ids by the contract's names."""

    catalog: Catalog
    survey: Survey
    tenants: Mapping[str, str]
    everybody: tuple[Acting, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of everybody who acts."""
        return tuple(sorted({each.role for each in self.everybody}))


def world(cast: Cast) -> Asking[World | Inconclusive]:
    """Ask for the catalog and the tokens."""
    (catalog, *tokens) = yield (Snapshot(), *(Inspect(identity.name) for identity in cast.identities))
    if not isinstance(catalog, Catalog):
        return unanswered(catalog, "catalog")
    sources = (catalog, *(token.claims if isinstance(token, Claims) else token for token in tokens))
    return cast.memory.kept("world", sources, lambda: _world(cast, catalog, tokens))


def _world(cast: Cast, catalog: Catalog, tokens: list[Evidence]) -> World | Inconclusive:
    if why := unusable(cast.section, catalog, cast.place):
        return Inconclusive(why)
    claims = _claims(cast, tokens)
    if isinstance(claims, Inconclusive):
        return claims
    tenants = _tenants(cast, claims)
    if isinstance(tenants, Inconclusive):
        return tenants
    everybody = tuple(acting_as(each, cast.section, claims, tenants) for each in cast.actors)
    for each in everybody:
        if catalog.role(each.role) is None:
            told = f"there is no role {each.role}, as which {each.actor.title} would act"
            return Inconclusive(f"{told}: `role`, `anonymous` and `service` name those of this database")
    surveyed = survey(cast.section, catalog, cast.place)
    return World(catalog=catalog, survey=surveyed, tenants=tenants, everybody=everybody)


def _claims(cast: Cast, tokens: list[Evidence]) -> dict[str, Mapping[str, Any]] | Inconclusive:
    found: dict[str, Mapping[str, Any]] = {}
    spared = cast.section.settings and not cast.section.claim  # the application has settings of its own
    for identity, token in zip(cast.identities, tokens, strict=True):
        if not isinstance(token, Claims) and not spared:
            why = getattr(token, "reason", type(token).__name__)
            return Inconclusive(f"what the token of {identity.name} says, nobody knows: {why}")
        found[identity.name] = token.claims if isinstance(token, Claims) else {}
    return found


def _tenants(cast: Cast, claims: Mapping[str, Mapping[str, Any]]) -> dict[str, str] | Inconclusive:
    """The ids of tenants by their names: as the contract has them, or as tokens say."""
    found = dict(cast.section.tenants)
    claim = cast.section.claim
    for identity in cast.identities:
        name = identity.tenant or ""
        told = value_at(claims[identity.name], claim) if claim else None
        if told is None and (claim or name not in found):
            return Inconclusive(f"the token of {identity.name} does not say its tenant at {claim}")
        if told is not None and found.setdefault(name, str(told)) != str(told):
            return Inconclusive(
                f"the token of {identity.name} says {claim} is {told}, another says {found[name]}"
            )
    return found
