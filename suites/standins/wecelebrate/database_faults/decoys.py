"""What looks wrong and is right: none of it may raise a finding.

Each is SQL that makes it and SQL that removes it. DECLARED are right only where a contract says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from suites.standins.kit.faults import Fault, InDatabase
from suites.standins.wecelebrate.database_faults.words import MINE, TENANT


@dataclass(frozen=True, slots=True)
class Declared:
    """A decoy, and the keys of the kind `lints` that say that it is right."""

    decoy: Fault
    declares: Mapping[str, Mapping[str, str] | list[str]]


def _secured(table: str, extra: str = "") -> str:
    """Row-level security for a table of a tenant, as all the others have it."""
    return (
        f"alter table public.{table} enable row level security;"
        f" create policy {table}_select on public.{table} for select to authenticated using ({MINE});"
        f" grant select on public.{table} to authenticated; {extra}"
    )


def _keyed(table: str, columns: str = "") -> str:
    return (
        f"create table public.{table} (id uuid primary key default gen_random_uuid(),"
        f" client_id uuid not null references public.clients (id){', ' if columns else ''}{columns});"
        f" create index {table}_client on public.{table} (client_id);"
    )


def _decoy(name: str, right: str, do: str, undo: str) -> Fault:
    return Fault(f"right_{name}", right, InDatabase(do, undo))


def _declared(
    name: str, right: str, do: str, undo: str, **declares: Mapping[str, str] | list[str]
) -> Declared:
    return Declared(_decoy(name, right, do, undo), declares)


CLOSED = (
    _decoy(
        "closed_table",
        "row-level security without a policy, and no privileges: closed, without a declaration",
        "create table public.ledger_entries (id bigint generated always as identity primary key);"
        " alter table public.ledger_entries enable row level security;"
        " grant select on public.ledger_entries to service_role",
        "drop table public.ledger_entries",
    ),
)

POLICIES = (
    _decoy(
        "forced",
        "row-level security is forced on the owner too",
        f"{_keyed('vouchers')}"
        f" {_secured('vouchers', 'alter table public.vouchers force row level security')}",
        "drop table public.vouchers",
    ),
    _decoy(
        "forced_and_owned_by_the_login",
        "the API's login owns a table, and is held by its policies",
        f"{_keyed('vouchers')} {_secured('vouchers')} alter table public.vouchers force row level security;"
        " alter table public.vouchers owner to authenticator",
        "drop table public.vouchers",
    ),
    _decoy(
        "restrictive_ties_the_tenant",
        "a restrictive policy ties every command to the tenant, the permissive one opens what is left",
        f"{_keyed('vouchers', 'open boolean not null')}"
        " alter table public.vouchers enable row level security;"
        f" create policy vouchers_tenant on public.vouchers as restrictive to authenticated using ({MINE});"
        " create policy vouchers_open on public.vouchers to authenticated using (open) with check (open);"
        " grant select, insert on public.vouchers to authenticated",
        "drop table public.vouchers",
    ),
    _decoy(
        "restrictive_beside_true",
        "one restrictive policy ties all commands to the tenant, a permissive one says true",
        f"{_keyed('vouchers')} alter table public.vouchers enable row level security;"
        f" create policy vouchers_tenant on public.vouchers as restrictive to authenticated using ({MINE});"
        " create policy vouchers_all on public.vouchers to authenticated using (true) with check (true);"
        " grant select, insert, update on public.vouchers to authenticated",
        "drop table public.vouchers",
    ),
    _decoy(
        "membership_helper",
        "a policy asks a function of a private schema whether the caller is a member",
        "create function private.is_member(tenant uuid) returns boolean language sql stable security definer"
        " set search_path = '' as $$ select exists (select from public.admin_users"
        " where client_id = $1 and user_id = auth.uid()) $$;"
        " revoke all on function private.is_member(uuid) from public;"
        " grant execute on function private.is_member(uuid) to authenticated;"
        " alter policy orders_select on public.orders using (private.is_member(client_id))",
        f"alter policy orders_select on public.orders using ({MINE}); drop function private.is_member(uuid)",
    ),
    _decoy(
        "membership_subselect",
        "a policy looks the caller's tenants up in another table",
        "alter policy orders_select on public.orders using (client_id in"
        " (select a.client_id from public.admin_users a where a.user_id = (select auth.uid())))",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "membership_exists",
        "a policy asks whether a row of another table ties this one to the caller",
        "alter policy orders_select on public.orders using (exists (select from public.admin_users a"
        " where a.user_id = (select auth.uid()) and a.client_id = orders.client_id))",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "subselect_of_protected_table",
        "a sub-select without a caller, of a table whose own policies show the caller's rows only",
        "alter policy orders_select on public.orders using"
        " (client_id in (select c.id from public.clients c))",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "own_rows",
        "beside the tenant's rows a person sees those that he made",
        "create policy orders_own on public.orders for select to authenticated"
        " using (created_by = (select auth.uid()))",
        "drop policy orders_own on public.orders",
    ),
    _decoy(
        "any_of_several_tenants",
        "who belongs to several tenants brings them as a list",
        "alter policy orders_select on public.orders using (client_id::text = any (array(select"
        " jsonb_array_elements_text((select auth.jwt()) -> 'app_metadata' -> 'client_ids'))))",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "claim_that_must_be_there",
        "the policy says that the claim must be there, though = says so too",
        f"alter policy orders_select on public.orders using ({TENANT} is not null and {MINE})",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "not_distinct_and_never_null",
        "IS NOT DISTINCT FROM, over a column that is never null",
        f"alter policy orders_select on public.orders using (client_id is not distinct from {TENANT})",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "coalesce_to_nobody",
        "a missing claim is replaced by a tenant that can't be",
        "alter policy orders_select on public.orders using (client_id ="
        f" coalesce({TENANT}, '00000000-0000-0000-0000-000000000000'))",
        f"alter policy orders_select on public.orders using ({MINE})",
    ),
    _decoy(
        "closed_policy",
        "a policy that is always false",
        "create policy orders_never on public.orders for select to authenticated using (false)",
        "drop policy orders_never on public.orders",
    ),
    _decoy(
        "policy_for_the_service",
        "a policy that is true, for a role that no request runs as",
        "create policy orders_reader on public.orders for select to gate_reader using (true)",
        "drop policy orders_reader on public.orders",
    ),
    _decoy(
        "update_without_check",
        "without WITH CHECK the USING of an update stands in for it, and ties the tenant",
        f"{_keyed('vouchers')} {_secured('vouchers')}"
        f" create policy vouchers_update on public.vouchers for update to authenticated using ({MINE});"
        " grant update on public.vouchers to authenticated",
        "drop table public.vouchers",
    ),
    _decoy(
        "table_without_tenant",
        "a table of persons, not of tenants, tied to who asks",
        "create table public.preferences (user_id uuid primary key references auth.users (id), theme text);"
        " alter table public.preferences enable row level security;"
        " create policy own_preferences on public.preferences to authenticated"
        " using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));"
        " grant select, insert, update on public.preferences to authenticated",
        "drop table public.preferences",
    ),
    _decoy(
        "admin_table_without_tenant",
        "a table of the platform, for a role that only the platform gives",
        "create table public.feature_flags (name text primary key, enabled boolean not null);"
        " alter table public.feature_flags enable row level security;"
        " create policy staff on public.feature_flags to authenticated"
        " using (((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'staff')"
        " with check (((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'staff');"
        " grant select, update on public.feature_flags to authenticated",
        "drop table public.feature_flags",
    ),
)

CODE = (
    _decoy(
        "definer_in_private",
        "a SECURITY DEFINER function with a fixed search_path in a schema that is not served",
        "create function private.order_count(uuid) returns bigint language sql stable security definer"
        " set search_path = '' as $$ select count(*) from public.orders where client_id = $1 $$;"
        " revoke all on function private.order_count(uuid) from public;"
        " grant execute on function private.order_count(uuid) to authenticated",
        "drop function private.order_count(uuid)",
    ),
    _decoy(
        "trigger_function",
        "a trigger's function is executable by PUBLIC, and nobody can call it",
        "create function public.touch() returns trigger language plpgsql security definer"
        " set search_path = '' as $$ begin new.updated_at := now(); return new; end $$;"
        " create trigger orders_touch before update on public.orders for each row execute function"
        " public.touch()",
        "drop trigger orders_touch on public.orders; drop function public.touch()",
    ),
    _decoy(
        "atomic_body",
        "a body of the SQL standard's form needs no search_path: its names are already looked up",
        "create function public.full_name(e public.employees) returns text language sql stable"
        " return e.first_name || ' ' || e.last_name",
        "drop function public.full_name(public.employees)",
    ),
    _decoy(
        "security_invoker",
        "a view asks as its caller",
        "create view public.open_orders with (security_invoker = true) as"
        " select * from public.orders where status = 'pending';"
        " grant select on public.open_orders to authenticated",
        "drop view public.open_orders",
    ),
    _decoy(
        "security_invoker_spelled_otherwise",
        "security_invoker is on by another of its spellings, and below a view that is not",
        "create view private.open_orders with (security_invoker = yes) as"
        " select id, client_id from public.orders where status = 'pending';"
        " create view public.open_orders as select id from private.open_orders;"
        " grant select on public.open_orders, private.open_orders to authenticated",
        "drop view public.open_orders; drop view private.open_orders",
    ),
    _decoy(
        "view_that_asks_a_helper",
        "a view asks a SECURITY DEFINER function whether the caller is a member",
        "create function private.is_member(tenant uuid) returns boolean language sql stable security definer"
        " set search_path = '' as $$ select exists (select from public.admin_users"
        " where client_id = $1 and user_id = auth.uid()) $$;"
        " revoke all on function private.is_member(uuid) from public;"
        " create view public.my_sites with (security_invoker = true) as"
        " select * from public.sites where private.is_member(client_id);"
        " grant select on public.my_sites to authenticated",
        "drop view public.my_sites; drop function private.is_member(uuid)",
    ),
    _decoy(
        "rule_of_a_view",
        "a view says by a rule what writing it means",
        "create view public.open_orders with (security_invoker = true) as"
        " select id, client_id, status from public.orders where status = 'pending';"
        " create rule open_orders_close as on delete to public.open_orders do instead nothing;"
        " grant select on public.open_orders to authenticated",
        "drop view public.open_orders",
    ),
    _decoy(
        "monitoring_looks_at_files",
        "a role for monitoring may list the log's files, and connects as everybody may",
        "grant execute on function pg_ls_archive_statusdir() to gate_reader;"
        " grant connect, temporary on database postgres to gate_reader",
        "revoke execute on function pg_ls_archive_statusdir() from gate_reader;"
        " revoke connect, temporary on database postgres from gate_reader",
    ),
    _decoy(
        "internal_matview",
        "a materialised view that no API role may read",
        "create materialized view private.order_totals as"
        " select client_id, count(*) as orders from public.orders group by client_id",
        "drop materialized view private.order_totals",
    ),
)

_DEFERRED = "unique (client_id, position) deferrable initially deferred"
_RATES = "rate public.percent not null, rest integer generated always as (100 - rate) stored, tags text[]"

TABLES = (
    _decoy(
        "partitioned",
        "a partitioned table: its partitions have no privileges and need no policies of their own",
        "create table public.visits (client_id uuid not null references public.clients (id),"
        " seen date not null, primary key (client_id, seen)) partition by range (seen);"
        " create table private.visits_2026 partition of public.visits"
        " for values from ('2026-01-01') to ('2027-01-01');"
        f" {_secured('visits')}",
        "drop table public.visits",
    ),
    _decoy(
        "inherited",
        "an inherited table with row-level security and policies of its own",
        "create table public.rush_orders (rush_id uuid primary key default gen_random_uuid())"
        f" inherits (public.orders); {_secured('rush_orders')}",
        "drop table public.rush_orders",
    ),
    _decoy(
        "quoted_names",
        "names that need quotes: capitals, spaces, a quote, a key word, letters beyond ASCII",
        'create table public."Größen ""Ärmel""" ("order" uuid primary key, "client_id" uuid not null'
        ' references public.clients (id), "SELECT" text);'
        ' create index "Größen Index" on public."Größen ""Ärmel""" ("client_id");'
        ' alter table public."Größen ""Ärmel""" enable row level security;'
        ' create policy "nur eigene" on public."Größen ""Ärmel""" for select to authenticated'
        f' using ({MINE}); grant select on public."Größen ""Ärmel""" to authenticated',
        'drop table public."Größen ""Ärmel"""',
    ),
    _decoy(
        "column_named_like_a_function",
        "columns are called role, name and uid, as functions are",
        f"{_keyed('badges', 'role text, name text, uid uuid')} {_secured('badges')}",
        "drop table public.badges",
    ),
    _decoy(
        "partial_unique_indexes",
        "two partial unique indexes over the same column, for different rows",
        "create unique index sites_one_live on public.sites (client_id, domain) where status = 'active';"
        " create unique index sites_one_draft on public.sites (client_id, domain) where status = 'draft'",
        "drop index public.sites_one_live; drop index public.sites_one_draft",
    ),
    _decoy(
        "expression_indexes",
        "indexes over expressions, in both directions, by other methods",
        "create index products_upper on public.products (client_id, upper(name));"
        " create index products_backwards on public.products (client_id, name desc nulls last);"
        " create index products_hash on public.products using hash (name);"
        " create index products_pattern on public.products (client_id, name text_pattern_ops);"
        " create index products_plain on public.products (client_id, name)",
        "drop index public.products_upper, public.products_backwards, public.products_hash,"
        " public.products_pattern, public.products_plain",
    ),
    _decoy(
        "key_with_partial_index",
        "a foreign key that is mostly null has an index of the others only",
        "drop index public.orders_created_by_idx; create index orders_created_by_idx on public.orders"
        " (created_by)"
        " where created_by is not null",
        "drop index public.orders_created_by_idx; create index orders_created_by_idx on public.orders"
        " (created_by)",
    ),
    _decoy(
        "key_with_index_in_other_order",
        "a foreign key is served by an index with its columns in another order, and more behind",
        "drop index public.orders_site_idx;"
        " create index orders_site_idx on public.orders (site_id, client_id, created_at)",
        "drop index public.orders_site_idx; create index orders_site_idx on public.orders (client_id,"
        " site_id)",
    ),
    _decoy(
        "deferred_constraints",
        "constraints that are checked at the end of a transaction",
        f"{_keyed('steps', f'position integer not null, {_DEFERRED}')}"
        " alter table public.steps add foreign key (client_id) references public.clients (id)"
        f" deferrable initially deferred; {_secured('steps')}",
        "drop table public.steps",
    ),
    _decoy(
        "generated_columns_and_domains",
        "generated columns, a domain, an array, an exclusion constraint",
        "create domain public.percent as integer check (value between 0 and 100);"
        f" {_keyed('discounts', _RATES)}"
        f" {_secured('discounts')}",
        "drop table public.discounts; drop domain public.percent",
    ),
    _decoy(
        "unique_key_instead_of_primary",
        "no primary key, but another key that is never null",
        "create table private.tokens_seen (digest bytea not null unique, at timestamptz not null)",
        "drop table private.tokens_seen",
    ),
    _decoy(
        "identity_without_privileges",
        "an identity column: who may insert needs nothing of its sequence",
        "create table public.events (id integer generated always"
        " as identity (start with -2147483648 minvalue -2147483648) primary key,"
        " client_id uuid not null references public.clients (id));"
        " create index events_client on public.events (client_id); insert into public.events (client_id)"
        f" select id from public.clients; {_secured('events')}",
        "drop table public.events",
    ),
    _decoy(
        "sequences_that_turn_or_fall",
        "a sequence that starts again by design, one that counts down, one that was never used",
        "create sequence public.slots maxvalue 10 cycle; select setval('public.slots', 10);"
        " create sequence public.countdown increment -1 minvalue -1000000 maxvalue -1;"
        " select nextval('public.countdown'); create sequence public.unused",
        "drop sequence public.slots; drop sequence public.countdown; drop sequence public.unused",
    ),
    _decoy(
        "service_may_do_all",
        "the service's role has every privilege, and default ones",
        "grant all on public.orders to service_role;"
        " alter default privileges for role postgres in schema public grant all on tables to service_role",
        "revoke all on public.orders from service_role;"
        " grant select, insert, update, delete on public.orders to service_role;"
        " alter default privileges for role postgres in schema public revoke all on tables from service_role",
    ),
    _decoy(
        "publication_of_some",
        "a publication of some tables for a warehouse, and one that clients listen to",
        "create publication warehouse for table public.orders, public.products;"
        " create publication supabase_realtime for table public.orders",
        "drop publication warehouse; drop publication supabase_realtime",
    ),
    _decoy(
        "trigger_always",
        "a trigger that fires on replicas too",
        "create function private.touch() returns trigger language plpgsql set search_path = '' as"
        " $$ begin return new; end $$; create trigger orders_touch before update on public.orders"
        " for each row execute function private.touch();"
        " alter table public.orders enable always trigger orders_touch",
        "drop trigger orders_touch on public.orders; drop function private.touch()",
    ),
    _decoy(
        "another_schema",
        "a schema that no API role may use: what is in it is nobody's",
        "create schema warehouse; create table warehouse.facts (client_id uuid, amount integer);"
        " grant select on warehouse.facts to authenticated",
        "drop schema warehouse cascade",
    ),
)

