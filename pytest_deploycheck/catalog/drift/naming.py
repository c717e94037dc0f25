"""Whose things are told, and under which names: roles by a map, a platform's own things not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_deploycheck.catalog.drift.grammar import Entry
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.relation import PUBLIC, Grant

EVERYBODY = "PUBLIC"
"""How facts name the grantee of what is granted to all."""

PLATFORM = frozenset(
    {
        "_analytics",
        "_realtime",
        "_supavisor",
        "auth",
        "cron",
        "extensions",
        "graphql",
        "graphql_public",
        "net",
        "pgbouncer",
        "pgmq",
        "pgsodium",
        "pgsodium_masks",
        "pgtle",
        "realtime",
        "storage",
        "supabase_functions",
        "supabase_migrations",
        "vault",
    }
)
"""Schemas that Supabase makes, and changes by itself."""
_SIGN = "supabase_admin"
"""A role that only Supabase has."""
_ROLES = ("supabase_", "pgsodium_", "pgbouncer", "dashboard_user")


@dataclass(frozen=True, slots=True)
class Naming:
    """`renamed` gives roles of this deployment the names they have elsewhere; `platform` are its schemas."""

    renamed: Mapping[str, str]
    platform: frozenset[str]

    @classmethod
    def of(cls, catalog: Catalog, renamed: Mapping[str, str]) -> "Naming":
        """Look whether the catalog is a hosted platform's."""
        there = (schema.name for schema in catalog.schemas)
        hosted = catalog.role(_SIGN) is not None
        return cls(renamed, PLATFORM.intersection(there) if hosted else frozenset())

    def is_own(self, schema: str, extension: str = "") -> bool:
        """Whether something is the application's: neither an extension's nor the platform's."""
        return not extension and schema not in self.platform

    def is_own_role(self, name: str) -> bool:
        """Whether a role is not the platform's."""
        return not (self.platform and name.startswith(_ROLES))

    def role(self, name: str) -> str:
        """The name that a role is told by."""
        return self.renamed.get(name, name)

    def grantee(self, name: str) -> str:
        """As `role`, and EVERYBODY for PUBLIC."""
        return EVERYBODY if name == PUBLIC else self.role(name)

    def grants(self, grants: Iterable[Grant], owner: str) -> dict[str, Entry]:
        """Privileges by grantee. What the owner holds needs no grant, and may be spelled out or not."""
        held: dict[str, set[str]] = {}
        for grant in grants:
            if grant.grantee != owner:
                privilege = f"{grant.privilege} with grant option" if grant.grantable else grant.privilege
                held.setdefault(self.grantee(grant.grantee), set()).add(privilege)
        return {name: Entry({"privileges": tuple(sorted(some))}) for name, some in sorted(held.items())}
