"""From routes, pairs of identities and ways to try: every attempt, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pytest_deploycheck.checks.isolation.changing import Changing
from pytest_deploycheck.checks.isolation.contents import Contents, Search
from pytest_deploycheck.checks.isolation.guessing import Guessing
from pytest_deploycheck.checks.isolation.planting import Planting
from pytest_deploycheck.checks.isolation.reading import Reading
from pytest_deploycheck.checks.isolation.section import TenantsSection
from pytest_deploycheck.checks.isolation.thing import Recipe
from pytest_deploycheck.checks.isolation.timing import Timing
from pytest_deploycheck.checks.isolation.trespass import PLAIN, Alteration, Pair, Rules, Trespass
from pytest_deploycheck.checks.surface.owned import sources
from pytest_deploycheck.checks.surface.path import parameters, shape
from pytest_deploycheck.checks.surface.walk import may_use, nearest_safe
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.route import Route, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What is tried. `everything` are all routes of the contract; `recipes` create what is attacked.

    `timed` are the routes whose refusals are timed.
    """

    section: TenantsSection
    rules: Rules
    routes: tuple[Route, ...]
    everything: tuple[Route, ...]
    recipes: tuple[Recipe, ...]
    timed: tuple[Route, ...] = ()

    def of(self, route: Route, pair: Pair) -> Iterator[Trespass]:
        """Every way to try one route; none where one of the two may not use it anyway."""
        if not (may_use(route, pair.asker) and may_use(route, pair.other)):
            return
        if not route.safe:
            if route.scope is Scope.ITEM:
                yield self._changing(route, pair)
        elif route.scope is Scope.LIST:
            if route.method == "GET":  # the others have no contents to judge
                yield from self._lists(route, pair)
        else:
            yield from self._things(route, pair)

    def plantings(self, recipe: Recipe, pair: Pair) -> Iterator[Trespass]:
        """Every way to name another tenant in a creation."""
        id_ = self.rules.tenant_id(pair.other)

        def planting(alteration: Alteration, borrowed: str = "") -> Planting:
            return Planting(
                recipe=recipe,
                pair=pair,
                rules=self.rules,
                alteration=alteration,
                borrowed=borrowed,
                standing=self._standing(recipe.line.target, pair.other),
            )

        yield from map(planting, self._tampered(pair))
        for name in self.section.tampering.body:
            yield planting(Alteration(f"body {name}", members=((name, _as_json(id_)),)))
        for name in recipe.names:
            yield planting(Alteration(f"its {name}"), name)

    def _standing(self, path: str, identity: Identity) -> Route | None:
        """A route near a path that shows that an identity is let in at all."""
        like = Route(method="GET", path=path, place=identity.place)
        return nearest_safe(like, identity, self.everything)

    def _lists(self, route: Route, pair: Pair) -> Iterator[Trespass]:
        def contents(alteration: Alteration = PLAIN, search: Search | None = None) -> Contents:
            return Contents(
                route=route,
                pair=pair,
                rules=self.rules,
                own=sources(route.url, pair.asker, self.everything),
                others=sources(route.url, pair.other, self.everything),
                alteration=alteration,
                search=search,
            )

        yield contents()
        for query in self.section.queries:
            yield contents(Alteration(query, query=tuple(parse_qsl(query, keep_blank_values=True))))
        yield from map(contents, self._tampered(pair))
        for title, searches in self.section.search.items():
            if shape(title) == shape(route.title):
                yield from (contents(search=Search(name, path)) for name, path in searches.items())

    def _things(self, route: Route, pair: Pair) -> Iterator[Trespass]:
        own = sources(route.url, pair.asker, self.everything)
        others = sources(route.url, pair.other, self.everything)

        def reading(alteration: Alteration = PLAIN, *, within: bool = False) -> Reading:
            return Reading(
                route=route,
                pair=pair,
                rules=self.rules,
                own=own,
                others=others,
                alteration=alteration,
                within=within,
            )

        yield reading()
        if len(parameters(route.url)) > 1:
            yield reading(within=True)
        yield from map(reading, self._tampered(pair))
        if self.section.timing and route in self.timed:
            pairs = self.section.timing.pairs
            yield Timing(route=route, pair=pair, rules=self.rules, own=own, others=others, pairs=pairs)
        if self.section.guess:
            yield Guessing(route=route, pair=pair, rules=self.rules, own=own, others=others)

    def _changing(self, route: Route, pair: Pair) -> Changing:
        fitting = (each for each in self.recipes if shape(each.creates.delete.target) == shape(route.url))
        return Changing(
            route=route,
            pair=pair,
            rules=self.rules,
            recipe=next(fitting, None),
            standing=self._standing(route.url, pair.asker),
        )

    def _tampered(self, pair: Pair) -> Iterator[Alteration]:
        """The other's tenant, named wherever the contract says that a request could name one."""
        where, id_ = self.section.tampering, self.rules.tenant_id(pair.other)
        for name in where.query:
            yield Alteration(f"query {name}", query=((name, id_),))
        for name in where.headers:
            yield Alteration(f"header {name}", headers=((name, id_),))


def _as_json(tenant_id: str) -> str | int:
    """A tenant's id as a JSON body holds it: applications that number their tenants refuse a text."""
    return int(tenant_id) if tenant_id.isdecimal() and str(int(tenant_id)) == tenant_id else tenant_id
