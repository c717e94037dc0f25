"""What the contract declares, held against itself: mistakes that the types of the section cannot say."""

from collections.abc import Sequence

from pytest_deploycheck.checks.exchange.rules import require_identity
from pytest_deploycheck.checks.policy.calls import TENANT
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.checks.policy.subjects import EVERYBODY, qualified
from pytest_deploycheck.checks.surface.path import parameters
from pytest_deploycheck.checks.surface.walk import holds_a_credential, named
from pytest_deploycheck.model.identity import Identity
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.route import Route, Scope


def people(section: PoliciesSection, context: Context) -> tuple[Identity, ...]:
    """Return the identities that act as themselves: those named, or all of tenants with a credential.

    Raises:
        Misuse: where nobody could tell tenants apart, or the contract contradicts itself.
    """
    for index, name in enumerate(section.identities):
        require_identity(name, context, ("identities", index))
    everybody = (each for each in context.identities.values() if each.tenant and holds_a_credential(each))
    acting = tuple(context.identities[name] for name in section.identities) or tuple(everybody)
    if len({each.tenant for each in acting}) < 2:
        raise Misuse("no two identities of different tenants", expected="tenant: NAME at two identities")
    if not (section.claim or section.tenants):
        raise Misuse("nothing says the ids of tenants", expected="claim (a path in tokens), or tenants")
    if not (section.tenant or section.tables):
        raise Misuse("nothing says whose rows are whose", expected="tenant (a column), or tables")
    _hold_tenants(section, acting)
    _hold_actors(section, acting)
    _hold_functions(section)
    _hold_relations(section)
    _hold_roles(section, acting)
    return acting


def lists(section: PoliciesSection, context: Context) -> tuple[Route, ...]:
    """Return the routes that show relations over HTTP.

    Raises:
        Misuse: for what is no list that an identity may ask for as it stands.
    """
    found = []
    for name, line in section.routes.items():
        (route,) = named((line,), context, ("routes", name))
        if route.method != "GET" or parameters(route.path) or route.scope is not Scope.LIST:
            raise Misuse(f"'{route.title}' is no list", at=("routes", name), expected="GET, tenant: list")
        found.append(route)
    return tuple(found)


def _hold_tenants(section: PoliciesSection, acting: Sequence[Identity]) -> None:
    known = {each.tenant for each in acting}
    if unknown := next((name for name in section.tenants if name not in known), None):
        raise Misuse(f"no identity that acts has the tenant '{unknown}'", at=("tenants", unknown))


def _hold_actors(section: PoliciesSection, acting: Sequence[Identity]) -> None:
    names, tenants = {each.name for each in acting}, {each.tenant for each in acting}
    for title, part in section.actors.items():
        if part.identity and part.identity not in names:
            at = ("actors", title, "as")
            raise Misuse(f"'{part.identity}' does not act itself", at=at, expected=", ".join(sorted(names)))
        if unknown := next((each for each in part.tenants or () if each not in tenants), None):
            raise Misuse(f"no identity that acts has the tenant '{unknown}'", at=("actors", title))


def _hold_functions(section: PoliciesSection) -> None:
    for index, function in enumerate(section.functions):
        if TENANT not in function.call and not function.tenant:
            expected = f"{TENANT} in it, or tenant: COLUMN"
            raise Misuse(f"'{function.call}' names no tenant", at=("functions", index), expected=expected)


def _hold_relations(section: PoliciesSection) -> None:
    """Nobody can tell what is meant by what is told twice."""
    seen: set[str] = set()
    for group in (section.tables, section.shared, section.private, section.exceptions):
        if twice := next((name for name in group if qualified(name) in seen), None):
            raise Misuse(f"'{twice}' is declared twice", expected="one of tables, shared, private and except")
        seen.update(map(qualified, group))
    for name, table in section.tables.items():
        if len({"tenant", "through", "sql"} & table.model_fields_set) > 1:
            at = ("tables", name)
            raise Misuse(f"'{name}' tells its tenant twice", at=at, expected="one of tenant, through and sql")


def _hold_roles(section: PoliciesSection, acting: Sequence[Identity]) -> None:
    """A role that nobody has would keep everybody out, and a misspelt one somebody."""
    held = {role for each in acting for role in each.roles}
    known = {EVERYBODY, *held, *(role for part in section.actors.values() for role in part.roles or ())}
    for key, roles in (("readers", section.readers), ("writers", section.writers)):
        if unknown := next((role for role in roles if role not in known), None):
            listed = ", ".join(sorted(known))
            raise Misuse(f"nobody who acts has the role '{unknown}'", at=(key, unknown), expected=listed)
