"""Who acts: identities of the contract with the claims of their real tokens, and others made from those."""

import uuid
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_deploycheck.checks.database.claims import as_settings
from pytest_deploycheck.checks.policy.section import ActorPart, PoliciesSection
from pytest_deploycheck.model.identity import Identity

NOBODY = str(uuid.UUID("00000000-0000-4000-8000-00000000d0c4"))
"""The subject of somebody who signed up a moment ago."""

_PERSONAL = ("email", "phone")
"""Claims by which an application may know whose account it is."""


class Sees(Enum):
    """Which rows of tenants an actor sees."""

    OWN = "own"
    OPTIONAL = "optional"
    NOTHING = "nothing"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts.

    Its claims are those of the token of `identity`, with `claims` laid over them by their paths (None
    removes one), and what the token of `forges` says about its tenant written into the user metadata, which
    users may edit themselves. `tenants` are names of the contract. `role` is the database's, whatever the
    claims say.
    """

    title: str
    sees: Sees
    tenants: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    identity: str | None = None
    forges: str | None = None
    claims: tuple[tuple[str, Any], ...] = ()
    role: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """An actor in a run: its role and settings in the database, and the ids of its tenants."""

    actor: Actor
    role: str
    own: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


def actors(section: PoliciesSection, acting: tuple[Identity, ...]) -> Iterator[Actor]:
    """Everybody who acts: what a forger wants, he takes from the most powerful of another tenant."""
    member = min(acting, key=lambda each: len(each.roles))
    others = [each for each in acting if each.tenant != member.tenant]
    envied = max(others, key=lambda each: len(each.roles))
    yield Actor(
        title="anonymous",
        sees=Sees.NOTHING,
        role=section.anonymous,
        claims=(("role", section.anonymous),),
        settings=section.settings,
    )
    newcomer = (("sub", NOBODY), *((name, None) for name in _PERSONAL))
    unclaimed = ((section.claim, None),) if section.claim else ()
    yield _like(member, section, "signed in without a tenant", Sees.NOTHING, claims=(*newcomer, *unclaimed))
    for identity in acting:
        yield _like(identity, section, identity.name, Sees.OWN)
    yield _like(member, section, f"{member.name} without sub", Sees.OPTIONAL, claims=(("sub", None),))
    yield _like(member, section, f"{member.name} with forged user metadata", Sees.OWN, forges=envied.name)
    for title, part in section.actors.items():
        yield _declared(title, part, section, {each.name: each for each in acting})
    if section.service:
        yield Actor(
            title=section.service,
            sees=Sees.ALL,
            tenants=tuple(dict.fromkeys(each.tenant or "" for each in acting)),
            role=section.service,
            claims=(("role", section.service),),
        )


def _like(
    identity: Identity,
    section: PoliciesSection,
    title: str,
    sees: Sees,
    **more: Any,  # noqa: ANN401 - fields of an actor
) -> Actor:
    return Actor(
        title=title,
        sees=sees,
        tenants=(identity.tenant or "",) if sees is not Sees.NOTHING else (),
        roles=frozenset(identity.roles) if sees is not Sees.NOTHING else frozenset(),
        identity=identity.name,
        settings=section.settings,
        **more,
    )


def _declared(
    title: str, part: ActorPart, section: PoliciesSection, identities: Mapping[str, Identity]
) -> Actor:
    base = identities.get(part.identity or "")
    tenants = part.tenants or ((base.tenant,) if base and base.tenant else ())
    roles = part.roles if part.roles is not None else (base.roles if base else ())
    sees = Sees(part.sees)
    return Actor(
        title=title,
        sees=sees,
        tenants=tuple(tenants) if sees is not Sees.NOTHING else (),
        roles=frozenset(roles),
        identity=part.identity,
        role=part.role,
        claims=tuple(part.claims.items()),
        settings={**section.settings, **part.settings},
    )


def acting_as(
    actor: Actor,
    section: PoliciesSection,
    claims: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, str],
) -> Acting:
    """Return an actor with what its claims are in this run. `values` are the ids of tenants, by name."""
    said = _claims(actor, claims)
    role = actor.role or said.get("role") or section.role
    own = tuple(values[name] for name in actor.tenants)
    return Acting(
        actor=actor,
        role=str(role),
        own=own,
        settings=tuple({**as_settings(said), **dict(_filled(actor.settings, own, said))}.items()),
    )


def value_at(claims: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the claim at a path, or None."""
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _claims(actor: Actor, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = deepcopy(dict(known.get(actor.identity or "", {})))
    for path, value in actor.claims:
        _lay(said, path, value)
    if actor.forges:
        wanted = known.get(actor.forges, {})
        tenant = wanted.get("app_metadata")
        own = said.get("user_metadata")
        said["user_metadata"] = {
            **(own if isinstance(own, Mapping) else {}),
            **{name: wanted[name] for name in wanted if name not in _REGISTERED},
            **(tenant if isinstance(tenant, Mapping) else {}),
        }
    return said


_REGISTERED = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "user_metadata"})
"""Claims that tell nothing about rights (RFC 7519, 4.1), or would be told twice."""


def _lay(said: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - JSON
    *above, name = path.split(".")
    for each in above:
        if not isinstance(said.get(each), dict):
            if value is None:
                return
            said[each] = {}
        said = said[each]
    if value is None:
        said.pop(name, None)
    else:
        said[name] = value


def _filled(
    settings: Mapping[str, str], own: tuple[str, ...], claims: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The application's own settings; who has no tenant, or no subject, has an empty one."""
    known = {"{tenant}": ",".join(own), "{sub}": str(claims.get("sub") or "")}
    for name, text in settings.items():
        for mark, value in known.items():
            text = text.replace(mark, value)
        yield name, text
