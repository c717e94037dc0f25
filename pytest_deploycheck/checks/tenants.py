"""Tenant isolation over HTTP: nobody reads, lists, guesses, changes or plants anything in another tenant."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from pytest_deploycheck.checks.exchange.act import Act, sent_names
from pytest_deploycheck.checks.exchange.line import read_line
from pytest_deploycheck.checks.exchange.rules import hold_rules, require_identity
from pytest_deploycheck.checks.exchange.section import Step
from pytest_deploycheck.checks.isolation.matrix import Matrix
from pytest_deploycheck.checks.isolation.section import TenantsSection
from pytest_deploycheck.checks.isolation.thing import Recipe
from pytest_deploycheck.checks.isolation.timing import Timing
from pytest_deploycheck.checks.isolation.trespass import Pair, Rules, Trespass
from pytest_deploycheck.checks.language.template import MARK
from pytest_deploycheck.checks.surface.path import parameters
from pytest_deploycheck.checks.surface.walk import holds_a_credential, named
from pytest_deploycheck.model.check import Check, Phase, Severity, Weakness
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Loc, Misuse
from pytest_deploycheck.model.route import Route, Scope

Section = TenantsSection

WEAKNESS = Weakness(Severity.CRITICAL, "CWE-639", "API1:2023")
"""Authorization bypass through a key that the user controls; broken object level authorization."""

BY_TIME = Weakness(Severity.MEDIUM, "CWE-208", "API1:2023")
"""Observable timing discrepancy: it tells which ids exist, and shows nothing of them."""

_OF_A_RECIPE = frozenset({"send", "creates", "status"})


def checks(section: TenantsSection, context: Context) -> Iterable[Check]:
    """Return a check for each route, ordered pair of identities, and way to try.

    Raises:
        Misuse: where it would check nothing, or could do harm.
    """
    matrix = Matrix(
        section=section,
        rules=_rules(section, context),
        routes=tuple(_routes(section, context)),
        everything=context.routes,
        recipes=tuple(_recipes(section, context)),
        timed=_timed(section, context),
    )
    _searchable(section, matrix.routes, context)
    pairs = tuple(_pairs(section, context))
    for route in matrix.routes:
        for pair in pairs:
            for trespass in matrix.of(route, pair):
                yield _check(trespass, section, context, route)
    for recipe in matrix.recipes:
        for pair in pairs:
            for trespass in matrix.plantings(recipe, pair):
                yield _check(trespass, section, context, recipe)


def _check(trespass: Trespass, section: TenantsSection, context: Context, what: Route | Recipe) -> Check:
    spend = trespass.spend
    line, place = (
        (what.line, what.place)
        if isinstance(what, Route)
        else (str(what.line), context.place(("create", str(what.line))))
    )
    removers = {step.creates.by for step in section.create.values() if step.creates and step.creates.by}
    return Check(
        marker=context.marker,
        title=str(trespass),
        place=place,
        steps=trespass.steps,
        phase=_phase(trespass),
        spend=spend,
        identities=trespass.pair.names | (removers if spend.writes else set()),
        tenant=trespass.tenant,
        runbook=section.runbook,
        hint=section.hint,
        weakness=BY_TIME if isinstance(trespass, Timing) else WEAKNESS,
        routes=frozenset({line}) if spend.requests else frozenset(),
    )


def _phase(trespass: Trespass) -> Phase:
    """Times mean something only while nothing else is sent."""
    if isinstance(trespass, Timing):
        return Phase.LOAD
    return Phase.WRITE if trespass.spend.writes else Phase.READ


def _rules(section: TenantsSection, context: Context) -> Rules:
    known = {identity.tenant for identity in context.identities.values()}
    for name in section.tenants:
        if name not in known:
            raise Misuse(f"no identity has the tenant '{name}'", at=("tenants", name))
    return Rules(
        denied=section.denied,
        strict=section.oracle == "strict",
        bare=section.bare,
        tenants=section.tenants,
        pages=section.pages,
        base_url=context.environment.base_url,
    )


def _pairs(section: TenantsSection, context: Context) -> Iterator[Pair]:
    """Both orders of each pair."""
    found = {
        frozenset((one.name, two.name)): (one, two)
        for one, two in (_declared_pairs(section, context) if section.pairs else _all_pairs(context))
    }
    if not found:
        raise Misuse("no two identities of different tenants", expected="tenant: NAME at two identities")
    for one, two in found.values():
        yield Pair(one, two)
        yield Pair(two, one)


def _declared_pairs(section: TenantsSection, context: Context) -> Iterator[tuple[Identity, Identity]]:
    for index, names in enumerate(section.pairs):
        for position, name in enumerate(names):
            require_identity(name, context, ("pairs", index, position))
            if not holds_a_credential(context.identities[name]):
                raise Misuse(f"'{name}' has no credential of its own", at=("pairs", index, position))
        one, two = (context.identities[name] for name in names)
        if one.tenant is None or two.tenant is None or one.tenant == two.tenant:
            raise Misuse(
                f"{one.name} and {two.name} are not of different tenants",
                at=("pairs", index),
                expected="two identities whose `tenant` differs",
            )
        yield one, two


def _all_pairs(context: Context) -> Iterator[tuple[Identity, Identity]]:
    people = [each for each in context.identities.values() if each.tenant and holds_a_credential(each)]
    yield from ((one, two) for one, two in combinations(people, 2) if one.tenant != two.tenant)


def _routes(section: TenantsSection, context: Context) -> Iterator[Route]:
    expected = "routes: [GET /api/orders: {tenant: list}]"
    if not any(route.scope for route in context.routes):
        raise Misuse("no route of the contract belongs to tenants", expected=expected)
    for route in named(section.routes, context, ("routes",)):
        if route.scope is Scope.ITEM and not parameters(route.url):
            raise Misuse(
                f"'{route.title}' names no thing", expected="a parameter in its path, or tenant: list"
            )
        if route.scope is not None and not route.public:
            yield route
        elif section.routes:
            raise Misuse(f"'{route.title}' belongs to no tenant", at=("routes",), expected=expected)


def _timed(section: TenantsSection, context: Context) -> tuple[Route, ...]:
    """The routes whose refusals are timed: those named, or all of single things."""
    if section.timing is None:
        return ()
    routes = named(section.timing.routes, context, ("timing", "routes"))
    things = tuple(route for route in routes if route.safe and route.scope is Scope.ITEM)
    if section.timing.routes and len(things) < len(routes):
        other = next(route for route in routes if route not in things)
        raise Misuse(
            f"'{other.title}' shows no single thing",
            at=("timing", "routes"),
            expected="GET routes with tenant: item",
        )
    if not things:
        raise Misuse("no route shows a single thing", at=("timing",), expected="GET routes with tenant: item")
    return things


def _searchable(section: TenantsSection, routes: tuple[Route, ...], context: Context) -> None:
    for title in section.search:
        (route,) = named((title,), context, ("search",))
        if route not in routes or route.scope is not Scope.LIST:
            raise Misuse(f"'{title}' is no list that is tried", at=("search", title))


def _recipes(section: TenantsSection, context: Context) -> Iterator[Recipe]:
    for key, step in section.create.items():
        at: Loc = ("create", key)
        line = read_line(key)
        if line is None or str(line) != key:
            raise Misuse(f"'{key}' is not a request line", at=at, expected="such as POST /api/orders")
        if line.safe or step.creates is None:
            raise Misuse("nothing says how it is undone", at=at, expected="creates: {id, delete, find}")
        _hold_recipe_rules(section, context, step, at)
        act = Act(line, step, "")
        names = tuple(dict.fromkeys(name for name in sent_names(act) if name != MARK))
        hold_rules(act, names, at, control=True)
        yield Recipe(line, step, step.creates, names, context.routes)


def _hold_recipe_rules(section: TenantsSection, context: Context, step: Step, at: Loc) -> None:
    if other := sorted(step.model_fields_set - _OF_A_RECIPE):
        name = Step.model_fields[other[0]].alias or other[0]
        raise Misuse(f"'{name}' has no meaning here", at=(*at, name), expected="send, creates and status")
    if section.tampering.body and not isinstance(step.send.document, dict):
        raise Misuse("no member can be set in its body", at=(*at, "send"), expected="json: {...}")
    if step.creates and step.creates.by:
        require_identity(step.creates.by, context, (*at, "creates", "by"))
