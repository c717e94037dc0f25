"""What is wrong with the schema as it is: holes and defects that no release asks for."""

from suites.standins.kit.faults import Fault, InDatabase

TENANT = "((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid"
MINE = f"client_id = {TENANT}"


def _fault(name: str, breaks: str, do: str, undo: str) -> Fault:
    return Fault(name, breaks, InDatabase(do, undo))


def _policy(name: str, breaks: str, policy: str, wrong: str, right: str = f"using ({MINE})") -> Fault:
    """A policy of orders, products ... whose expression is another."""
    table = policy.rpartition("_")[0]
    alter = f"alter policy {policy} on public.{table}"
    return _fault(name, breaks, f"{alter} {wrong}", f"{alter} {right}")


def _table(columns: str = "", after: str = "") -> str:
    """A new table of a tenant, without row-level security."""
    return (
        "create table public.vouchers (id uuid primary key default gen_random_uuid(), client_id uuid not null"
        f"{', ' if columns else ''}{columns}); {after}"
    )


_SECURED = (
    "alter table public.vouchers enable row level security;"
    f" create policy vouchers_select on public.vouchers for select to authenticated using ({MINE});"
)
_GRANTED = "grant select on public.vouchers to authenticated;"
_DROP = "drop table public.vouchers"
_PARTS = (
    "create table public.visits (client_id uuid not null, seen date not null, primary key (client_id, seen))"
    " partition by range (seen);"
    " create table public.visits_2026 partition of public.visits"
    " for values from ('2026-01-01') to ('2027-01-01');"
)
_STORAGE = (
    "create schema storage; grant usage on schema storage to authenticated;"
    " create table storage.buckets (id text primary key, name text not null, public boolean default false,"
    " file_size_limit bigint, allowed_mime_types text[]);"
    " create table storage.objects (id uuid primary key default gen_random_uuid(), bucket_id text, name text,"
    " owner uuid);"
    " alter table storage.buckets enable row level security;"
    " alter table storage.objects enable row level security;"
    " grant select on storage.objects to authenticated;"
)
_NO_STORAGE = "drop schema storage cascade"
_CATALOG = (
    "set local allow_system_table_mods = on; update pg_index set {} where indexrelid = 'public.{}'::regclass"
)

ROW_SECURITY = (
    _fault(
        "lint_rls_off",
        "row-level security of products was switched off and not on again",
        "alter table public.products disable row level security",
        "alter table public.products enable row level security",
    ),
    _fault(
        "lint_rls_forgotten",
        "a new table without row-level security is readable for who is signed in",
        _table(after=_GRANTED),
        _DROP,
    ),
    _fault(
        "lint_rls_forgotten_columns",
        "a new table without row-level security shows one column to anybody",
        _table("title text", "grant select (title) on public.vouchers to anon"),
        _DROP,
    ),
    _fault(
        "lint_rls_off_truncate_only",
        "a new table without row-level security may be emptied, though not read",
        _table(after="grant truncate on public.vouchers to authenticated"),
        _DROP,
    ),
    _fault(
        "lint_rls_forgotten_partitioned",
        "a new partitioned table has no row-level security",
        f"{_PARTS} grant select on public.visits to authenticated",
        "drop table public.visits",
    ),
    _fault(
        "lint_rls_forgotten_partition",
        "a partition of a protected table may be read by its own name",
        f"{_PARTS} alter table public.visits enable row level security;"
        f" create policy visits_select on public.visits for select to authenticated using ({MINE});"
        " grant select on public.visits, public.visits_2026 to authenticated",
        "drop table public.visits",
    ),
    _fault(
        "lint_rls_forgotten_child",
        "a table that inherits from a protected one has no row-level security",
        "create table public.rush_orders (primary key (id)) inherits (public.orders);"
        " grant select on public.rush_orders to authenticated",
        "drop table public.rush_orders",
    ),
    _fault(
        "lint_policies_dropped",
        "a new table has row-level security and no policy",
        _table(after=f"alter table public.vouchers enable row level security; {_GRANTED}"),
        _DROP,
    ),
    _fault(
        "lint_select_policy_lost",
        "the policy for reading catalogs is gone, and nobody sees its own",
        "drop policy catalogs_select on public.catalogs",
        f"create policy catalogs_select on public.catalogs for select to authenticated using ({MINE})",
    ),
    _fault(
        "lint_owner_is_login",
        "messages belongs to the role that the API connects as",
        "alter table public.messages owner to authenticator",
        "alter table public.messages owner to postgres",
    ),
    _fault(
        "lint_storage_rls_off",
        "the files' table has no row-level security",
        f"{_STORAGE} alter table storage.objects disable row level security",
        _NO_STORAGE,
    ),
)

