"""Which routes a kind walks over, who may use them, and which are looked at more closely."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import chain, takewhile, zip_longest

from pytest_deploycheck.checks.surface.path import parameters, shape
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Loc, Misuse
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.route import Route


def named(names: Sequence[str], context: Context, at: Loc) -> tuple[Route, ...]:
    """Return the routes of these titles (GET /api/orders/{order}); all if there are no names.

    Raises:
        Misuse: for a name that is no route of the contract, with the nearest.
    """
    if not names:
        return context.routes
    known = {_key(route.title): route for route in context.routes}
    for index, name in enumerate(names):
        if _key(name) not in known:
            titles = [route.title for route in context.routes]
            near = get_close_matches(name, titles, n=1)
            listed = (
                f"'{near[0]}'?" if near else f"one of {', '.join(sorted(titles))}" if titles else "routes"
            )
            raise Misuse(f"unknown route '{name}'", at=(*at, index), expected=listed)
    return tuple(known[_key(name)] for name in dict.fromkeys(names))


def holds_a_credential(identity: Identity) -> bool:
    """Whether an identity sends a real credential of its own."""
    return (
        identity.name != ANONYMOUS and identity.forgery is None and bool(identity.login or identity.headers)
    )


def may_use(route: Route, identity: Identity) -> bool:
    """Whether the contract lets an identity use a route."""
    return route.public or not route.roles or not set(route.roles).isdisjoint(identity.roles)


def user_of(route: Route, preferred: Identity, context: Context) -> Identity | None:
    """Return who proves that a route works: the preferred identity, or the first other that may use it."""
    others = (each for each in context.identities.values() if holds_a_credential(each))
    return next((each for each in (preferred, *others) if may_use(route, each)), None)


def nearest_safe(route: Route, identity: Identity, routes: Iterable[Route]) -> Route | None:
    """Return the GET route without parameters closest to `route` that `identity` may use."""
    safe = [
        each
        for each in routes
        if each.method == "GET" and not each.public and not parameters(each.url) and may_use(each, identity)
    ]
    return max(safe, key=lambda each: _shared(each.url, route.url), default=None)


def sample(routes: Iterable[Route], size: int) -> tuple[Route, ...]:
    """Return `size` routes of as many sorts as there are: lists, single things, those that need a role.

    The same each time; the contract's order decides within a sort.
    """
    sorts: dict[tuple[bool, bool], list[Route]] = {}
    for route in routes:
        sorts.setdefault((bool(route.roles), bool(parameters(route.url))), []).append(route)
    mixed = chain.from_iterable(zip_longest(*sorts.values()))
    return tuple([route for route in mixed if route is not None][:size])


def _shared(one: str, other: str) -> int:
    """How many segments two paths begin with together."""
    return sum(
        1
        for _ in takewhile(
            lambda pair: pair[0] == pair[1], zip(one.split("/"), other.split("/"), strict=False)
        )
    )


def _key(title: str) -> str:
    return shape(title)
