"""What a contract declares about its database: who asks, what is served, what is open on purpose."""

from dataclasses import dataclass

PLATFORM = frozenset(
    """auth storage realtime extensions graphql graphql_public vault pgsodium pgsodium_masks net cron pgmq
    pgbouncer supabase_functions supabase_migrations _realtime _analytics _supavisor
    pgagent hdb_catalog topology tiger tiger_data""".split()  # noqa: SIM905 - words
)
"""Schemas that a platform or an extension brings and keeps: nobody who deploys an application mends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the lints are told beside the catalog; names are as the catalog has them.

    `schemas` are served by the API, `internal` are the application's others. `api_roles` run the requests,
    `anonymous` among them those that need no login; `login_roles` are what the application connects as,
    `service_roles` may see everything. `tenant_columns` are `column`, or `schema.table.column` where one
    table has another. `public` is what is open on purpose, `service_only` the tables that no API role is to
    reach, `restrictive` the policies (`schema.table.policy`) that must hold beside all others. `realtime`
    are publications that clients listen to.
    """

    schemas: tuple[str, ...]
    internal: tuple[str, ...] = ()
    api_roles: tuple[str, ...] = ("anon", "authenticated")
    anonymous: tuple[str, ...] = ("anon",)
    login_roles: tuple[str, ...] = ("authenticator",)
    service_roles: tuple[str, ...] = ("service_role",)
    tenant_columns: tuple[str, ...] = ()
    public: frozenset[str] = frozenset()
    service_only: frozenset[str] = frozenset()
    restrictive: tuple[str, ...] = ()
    realtime: tuple[str, ...] = ("supabase_realtime",)

    @property
    def own(self) -> tuple[str, ...]:
        """The application's schemas."""
        return self.schemas + self.internal
