"""Holes in who sees which rows: row-level security, policies, and the claims they trust."""

from suites.standins.wecelebrate.database_faults.words import (
    DROP,
    GRANTED,
    MINE,
    NO_STORAGE,
    PARTS,
    STORAGE_SCHEMA,
    TENANT,
    fault,
    policy,
    table,
)

ROW_SECURITY = (
    fault(
        "lint_rls_off",
        "row-level security of products was switched off and not on again",
        "alter table public.products disable row level security",
        "alter table public.products enable row level security",
    ),
    fault(
        "lint_rls_forgotten",
        "a new table without row-level security is readable for who is signed in",
        table(after=GRANTED),
        DROP,
    ),
    fault(
        "lint_rls_forgotten_columns",
        "a new table without row-level security shows one column to anybody",
        table("title text", "grant select (title) on public.vouchers to anon"),
        DROP,
    ),
    fault(
        "lint_rls_off_truncate_only",
        "a new table without row-level security may be emptied, though not read",
        table(after="grant truncate on public.vouchers to authenticated"),
        DROP,
    ),
    fault(
        "lint_rls_forgotten_partitioned",
        "a new partitioned table has no row-level security",
        f"{PARTS} grant select on public.visits to authenticated",
        "drop table public.visits",
    ),
    fault(
        "lint_rls_forgotten_partition",
        "a partition of a protected table may be read by its own name",
        f"{PARTS} alter table public.visits enable row level security;"
        f" create policy visits_select on public.visits for select to authenticated using ({MINE});"
        " grant select on public.visits, public.visits_2026 to authenticated",
        "drop table public.visits",
    ),
    fault(
        "lint_rls_forgotten_child",
        "a table that inherits from a protected one has no row-level security",
        "create table public.rush_orders (primary key (id)) inherits (public.orders);"
        " grant select on public.rush_orders to authenticated",
        "drop table public.rush_orders",
    ),
    fault(
        "lint_policies_dropped",
        "a new table has row-level security and no policy",
        table(after=f"alter table public.vouchers enable row level security; {GRANTED}"),
        DROP,
    ),
    fault(
        "lint_select_policy_lost",
        "the policy for reading catalogs is gone, and nobody sees its own",
        "drop policy catalogs_select on public.catalogs",
        f"create policy catalogs_select on public.catalogs for select to authenticated using ({MINE})",
    ),
    fault(
        "lint_owner_is_login",
        "messages belongs to the role that the API connects as",
        "alter table public.messages owner to authenticator",
        "alter table public.messages owner to postgres",
    ),
    fault(
        "lint_storage_rls_off",
        "the files' table has no row-level security",
        f"{STORAGE_SCHEMA} alter table storage.objects disable row level security",
        NO_STORAGE,
    ),
)

