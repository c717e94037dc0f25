"""A catalog and what is declared about it: who may do what, once all memberships are followed."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from pytest_deploycheck.catalog.lints.declared import PLATFORM, Declared
from pytest_deploycheck.model.catalog import Catalog, Function, Role
from pytest_deploycheck.model.relation import PUBLIC, Grant, Name, Policy, Relation

ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"})
"""Privileges over a table's rows, of the table or of a column."""
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
"""pg_policy.polcmd."""

Access = Mapping[str, frozenset[str]]
"""What each API role may do with a relation; roles that may do nothing are left out."""


class Case:
    """What every lint is given. Immutable; what is asked often is worked out once."""

    def __init__(self, catalog: Catalog, declared: Declared) -> None:
        self.catalog = catalog
        self.declared = declared
        self._inherited: dict[str, frozenset[str]] = {}
        self._access: dict[Name, Access] = {}

    @cached_property
    def relations(self) -> Mapping[Name, Relation]:
        """All relations by name."""
        return {relation.name: relation for relation in self.catalog.relations}

    @cached_property
    def functions(self) -> Mapping[Name, tuple[Function, ...]]:
        """All functions by name; several may have one."""
        found: dict[Name, tuple[Function, ...]] = {}
        for function in self.catalog.functions:
            found[function.name] = (*found.get(function.name, ()), function)
        return found

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """All roles by name."""
        return {role.name: role for role in self.catalog.roles}

    @cached_property
    def tables(self) -> tuple[Relation, ...]:
        """Ordinary and partitioned tables, partitions included, of no extension and no platform."""
        return tuple(self.of_kind("rp"))

    @cached_property
    def own_tables(self) -> tuple[Relation, ...]:
        """The tables of the declared schemas."""
        return tuple(table for table in self.tables if table.name.schema in self.declared.own)

    def of_kind(self, kinds: str) -> Iterator[Relation]:
        """The relations of some kinds (pg_class.relkind), of no extension and no platform."""
        for relation in self.catalog.relations:
            if relation.kind in kinds and not relation.extension and relation.name.schema not in PLATFORM:
                yield relation

    def is_public(self, name: object) -> bool:
        """Whether something is declared open on purpose."""
        return str(name) in self.declared.public

    def inherited(self, role: str) -> frozenset[str]:
        """The roles whose privileges a role has without asking: itself, what it inherits, PUBLIC."""
        if role not in self._inherited:
            self._inherited[role] = frozenset(self._closure(role, to_set=False)) | {PUBLIC}
        return self._inherited[role]

    def reachable(self, role: str) -> frozenset[str]:
        """The roles that a role is, inherits or may become."""
        return frozenset(self._closure(role, to_set=True))

    def _closure(self, name: str, *, to_set: bool) -> set[str]:
        found, new = set[str](), {name}
        while new:
            found |= new
            roles = [role for one in new if (role := self.roles.get(one))]
            new = {
                membership.role
                for role in roles
                for membership in role.member_of
                if membership.inherits or (to_set and membership.may_set)
            } - found
        return found

    def has(self, role: str, grants: Iterable[Grant]) -> frozenset[str]:
        """The privileges that a role has of `grants`, by whatever way."""
        through = self.inherited(role)
        return frozenset(grant.privilege for grant in grants if grant.grantee in through)

    def may_use(self, role: str, schema: str) -> bool:
        """Whether a role may look a name up in a schema."""
        found = next((one for one in self.catalog.schemas if one.name == schema), None)
        return found is not None and (
            found.owner in self.inherited(role) or "USAGE" in self.has(role, found.grants)
        )

    def access(self, relation: Relation) -> Access:
        """What API roles may do with a relation, or with a column of it."""
        if relation.name not in self._access:
            self._access[relation.name] = dict(self._accesses(relation))
        return self._access[relation.name]

    def _accesses(self, relation: Relation) -> Iterator[tuple[str, frozenset[str]]]:
        grants = (*relation.grants, *(grant for column in relation.columns for grant in column.grants))
        for role in self.declared.api_roles:
            if self.may_use(role, relation.name.schema) and (held := self.has(role, grants)):
                yield role, held

    def concerned(self, policy: Policy) -> tuple[str, ...]:
        """The API roles that a policy is for."""
        return tuple(role for role in self.declared.api_roles if self.inherited(role) & set(policy.roles))

    def policies(self) -> Iterator[tuple[Relation, Policy]]:
        """The permissive policies for API roles, with their tables, but those declared open on purpose."""
        return ((table, policy) for table in self.tables for policy in self.policies_on(table))

    def policies_on(self, table: Relation) -> Iterator[Policy]:
        """Those of one table, which may be a platform's."""
        for policy in table.policies:
            meant = self.is_public(of(table, policy.name))
            if policy.permissive and self.concerned(policy) and not meant:
                yield policy

    def tenant_columns(self, table: Relation) -> frozenset[str]:
        """The columns that say to which tenant a row belongs."""
        own = {
            name.rpartition(".")[2]
            for name in self.declared.tenant_columns
            if name.rpartition(".")[0] == str(table.name)
        }
        common = {name for name in self.declared.tenant_columns if "." not in name}
        return frozenset(own or (common & {column.name for column in table.columns}))

    def exempt(self, role: str, table: Relation) -> bool:
        """Whether row-level security does not hold for a role: superuser, BYPASSRLS, owner unless forced."""
        attributes = self.roles.get(role)
        return (
            (attributes is not None and (attributes.superuser or attributes.bypass_rls))
            or (not table.forced and table.owner in self.inherited(role))
        )  # fmt: skip


def of(relation: Relation, part: str) -> str:
    """The name of what belongs to a relation: a column, a policy, an index."""
    return f"{relation.name}.{part}"


def signature(function: Function) -> str:
    """A function with the arguments that tell it from others of its name."""
    return f"{function.name}({function.arguments})"


def allowed(access: Access) -> str:
    """Access in words: `anon may SELECT; authenticated may INSERT, SELECT`."""
    return "; ".join(f"{role} may {', '.join(sorted(held))}" for role, held in sorted(access.items()))