POLICIES = (
    _policy(
        "lint_policy_true", "orders are readable for all who are signed in", "orders_select", "using (true)"
    ),
    _policy(
        "lint_policy_tautology",
        "the policy compares the tenant with itself",
        "orders_select",
        "using (client_id = client_id)",
    ),
    _policy(
        "lint_policy_or_true", "the policy ends in `or true`", "orders_select", f"using ({MINE} or true)"
    ),
    _policy(
        "lint_policy_not_null",
        "the policy asks for a tenant, any tenant",
        "orders_select",
        "using (client_id is not null)",
    ),
    _policy(
        "lint_policy_signed_in",
        "the policy only asks whether somebody is signed in",
        "products_select",
        "using ((select auth.uid()) is not null)",
    ),
    _policy(
        "lint_policy_role_only",
        "the policy only asks for the role authenticated",
        "products_select",
        "using (auth.role() = 'authenticated')",
    ),
    _policy(
        "lint_policy_by_status",
        "the policy shows active products, whosever they are",
        "products_select",
        "using (status = 'active')",
    ),
    _policy(
        "lint_policy_or_status",
        "the policy shows the tenant's own products, and all active ones",
        "products_select",
        f"using ({MINE} or status = 'active')",
    ),
    _policy(
        "lint_policy_captured_name",
        "the sub-select of a policy has captured the name of the tenant's column",
        "orders_select",
        "using (exists (select from public.admin_users a"
        " where a.user_id = (select auth.uid()) and a.client_id = client_id))",
    ),
    _policy(
        "lint_policy_no_caller",
        "the policy asks whether the tenant exists, not whose it is",
        "orders_select",
        "using (client_id in (select pg_catalog.unnest(array[orders.client_id])))",
    ),
    _policy(
        "lint_policy_hard_coded",
        "the policy names one tenant for everybody",
        "orders_select",
        "using (client_id = '6f1c2a5e-0f1d-4a52-9d5e-9a1f6c1b7e11')",
    ),
    _fault(
        "lint_policy_beside",
        "a second policy lets everybody signed in read all orders",
        "create policy orders_support on public.orders for select to authenticated"
        " using ((select auth.uid()) is not null)",
        "drop policy orders_support on public.orders",
    ),
    _fault(
        "lint_policy_all_beside",
        "a policy for all commands stands beside the narrow ones",
        "create policy orders_everything on public.orders to authenticated using (true)",
        "drop policy orders_everything on public.orders",
    ),
    _policy(
        "lint_policy_delete_wide",
        "everybody signed in may delete any order",
        "orders_delete",
        "using (true)",
    ),
    _policy(
        "lint_check_true",
        "orders can be put into any tenant",
        "orders_insert",
        "with check (true)",
        f"with check ({MINE})",
    ),
    _policy(
        "lint_check_without_tenant",
        "analytics events can be put into any tenant by who is signed in",
        "analytics_events_insert",
        "with check ((select auth.uid()) is not null)",
        f"with check ({MINE})",
    ),
    _fault(
        "lint_check_missing",
        "who created an order may move it to another tenant",
        "create policy orders_update_own on public.orders for update to authenticated"
        " using (created_by = (select auth.uid()))",
        "drop policy orders_update_own on public.orders",
    ),
    _policy(
        "lint_check_loose_update",
        "an order of one's own tenant can be moved to another",
        "orders_update",
        f"using ({MINE}) with check (quantity > 0)",
        f"using ({MINE}) with check ({MINE})",
    ),
    _policy(
        "lint_policy_pattern",
        "the policy compares by LIKE",
        "employees_select",
        f"using ({MINE} and email like (select auth.jwt()) ->> 'email')",
    ),
    _fault(
        "lint_restrictive_alone",
        "a table has only a restrictive policy",
        _table(
            after="alter table public.vouchers enable row level security; create policy vouchers_guard on"
            f" public.vouchers as restrictive to authenticated using ({MINE}); {_GRANTED}"
        ),
        _DROP,
    ),
    _fault(
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
    _policy(
        "lint_user_metadata",
        "the policy takes the tenant from what users can write",
        "orders_select",
        f"using (client_id = {_USER})",
    ),
    _fault(
        "lint_user_metadata_in_function",
        "a function that a policy calls takes the tenant from what users can write",
        f"{_HELPER} alter policy orders_select on public.orders using (client_id = private.tenant())",
        f"alter policy orders_select on public.orders using ({MINE}); drop function private.tenant()",
    ),
    _fault(
        "lint_session_function_immutable",
        "a function that tells the tenant is IMMUTABLE",
        f"{_FROZEN} alter policy orders_select on public.orders using (client_id = private.tenant())",
        f"alter policy orders_select on public.orders using ({MINE}); drop function private.tenant()",
    ),
    _policy(
        "lint_claim_absent",
        "without a tenant in the token every order is shown",
        "orders_select",
        f"using ({MINE} or {TENANT} is null)",
    ),
    _policy(
        "lint_claim_coalesced",
        "without a tenant in the token the row's own counts",
        "orders_select",
        f"using (client_id = coalesce({TENANT}, client_id))",
    ),
    _policy(
        "lint_claim_coalesced_true",
        "without a tenant in the token the comparison counts as true",
        "orders_select",
        f"using (coalesce({MINE}, true))",
    ),
    _policy(
        "lint_claim_empty",
        "an empty setting opens every product",
        "products_select",
        f"using ({MINE} or current_setting('app.tenant', true) = '')",
    ),
)

FUNCTIONS = (
    _fault(
        "lint_definer_path",
        "a SECURITY DEFINER function has no search_path",
        "create function private.purge() returns void language sql security definer as"
        " $$ delete from public.messages $$; revoke all on function private.purge() from public",
        "drop function private.purge()",
    ),
    _fault(
        "lint_definer_path_writable",
        "a SECURITY DEFINER function looks where everybody may create",
        "create schema shared; grant usage, create on schema shared to authenticated;"
        " create function private.purge() returns void language sql security definer"
        " set search_path = shared as $$ delete from public.messages $$;"
        " revoke all on function private.purge() from public",
        "drop function private.purge(); drop schema shared",
    ),
    _fault(
        "lint_definer_served",
        "a SECURITY DEFINER function can be called through the API without a login",
        "create function public.all_orders() returns setof public.orders language sql stable security definer"
        " set search_path = '' as $$ select * from public.orders $$",
        "drop function public.all_orders()",
    ),
    _fault(
        "lint_function_path",
        "a function has no fixed search_path",
        "create function public.order_total(integer, integer) returns integer language plpgsql immutable as"
        " $$ begin return $1 * $2; end $$",
        "drop function public.order_total(integer, integer)",
    ),
    _fault(
        "lint_function_anonymous",
        "anybody may call a function that writes",
        "create function public.track(kind text) returns void language sql set search_path = '' as"
        " $$ insert into public.analytics_events (client_id, site_id, event_type)"
        " select client_id, id, $1 from public.sites $$",
        "drop function public.track(text)",
    ),
    _fault(
        "lint_function_leakproof",
        "a function says that it is LEAKPROOF",
        "create function private.shown(text) returns text language plpgsql immutable leakproof"
        " set search_path = '' as $$ begin raise notice '%', $1; return $1; end $$;"
        " revoke all on function private.shown(text) from public",
        "drop function private.shown(text)",
    ),
)

_TOTALS = "select client_id, count(*) as orders from public.orders group by client_id"

VIEWS = (
    _fault(
        "lint_view_definer",
        "a view reads orders as its owner",
        f"create view public.order_totals as {_TOTALS}; alter view public.order_totals owner to postgres;"
        " grant select on public.order_totals to authenticated",
        "drop view public.order_totals",
    ),
    _fault(
        "lint_view_nested",
        "a view that asks as its caller stands on one that does not",
        f"create view private.totals as {_TOTALS};"
        " alter view private.totals owner to postgres;"
        " create view public.order_totals with (security_invoker = true) as select * from private.totals;"
        " grant select on public.order_totals, private.totals to authenticated",
        "drop view public.order_totals; drop view private.totals",
    ),
    _fault(
        "lint_view_invoker_lost",
        "a view has lost its security_invoker",
        f"create view public.order_totals with (security_invoker = true) as {_TOTALS};"
        " alter view public.order_totals owner to postgres; grant select on public.order_totals to"
        " authenticated;"
        " alter view public.order_totals reset (security_invoker)",
        "drop view public.order_totals",
    ),
    _fault(
        "lint_view_over_definer",
        "a view that asks as its caller stands on a function that reads as its owner",
        "create function private.all_orders() returns setof public.orders language sql stable security"
        " definer"
        " set search_path = '' as $$ select * from public.orders $$;"
        " create view public.order_list with (security_invoker = true) as select id from"
        " private.all_orders();"
        " grant select on public.order_list to authenticated",
        "drop view public.order_list; drop function private.all_orders()",
    ),
    _fault(
        "lint_matview_served",
        "a materialised view of all orders is readable",
        f"create materialized view public.order_totals as {_TOTALS};"
        " grant select on public.order_totals to authenticated",
        "drop materialized view public.order_totals",
    ),
    _fault(
        "lint_matview_empty",
        "a materialised view was never filled",
        f"create materialized view private.order_totals as {_TOTALS} with no data",
        "drop materialized view private.order_totals",
    ),
    _fault(
        "lint_foreign_table_served",
        "a foreign table is readable",
        "create foreign data wrapper elsewhere; create server warehouse foreign data wrapper elsewhere;"
        " create foreign table public.stock (sku text, amount integer) server warehouse;"
        " grant select on public.stock to authenticated",
        "drop foreign table public.stock; drop server warehouse; drop foreign data wrapper elsewhere",
    ),
    _fault(
        "lint_accounts_granted",
        "who is signed in may read the accounts",
        "grant select (id, email) on auth.users to authenticated",
        "revoke select (id, email) on auth.users from authenticated",
    ),
    _fault(
        "lint_accounts_shown",
        "a view shows the accounts",
        "create view public.people as select id, email from auth.users;"
        " alter view public.people owner to postgres; grant select on public.people to authenticated",
        "drop view public.people",
    ),
)

GRANTS = (
    _fault(
        "lint_grant_public",
        "every role may read products",
        "grant select on public.products to public",
        "revoke select on public.products from public",
    ),
    _fault(
        "lint_grant_anonymous",
        "anon may change products, but for row-level security",
        "grant insert, update, delete on public.products to anon",
        "revoke insert, update, delete on public.products from anon",
    ),
    _fault(
        "lint_grant_truncate",
        "who is signed in may empty orders",
        "grant truncate on public.orders to authenticated",
        "revoke truncate on public.orders from authenticated",
    ),
    _fault(
        "lint_grant_trigger",
        "who is signed in may hang a trigger on orders",
        "grant trigger, references on public.orders to authenticated",
        "revoke trigger, references on public.orders from authenticated",
    ),
    _fault(
        "lint_grant_create",
        "everybody may create in public",
        "grant create on schema public to public",
        "revoke create on schema public from public",
    ),
    _fault(
        "lint_default_privileges",
        "tables that come are open to anon",
        "alter default privileges for role postgres in schema public grant select on tables to anon",
        "alter default privileges for role postgres in schema public revoke select on tables from anon",
    ),
    _fault(
        "lint_secret_column",
        "anybody may read a column of tokens",
        _table(
            "reset_token text", f"{_SECURED} {_GRANTED} grant select (reset_token) on public.vouchers to anon"
        ),
        _DROP,
    ),
    _fault(
        "lint_grant_option",
        "who is signed in may pass on the right to read sites",
        "grant select on public.sites to authenticated with grant option",
        "revoke grant option for select on public.sites from authenticated",
    ),
    _fault(
        "lint_sequence_settable",
        "who is signed in may set the order numbers",
        "grant update on sequence public.order_numbers to authenticated",
        "revoke update on sequence public.order_numbers from authenticated",
    ),
)

ROLES = (
    _fault(
        "lint_role_bypass",
        "no policy holds for authenticated",
        "alter role authenticated bypassrls",
        "alter role authenticated nobypassrls",
    ),
    _fault(
        "lint_role_superuser",
        "the API connects as a superuser",
        "alter role authenticator superuser",
        "alter role authenticator nosuperuser",
    ),
    _fault(
        "lint_role_member_of_service",
        "authenticated is a member of service_role",
        "grant service_role to authenticated",
        "revoke service_role from authenticated",
    ),
    _fault(
        "lint_login_becomes_owner",
        "the API's login may become the owner of all tables",
        "grant postgres to authenticator",
        "revoke postgres from authenticator",
    ),
    _fault(
        "lint_login_creates_roles",
        "the API's login may create roles",
        "alter role authenticator createrole",
        "alter role authenticator nocreaterole",
    ),
    _fault(
        "lint_login_reads_all",
        "the API's login is a member of pg_read_all_data",
        "grant pg_read_all_data to authenticator",
        "revoke pg_read_all_data from authenticator",
    ),
    _fault("lint_anon_logs_in", "anon may log in", "alter role anon login", "alter role anon nologin"),
    _fault(
        "lint_api_role_owns",
        "a table belongs to authenticated",
        _table(after=f"{_SECURED} alter table public.vouchers owner to authenticated"),
        _DROP,
    ),
    _fault(
        "lint_role_row_security_off",
        "the API's login has row_security off",
        "alter role authenticator set row_security = off",
        "alter role authenticator reset row_security",
    ),
)

_BUCKET = "insert into storage.buckets values ('{}', '{}', {}, 1000000, '{{image/png}}')"

STORAGE = (
    _fault(
        "lint_bucket_public",
        "a bucket is public",
        f"{_STORAGE} {_BUCKET.format('invoices', 'invoices', 'true')}",
        _NO_STORAGE,
    ),
    _fault(
        "lint_storage_policy_bucket",
        "all files of a bucket are open to who is signed in",
        f"{_STORAGE} create policy invoices_read on storage.objects for select to authenticated"
        " using (bucket_id = 'invoices')",
        _NO_STORAGE,
    ),
    _fault(
        "lint_storage_upload_any",
        "files can be put where another tenant's are",
        f"{_STORAGE} grant insert on storage.objects to authenticated; create policy uploads on"
        " storage.objects"
        " for insert to authenticated with check (bucket_id = 'uploads' and (select auth.uid()) is not null)",
        _NO_STORAGE,
    ),
)

_MESSAGES = (
    "create schema realtime; grant usage on schema realtime to authenticated;"
    " create table realtime.messages (id bigint primary key, topic text, extension text);"
    " alter table realtime.messages enable row level security; grant select on realtime.messages to"
    " authenticated;"
)

REPLICATION = (
    _fault(
        "lint_publication_all",
        "all tables are published",
        "create publication warehouse for all tables",
        "drop publication warehouse",
    ),
    _fault(
        "lint_publication_leaks",
        "clients can listen to a column that they may not read",
        _table(
            "device_key text",
            f"{_SECURED} grant select (id, client_id) on public.vouchers to authenticated;"
            " create publication supabase_realtime for table public.vouchers",
        ),
        f"drop publication supabase_realtime; {_DROP}",
    ),
    _fault(
        "lint_publication_open",
        "clients can listen to a table without row-level security",
        _table(after=f"{_GRANTED} create publication supabase_realtime for table public.vouchers"),
        f"drop publication supabase_realtime; {_DROP}",
    ),
    _fault(
        "lint_publication_old_rows",
        "changes of orders carry the whole old row",
        "alter table public.orders replica identity full;"
        " create publication supabase_realtime for table public.orders",
        "drop publication supabase_realtime; alter table public.orders replica identity default",
    ),
    _fault(
        "lint_realtime_topics",
        "who may listen to one private channel may listen to all",
        f"{_MESSAGES} create policy listen on realtime.messages for select to authenticated"
        " using (extension = 'broadcast')",
        "drop schema realtime cascade",
    ),
)

INDEXES = (
    _fault(
        "lint_foreign_key_unindexed",
        "a foreign key has lost its index",
        "drop index public.orders_product_idx",
        "create index orders_product_idx on public.orders (client_id, product_id)",
    ),
    _fault(
        "lint_index_duplicate",
        "an index is there twice",
        "create index orders_status_again on public.orders (client_id, status)",
        "drop index public.orders_status_again",
    ),
    _fault(
        "lint_index_invalid",
        "an index that was built concurrently is not valid",
        _CATALOG.format("indisvalid = false", "orders_status_idx"),
        _CATALOG.format("indisvalid = true", "orders_status_idx"),
    ),
    _fault(
        "lint_index_not_ready",
        "an index that was built concurrently is not ready",
        _CATALOG.format("indisready = false, indisvalid = false", "sites_domain_idx"),
        _CATALOG.format("indisready = true, indisvalid = true", "sites_domain_idx"),
    ),
    _fault(
        "lint_primary_key_lost",
        "a table has lost its primary key",
        "create table public.notes (id uuid, body text)",
        "drop table public.notes",
    ),
    _fault(
        "lint_table_unlogged",
        "messages would be empty after a crash",
        "alter table public.messages set unlogged",
        "alter table public.messages set logged",
    ),
)

_CALLED = (
    "create function private.touch() returns trigger language plpgsql set search_path = '' as"
    " $$ begin new.updated_at := now(); return new; end $$; revoke all on function private.touch() from"
    " public;"
    " create trigger orders_touch before update on public.orders for each row execute function"
    " private.touch();"
)

CONSTRAINTS = (
    _fault(
        "lint_check_not_validated",
        "a check was never validated",
        "alter table public.orders add constraint orders_small check (quantity < 1000) not valid",
        "alter table public.orders drop constraint orders_small",
    ),
    _fault(
        "lint_key_not_validated",
        "a foreign key was never validated",
        "alter table public.payments drop constraint payments_client_id_fkey;"
        " alter table public.payments add constraint payments_client_id_fkey"
        " foreign key (client_id) references public.clients (id) not valid",
        "alter table public.payments validate constraint payments_client_id_fkey",
    ),
    _fault(
        "lint_all_triggers_disabled",
        "all triggers of orders were disabled for an import, its foreign keys with them",
        "alter table public.orders disable trigger all",
        "alter table public.orders enable trigger all",
    ),
    _fault(
        "lint_trigger_disabled",
        "a trigger was disabled for an import",
        f"{_CALLED} alter table public.orders disable trigger orders_touch",
        "drop trigger orders_touch on public.orders; drop function private.touch()",
    ),
)

SEQUENCES = (
    _fault(
        "lint_sequence_near_end",
        "the order numbers are nearly used up",
        "alter sequence public.order_numbers maxvalue 1040",
        "alter sequence public.order_numbers no maxvalue",
    ),
    _fault(
        "lint_sequence_outgrows_column",
        "an integer column cannot hold what its sequence will hand out",
        "create table public.notes (id integer primary key); create sequence public.notes_ids owned by"
        " public.notes.id; alter table public.notes alter id set default nextval('public.notes_ids');"
        " select setval('public.notes_ids', 2000000000)",
        "drop table public.notes",
    ),
    _fault(
        "lint_sequence_behind",
        "the numbers of the audit log start again",
        "alter sequence public.audit_logs_id_seq restart with 1",
        "select setval('public.audit_logs_id_seq', (select max(id) from public.audit_logs))",
    ),
)

FAULTS = (
    *ROW_SECURITY,
    *POLICIES,
    *CLAIMS,
    *FUNCTIONS,
    *VIEWS,
    *GRANTS,
    *ROLES,
    *STORAGE,
    *REPLICATION,
    *INDEXES,
    *CONSTRAINTS,
    *SEQUENCES,
)