POLICIES = (
    policy(
        "lint_policy_true", "orders are readable for all who are signed in", "orders_select", "using (true)"
    ),
    policy(
        "lint_policy_tautology",
        "the policy compares the tenant with itself",
        "orders_select",
        "using (client_id = client_id)",
    ),
    policy("lint_policy_or_true", "the policy ends in `or true`", "orders_select", f"using ({MINE} or true)"),
    policy(
        "lint_policy_not_null",
        "the policy asks for a tenant, any tenant",
        "orders_select",
        "using (client_id is not null)",
    ),
    policy(
        "lint_policy_signed_in",
        "the policy only asks whether somebody is signed in",
        "products_select",
        "using ((select auth.uid()) is not null)",
    ),
    policy(
        "lint_policy_role_only",
        "the policy only asks for the role authenticated",
        "products_select",
        "using (auth.role() = 'authenticated')",
    ),
    policy(
        "lint_policy_by_status",
        "the policy shows active products, whosever they are",
        "products_select",
        "using (status = 'active')",
    ),
    policy(
        "lint_policy_or_status",
        "the policy shows the tenant's own products, and all active ones",
        "products_select",
        f"using ({MINE} or status = 'active')",
    ),
    policy(
        "lint_policy_captured_name",
        "the sub-select of a policy has captured the name of the tenant's column",
        "orders_select",
        "using (exists (select from public.admin_users a"
        " where a.user_id = (select auth.uid()) and a.client_id = client_id))",
    ),
    policy(
        "lint_policy_no_caller",
        "the policy asks whether the tenant exists, not whose it is",
        "orders_select",
        "using (client_id in (select pg_catalog.unnest(array[orders.client_id])))",
    ),
    policy(
        "lint_policy_hard_coded",
        "the policy names one tenant for everybody",
        "orders_select",
        "using (client_id = '6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11')",
    ),
    fault(
        "lint_policy_beside",
        "a second policy lets everybody signed in read all orders",
        "create policy orders_support on public.orders for select to authenticated"
        " using ((select auth.uid()) is not null)",
        "drop policy orders_support on public.orders",
    ),
    fault(
        "lint_policy_all_beside",
        "a policy for all commands stands beside the narrow ones",
        "create policy orders_everything on public.orders to authenticated using (true)",
        "drop policy orders_everything on public.orders",
    ),
    policy(
        "lint_policy_delete_wide",
        "everybody signed in may delete any order",
        "orders_delete",
        "using (true)",
    ),
    policy(
        "lint_check_true",
        "orders can be put into any tenant",
        "orders_insert",
        "with check (true)",
        f"with check ({MINE})",
    ),
    policy(
        "lint_check_without_tenant",
        "analytics events can be put into any tenant by who is signed in",
        "analytics_events_insert",
        "with check ((select auth.uid()) is not null)",
        f"with check ({MINE})",
    ),
    fault(
        "lint_check_missing",
        "who created an order may move it to another tenant",
        "create policy orders_update_own on public.orders for update to authenticated"
        " using (created_by = (select auth.uid()))",
        "drop policy orders_update_own on public.orders",
    ),
    policy(
        "lint_check_loose_update",
        "an order of one's own tenant can be moved to another",
        "orders_update",
        f"using ({MINE}) with check (quantity > 0)",
        f"using ({MINE}) with check ({MINE})",
    ),
    policy(
        "lint_policy_pattern",
        "the policy compares by LIKE",
        "employees_select",
        f"using ({MINE} and email like (select auth.jwt()) ->> 'email')",
    ),
    fault(
        "lint_restrictive_alone",
        "a table has only a restrictive policy",
        table(
            after="alter table public.vouchers enable row level security; create policy vouchers_guard on"
            f" public.vouchers as restrictive to authenticated using ({MINE}); {GRANTED}"
        ),
        DROP,
    ),
    fault(
        "lint_restrictive_idle",
        "a restrictive policy is always true",
        "create policy orders_guard on public.orders as restrictive to authenticated using (true)",
        "drop policy orders_guard on public.orders",
    ),
)

_USER = "((select auth.jwt()) -> 'user_metadata' ->> 'client_id')::uuid"

_HELPER = (
    "create function private.tenant() returns uuid language sql stable set search_path = '' as"
    " $$ select (auth.jwt() -> 'user_metadata' ->> 'client_id')::uuid $$;"
    " revoke all on function private.tenant() from public;"
    " grant execute on function private.tenant() to authenticated;"
)

_FROZEN = _HELPER.replace("user_metadata", "app_metadata").replace("stable", "immutable")

CLAIMS = (
    policy(
        "lint_user_metadata",
        "the policy takes the tenant from what users can write",
        "orders_select",
        f"using (client_id = {_USER})",
    ),
    fault(
        "lint_user_metadata_in_function",
        "a function that a policy calls takes the tenant from what users can write",
        f"{_HELPER} alter policy orders_select on public.orders using (client_id = private.tenant())",
        f"alter policy orders_select on public.orders using ({MINE}); drop function private.tenant()",
    ),
    fault(
        "lint_session_function_immutable",
        "a function that tells the tenant is IMMUTABLE",
        f"{_FROZEN} alter policy orders_select on public.orders using (client_id = private.tenant())",
        f"alter policy orders_select on public.orders using ({MINE}); drop function private.tenant()",
    ),
    policy(
        "lint_claim_absent",
        "without a tenant in the token every order is shown",
        "orders_select",
        f"using ({MINE} or {TENANT} is null)",
    ),
    policy(
        "lint_claim_coalesced",
        "without a tenant in the token the row's own counts",
        "orders_select",
        f"using (client_id = coalesce({TENANT}, client_id))",
    ),
    policy(
        "lint_claim_coalesced_true",
        "without a tenant in the token the comparison counts as true",
        "orders_select",
        f"using (coalesce({MINE}, true))",
    ),
    policy(
        "lint_claim_empty",
        "an empty setting opens every product",
        "products_select",
        f"using ({MINE} or current_setting('app.tenant', true) = '')",
    ),
)

FAULTS = (*ROW_SECURITY, *POLICIES, *CLAIMS)
