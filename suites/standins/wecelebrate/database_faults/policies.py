"""What opens one tenant's rows to another, or closes its own; and what only looks like it."""

from suites.standins.kit.faults import Fault
from suites.standins.wecelebrate.database_faults.words import fault

CLAIMS = "(select auth.jwt())"
TENANT = f"({CLAIMS} -> 'app_metadata' ->> 'client_id')::uuid"
MINE = f"client_id = {TENANT}"
ADMIN = f"({CLAIMS} -> 'app_metadata' ->> 'role') = 'admin'"
EDITED = f"{CLAIMS} -> 'user_metadata'"
"""What users may write themselves."""


def _altered(name: str, breaks: str, policy: str, wrong: str, right: str) -> Fault:
    alter = f"alter policy {policy} on public.{policy.rpartition('_')[0]}"
    return fault(name, breaks, f"{alter} {wrong}", f"{alter} {right}")


def _shows(name: str, breaks: str, policy: str, wrong: str, right: str = MINE) -> Fault:
    """A policy for reading, with another expression."""
    return _altered(name, breaks, policy, f"using ({wrong})", f"using ({right})")


def _added(name: str, breaks: str, table: str, policy: str) -> Fault:
    """One more policy, which is or-ed with the others."""
    made = f"create policy {name} on public.{table} {policy}"
    return fault(name, breaks, made, f"drop policy {name} on public.{table}")


_READING = (
    fault(
        "policies_rls_off",
        "row-level security of payments was switched off for an import and not on again",
        "alter table public.payments disable row level security",
        "alter table public.payments enable row level security",
    ),
    _shows("policies_using_true", "anybody reads all products", "products_select", "true"),
    _shows(
        "policies_tautology",
        "a policy compares the tenant of a row with itself",
        "catalogs_select",
        "client_id = client_id",
    ),
    _shows(
        "policies_captured_column",
        "a name in a subquery means the subquery's own column, so a policy holds for every row",
        "site_price_overrides_select",
        "exists (select from public.employees as e"
        f" where e.client_id = {TENANT} and client_id = e.client_id)",
    ),
    _shows(
        "policies_missing_claim_opens",
        "without the claim a policy compares a row with itself",
        "employees_select",
        f"client_id = coalesce({TENANT}, client_id)",
    ),
    _shows(
        "policies_user_metadata_tenant",
        "a policy believes the tenant that users write into their own metadata",
        "orders_select",
        f"client_id = coalesce({EDITED} ->> 'client_id', {CLAIMS} -> 'app_metadata' ->> 'client_id')::uuid",
    ),
    _shows(
        "policies_user_metadata_role",
        "a policy believes the role that users write into their own metadata",
        "audit_logs_select",
        f"{MINE} and coalesce({EDITED} ->> 'role', {CLAIMS} -> 'app_metadata' ->> 'role') = 'admin'",
        f"{MINE} and {ADMIN}",
    ),
    _shows(
        "policies_role_forgotten",
        "every member reads the audit logs of its tenant",
        "audit_logs_select",
        MINE,
        f"{MINE} and {ADMIN}",
    ),
    _shows(
        "policies_no_sub_opens",
        "tokens without a subject are taken for the platform's own",
        "messages_select",
        f"{MINE} or {CLAIMS} ->> 'sub' is null",
    ),
    _added(
        "policies_or",
        "a second policy for previews shows active products of every tenant",
        "products",
        "for select to authenticated using (status = 'active')",
    ),
    _added(
        "policies_one_status",
        "delivered orders are shown to every tenant",
        "orders",
        "for select to authenticated using (status = 'delivered' and quantity = 3)",
    ),
    fault(
        "policies_restrictive_lost",
        "a policy was split in two, and the one that restricts became one that permits",
        f"alter policy admin_users_select on public.admin_users using ({MINE});"
        f" create policy admin_users_role on public.admin_users for select to authenticated using ({ADMIN})",
        "drop policy admin_users_role on public.admin_users;"
        f" alter policy admin_users_select on public.admin_users using ({MINE} and {ADMIN})",
    ),
    fault(
        "policies_helper_true",
        "the function that policies ask was stubbed, and says yes to everybody",
        "create function private.is_own(tenant uuid) returns boolean language sql stable as 'select true';"
        " grant execute on function private.is_own to authenticated;"
        " alter policy sites_select on public.sites using (private.is_own(client_id))",
        f"alter policy sites_select on public.sites using ({MINE}); drop function private.is_own",
    ),
)

