"""Roles: who may use a route can, and who may not is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.isolation.detouring import Detour
from pytest_deploycheck.checks.isolation.roles import Crossing, Sample
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.surface.owned import sources
from pytest_deploycheck.checks.surface.path import parameters
from pytest_deploycheck.checks.surface.walk import may_use, named, nearest_safe, sample
from pytest_deploycheck.model.check import Check, Phase, Severity, Weakness
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.route import Route

LET_IN = Weakness(Severity.CRITICAL, "CWE-285", "API5:2023")
"""Improper authorization: missing or incorrect, from outside they look the same."""

AROUND = Weakness(Severity.CRITICAL, "CWE-288", "API5:2023")
"""Authorization bypass by another path."""

SHUT_OUT = Weakness(Severity.LOW, "CWE-863", "API5:2023")
"""Incorrect authorization: it is there, and decides wrongly."""


class Section(BaseModel):
    """Who is tried on which routes.

    `routes` are request lines of the contract's routes; all that have roles if none is given. `hidden`: a
    route may be denied by 404. `bare`: refusals have no JSON body. `detours`: on how many routes of GET whom
    they refuse tries other ways; on none if hidden, as 404 is what most of them get.
    """

    model_config = PART

    identities: tuple[Text, ...] = Field(min_length=2)
    routes: tuple[Text, ...] = Field(default=(), min_length=1)
    hidden: bool = False
    bare: bool = False
    detours: Annotated[int, Field(ge=0)] = 1
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each identity on each route with roles.

    Raises:
        Misuse: where it would check nothing.
    """
    identities = tuple(_identities(section, context))
    routes = tuple(_routes(section, context))
    for route in routes:
        for identity in identities:
            crossing = _crossing(section, context, route, (identity, *identities))
            if route.safe or not crossing.may:
                yield _check(section, context, crossing)
    yield from _detours(section, context, routes, identities)


def _detours(
    section: Section, context: Context, routes: Iterable[Route], identities: tuple[Identity, ...]
) -> Iterator[Check]:
    """For some of the routes that can be asked without harm, whom they refuse, on other ways."""
    safe = [route for route in routes if route.method == "GET"]
    for route in sample(safe, 0 if section.hidden else section.detours):
        for identity in identities:
            crossing = _crossing(section, context, route, (identity, *identities))
            if crossing.sample and not crossing.may:
                plain = _check(section, context, crossing)
                detour = Detour(crossing, crossing.sample)
                yield replace(
                    plain, title=str(detour), steps=detour.steps, spend=detour.spend, weakness=AROUND
                )


def _identities(section: Section, context: Context) -> Iterator[Identity]:
    for index, name in enumerate(dict.fromkeys(section.identities)):
        at = ("identities", index)
        if name == ANONYMOUS:
            raise Misuse("'anonymous' has no role", at=at, expected="the kind authentication for it")
        require_identity(name, context, at)
        if context.identities[name].forgery is not None:
            raise Misuse(f"'{name}' is forged: no role is looked at", at=at, expected="a real identity")
        yield context.identities[name]
    if len({frozenset(context.identities[name].roles) for name in section.identities}) == 1:
        raise Misuse(
            f"{', '.join(section.identities)} have the same roles",
            at=("identities",),
            expected="at least two identities whose roles differ",
        )


def _routes(section: Section, context: Context) -> Iterator[Route]:
    if not any(route.roles for route in context.routes):
        raise Misuse("no route of the contract has roles", expected="routes: [GET /admin: {roles: [admin]}]")
    for route in named(section.routes, context, ("routes",)):
        if route.roles and not route.public:
            yield route
        elif section.routes:
            at = (
                ("routes", section.routes.index(route.title))
                if route.title in section.routes
                else ("routes",)
            )
            raise Misuse(f"'{route.title}' has no roles", at=at, expected="a route with roles")


def _crossing(section: Section, context: Context, route: Route, who: tuple[Identity, ...]) -> Crossing:
    """`who` begins with the identity that is tried."""
    identity = who[0]
    shows = _sample(route, who, context)
    return Crossing(
        route=route,
        identity=identity,
        sample=shows if isinstance(shows, Sample) else None,
        unproven="" if isinstance(shows, Sample) else shows,
        standing=nearest_safe(route, identity, context.routes),
        hidden=section.hidden,
        bare=section.bare,
    )


def _sample(route: Route, who: Iterable[Identity], context: Context) -> Sample | str:
    """What shows that somebody is served, or why nothing does."""
    roles = ", ".join(route.roles)
    trusted = next((each for each in who if may_use(route, each)), None)
    if trusted is None:
        return f"none of the identities has the roles {roles}, so nobody is shown to be served"
    safe = route if route.safe else _safe_twin(route, context.routes)
    if safe is None:
        return f"no safe route has the roles {roles}, so nobody can be shown to be served without a change"
    return Sample(safe, trusted, sources(safe.url, trusted, context.routes))


def _safe_twin(route: Route, routes: Iterable[Route]) -> Route | None:
    """A route of the same roles that changes nothing, best one without parameters."""
    twins = [each for each in routes if each.method == "GET" and set(each.roles) == set(route.roles)]
    return min(twins, key=lambda each: len(parameters(each.url)), default=None)


def _check(section: Section, context: Context, crossing: Crossing) -> Check:
    return Check(
        marker=context.marker,
        title=str(crossing),
        place=crossing.route.place,
        steps=crossing.steps,
        phase=Phase.WRITE if crossing.spend.writes else Phase.READ,
        spend=crossing.spend,
        identities=crossing.names,
        tenant=crossing.identity.tenant if crossing.spend.writes else None,
        runbook=section.runbook,
        hint=section.hint,
        weakness=SHUT_OUT if crossing.may else LET_IN,
        routes=frozenset({crossing.route.line}),
    )