DECOYS = (*CLOSED, *POLICIES, *CODE, *TABLES)

DECLARED = (
    _declared(
        "lookup_table",
        "countries are the same for everybody, and nobody may write them",
        "create table public.countries (code text primary key, name text not null);"
        " alter table public.countries enable row level security;"
        " create policy countries_read on public.countries for select using (true);"
        " grant select on public.countries to anon, authenticated",
        "drop table public.countries",
        public={"public.countries": "reference data"},
    ),
    _declared(
        "lookup_table_without_rls",
        "currencies are readable for all, without row-level security, and nobody may write them",
        "create table public.currencies (code text primary key);"
        " grant select on public.currencies to anon, authenticated",
        "drop table public.currencies",
        public={"public.currencies": "reference data"},
    ),
    _declared(
        "view_of_public_data",
        "a view over a lookup table reads as its owner",
        "create table public.countries (code text primary key, name text not null);"
        " alter table public.countries enable row level security;"
        " create policy countries_read on public.countries for select using (true);"
        " create view public.country_names as select name from public.countries;"
        " grant select on public.countries, public.country_names to anon, authenticated",
        "drop view public.country_names; drop table public.countries",
        public={"public.countries": "reference data"},
    ),
    _declared(
        "support_staff",
        "support staff read the orders of every tenant, by a claim that only the platform writes",
        "create policy orders_support on public.orders for select to authenticated"
        " using (((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'support')",
        "drop policy orders_support on public.orders",
        public={"public.orders.orders_support": "support staff see all tenants"},
    ),
    _declared(
        "contact_form",
        "anybody may leave a message, and nobody may read one",
        "create table public.inquiries (id uuid primary key default gen_random_uuid(), body text not null);"
        " alter table public.inquiries enable row level security;"
        " create policy anybody_asks on public.inquiries for insert to anon, authenticated with check (true);"
        " grant insert on public.inquiries to anon, authenticated",
        "drop table public.inquiries",
        public={"public.inquiries.anybody_asks": "the contact form"},
    ),
    _declared(
        "public_function",
        "a function that runs as its owner is meant for everybody",
        "create function public.status() returns text language sql stable security definer"
        " set search_path = '' as $$ select count(*)::text from public.clients $$",
        "drop function public.status()",
        public={"public.status": "the status page"},
    ),
    _declared(
        "public_bucket",
        "logos are public, and may be listed",
        "create schema storage; grant usage on schema storage to anon;"
        " create table storage.buckets (id text primary key, name text, public boolean,"
        " file_size_limit bigint, allowed_mime_types text[]);"
        " insert into storage.buckets values ('logos', 'logos', true, 100000, '{image/svg+xml}');"
        " create table storage.objects (id uuid primary key, bucket_id text, name text, owner uuid);"
        " alter table storage.objects enable row level security; grant select on storage.objects to anon;"
        " create policy logos on storage.objects for select to anon using (bucket_id = 'logos')",
        "drop schema storage cascade",
        public={"bucket logos": "shown on the landing page"},
    ),
    _declared(
        "service_only",
        "a queue for the service alone: row-level security without a policy keeps all others out",
        "create table public.jobs (id bigint generated always as identity primary key, body jsonb);"
        " alter table public.jobs enable row level security;"
        " grant select, insert, update, delete on public.jobs to authenticated, service_role",
        "drop table public.jobs",
        service_only={"public.jobs": "only the worker"},
    ),
    _declared(
        "restrictive_beside_permissive",
        "a restrictive policy asks for a second factor beside the permissive ones",
        "create policy orders_aal2 on public.orders as restrictive to authenticated"
        " using (((select auth.jwt()) ->> 'aal') = 'aal2')",
        "drop policy orders_aal2 on public.orders",
        restrictive=["public.orders.orders_aal2"],
    ),
    _declared(
        "telling_column_names",
        "columns whose names only sound like secrets, readable by anybody",
        "create table public.models (id uuid primary key, token_count integer, password_changed_at"
        " timestamptz,"
        " secretary text, pin_color text, key text);"
        " grant select on public.models to anon",
        "drop table public.models",
        public={"public.models": "the list of models"},
    ),
)