_AROUND = (
    fault(
        "policies_view_as_owner",
        "a view for reports reads as its owner",
        "create view public.order_totals as"
        " select client_id, sum(total_cents) as total from public.orders group by client_id;"
        " alter view public.order_totals owner to postgres;"
        " grant select on public.order_totals to authenticated",
        "drop view public.order_totals",
    ),
    fault(
        "policies_view_over_definer_function",
        "a view reads as whoever asks, from a function that reads as its owner",
        "create function private.all_messages() returns setof public.messages language sql stable"
        " security definer set search_path = '' as 'select * from public.messages';"
        " alter function private.all_messages owner to postgres;"
        " create view public.inbox with (security_invoker = true) as select * from private.all_messages();"
        " grant execute on function private.all_messages to authenticated;"
        " grant select on public.inbox to authenticated",
        "drop view public.inbox; drop function private.all_messages",
    ),
    fault(
        "policies_writable_view",
        "a view as its owner lets everybody change sites of every tenant",
        f"create view public.my_sites as select * from public.sites where {MINE};"
        " alter view public.my_sites owner to postgres;"
        " grant select, insert, update on public.my_sites to authenticated",
        "drop view public.my_sites",
    ),
    fault(
        "policies_materialised_view",
        "a materialised view for the dashboard is readable, and no policy holds it",
        "create materialized view public.order_report as"
        " select client_id, status, count(*) from public.orders group by 1, 2;"
        " grant select on public.order_report to authenticated",
        "drop materialized view public.order_report",
    ),
    fault(
        "policies_partition_open",
        "a partition can be read by its own name, and has no row-level security",
        "create table public.visits (client_id uuid not null, seen date not null) partition by range (seen);"
        " create table public.visits_2026 partition of public.visits"
        " for values from ('2026-01-01') to ('2027-01-01');"
        " insert into public.visits select id, '2026-03-01' from public.clients;"
        " alter table public.visits enable row level security;"
        f" create policy visits_select on public.visits for select to authenticated using ({MINE});"
        " grant select on public.visits, public.visits_2026 to authenticated",
        "drop table public.visits",
    ),
    fault(
        "policies_new_table_open",
        "a new table is readable before it has a row, without row-level security",
        "create table public.vouchers (client_id uuid not null, code text not null);"
        " grant select on public.vouchers to authenticated",
        "drop table public.vouchers",
    ),
    fault(
        "policies_copy_open",
        "a copy made before a migration is readable, and tells no tenant",
        "create table public.employees_old as select id, email, last_name from public.employees;"
        " grant select on public.employees_old to authenticated",
        "drop table public.employees_old",
    ),
    fault(
        "policies_bypass_granted",
        "the role of everybody who is signed in has BYPASSRLS",
        "alter role authenticated bypassrls",
        "alter role authenticated nobypassrls",
    ),
    fault(
        "policies_owner",
        "the role of everybody who is signed in owns a table, and row-level security is not forced",
        "alter table public.webhook_events owner to authenticated",
        "alter table public.webhook_events owner to postgres;"
        " grant select on public.webhook_events to authenticated",
    ),
    fault(
        "policies_anonymous_granted",
        "anonymous clients may select from employees, and only the lack of a policy keeps them out",
        "grant select on public.employees to anon",
        "revoke select on public.employees from anon",
    ),
    fault(
        "policies_anonymous_reads",
        "anonymous clients read the sites of every tenant",
        "create policy sites_open on public.sites for select to anon using (status = 'active');"
        " grant select on public.sites to anon",
        "revoke select on public.sites from anon; drop policy sites_open on public.sites",
    ),
)

_CLOSED = (
    fault(
        "policies_select_dropped",
        "the policy for reading orders is gone, and nobody sees its own",
        "drop policy orders_select on public.orders",
        f"create policy orders_select on public.orders for select to authenticated using ({MINE})",
    ),
    _shows(
        "policies_wrong_claim",
        "a policy reads a claim that tokens do not have, and nobody sees its own",
        "payments_select",
        f"client_id = ({CLAIMS} -> 'app_metadata' ->> 'tenant_id')::uuid",
    ),
    fault(
        "policies_wrong_role",
        "the policy for reading catalogs is for another role",
        "alter policy catalogs_select on public.catalogs to service_role",
        "alter policy catalogs_select on public.catalogs to authenticated",
    ),
    fault(
        "policies_service_held",
        "the service role lost BYPASSRLS and sees nothing",
        "alter role service_role nobypassrls;"
        " create policy logins on auth.users to service_role using (true);"
        " create policy logins on auth.refresh_tokens to service_role using (true)",
        "alter role service_role bypassrls;"
        " drop policy logins on auth.users; drop policy logins on auth.refresh_tokens",
    ),
)

_WRITING = (
    _altered(
        "policies_insert_unchecked",
        "orders are taken for any tenant",
        "orders_insert",
        "with check (true)",
        f"with check ({MINE})",
    ),
    _altered(
        "policies_insert_by_author",
        "orders are taken for any tenant from whoever signs them",
        "orders_insert",
        "with check (created_by = (select auth.uid()))",
        f"with check ({MINE})",
    ),
    _altered(
        "policies_update_unchecked",
        "an own order may be moved to another tenant",
        "orders_update",
        "with check (true)",
        f"with check ({MINE})",
    ),
    _altered(
        "policies_update_any",
        "orders of every tenant may be taken over, though none of them is shown",
        "orders_update",
        f"using (true) with check ({MINE})",
        f"using ({MINE}) with check ({MINE})",
    ),
    _altered(
        "policies_delete_any",
        "orders of every tenant may be deleted, though none of them is shown",
        "orders_delete",
        "using (true)",
        f"using ({MINE})",
    ),
    _altered(
        "policies_admins_move",
        "administrators may move products to another tenant",
        "products_update",
        f"with check ({ADMIN})",
        f"with check ({MINE} and {ADMIN})",
    ),
    _altered(
        "policies_members_write",
        "members may change what only administrators may",
        "catalogs_delete",
        f"using ({MINE})",
        f"using ({MINE} and {ADMIN})",
    ),
    fault(
        "policies_truncate_granted",
        "everybody who is signed in may empty the table of orders, which no policy holds",
        "grant truncate on public.orders to authenticated",
        "revoke truncate on public.orders from authenticated",
    ),
)

FAULTS = (*_READING, *_AROUND, *_CLOSED, *_WRITING)
