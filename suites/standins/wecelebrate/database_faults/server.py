"""What a migration leaves where nobody looks: rules, privileges on the database and the system, feeds."""

from suites.standins.kit.faults import Fault, InDatabase

TENANT = "((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid"
_ORDERS = "alter policy orders_select on public.orders using"
_JWT = """
create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$
"""
"""As it was, to the last blank: a dump shows it."""

_BY_MEMBERSHIP = "(client_id in (select m.client_id from public.memberships as m))"


def _fault(name: str, breaks: str, do: str, undo: str) -> Fault:
    return Fault(f"server_{name}", breaks, InDatabase(do, undo))


FAULTS = (
    _fault(
        "rule_swallows_deletes",
        "a rule keeps orders from being deleted, and whoever deletes is told that it went well",
        "create rule orders_kept as on delete to public.orders do instead nothing",
        "drop rule orders_kept on public.orders",
    ),
    _fault(
        "database_created_in",
        "signed-in users may create schemas in the database",
        "grant create on database postgres to authenticated",
        "revoke create on database postgres from authenticated",
    ),
    _fault(
        "temporary_tables",
        "every role may make temporary tables again, which are looked at before all others",
        "grant temporary on database postgres to public",
        "revoke temporary on database postgres from public",
    ),
    _fault(
        "files_readable",
        "signed-in users may read the server's files",
        "grant execute on function pg_read_file(text) to authenticated",
        "revoke execute on function pg_read_file(text) from authenticated",
    ),
    _fault(
        "hashes_readable",
        "the application's login may read the hashes of all passwords",
        "grant select (rolname, rolpassword) on pg_authid to authenticator",
        "revoke select (rolname, rolpassword) on pg_authid from authenticator",
    ),
    _fault(
        "triggers_switchable",
        "signed-in users may switch triggers and foreign keys off for their session",
        "grant set on parameter session_replication_role to authenticated",
        "revoke set on parameter session_replication_role from authenticated",
    ),
    _fault(
        "triggers_off_for_login",
        "sessions of the application fire no trigger and hold no foreign key",
        "alter role authenticator set session_replication_role = replica",
        "alter role authenticator reset session_replication_role",
    ),
    _fault(
        "subscription",
        "the database takes rows from another one, as it did while it was moved",
        "create subscription moved connection 'host=127.0.0.1 port=1 dbname=old' publication everything"
        " with (connect = false, slot_name = none)",
        "drop subscription moved",
    ),
    _fault(
        "extension_extra",
        "an extension that opens connections to other databases was left behind",
        "create extension dblink schema extensions",
        "drop extension dblink",
    ),
    _fault(
        "login_expired",
        "the password of the application's login is no longer valid",
        "alter role authenticator valid until '2020-01-01'",
        "alter role authenticator valid until 'infinity'",
    ),
    _fault(
        "numbers_begin_anew",
        "order numbers begin anew after an import: the next orders are refused",
        "do $$ begin execute format('comment on sequence public.order_numbers is %L',"
        " (select last_value from public.order_numbers)); end $$;"
        " alter sequence public.order_numbers restart with 1001",
        "select setval('public.order_numbers',"
        " obj_description('public.order_numbers'::regclass, 'pg_class')::bigint);"
        " comment on sequence public.order_numbers is null",
    ),
    _fault(
        "claims_of_users_trusted",
        "what users write about themselves is taken for what the platform says of them",
        "create or replace function auth.jwt() returns jsonb language sql stable as $$"
        " select jsonb_set(claims, '{app_metadata}', coalesce(claims -> 'app_metadata', '{}')"
        " || coalesce(claims -> 'user_metadata', '{}'))"
        " from (select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb)"
        " as t (claims) $$",
        _JWT,
    ),
    _fault(
        "accounts_promoted",
        "a trigger on the accounts takes over what users write about themselves",
        "create function private.promote() returns trigger language plpgsql security definer"
        " set search_path = '' as $$ begin new.raw_app_meta_data := new.raw_app_meta_data ||"
        " new.raw_user_meta_data; return new; end $$;"
        " alter function private.promote() owner to postgres;"
        " revoke all on function private.promote() from public;"
        " create trigger promote before update on auth.users for each row execute function private.promote()",
        "drop trigger promote on auth.users; drop function private.promote()",
    ),
    _fault(
        "anonymous_signed_in",
        "whoever is not signed in has all rights of those who are",
        "alter role anon inherit; grant authenticated to anon",
        "revoke authenticated from anon; alter role anon noinherit",
    ),
    _fault(
        "members_by_themselves",
        "orders go by memberships, and everybody may become a member of any tenant",
        "create table public.memberships (user_id uuid not null, client_id uuid not null"
        " references public.clients (id), primary key (user_id, client_id));"
        " create index memberships_client_idx on public.memberships (client_id);"
        " insert into public.memberships"
        " select id, (raw_app_meta_data ->> 'client_id')::uuid from auth.users;"
        " alter table public.memberships enable row level security;"
        " create policy memberships_select on public.memberships for select to authenticated"
        " using (user_id = (select auth.uid()));"
        " create policy memberships_insert on public.memberships for insert to authenticated"
        " with check (user_id = (select auth.uid()));"
        " grant select, insert on public.memberships to authenticated;"
        " grant select on public.memberships to service_role;"
        " alter table public.memberships owner to postgres;"
        f" {_ORDERS} {_BY_MEMBERSHIP}",
        f"{_ORDERS} (client_id = {TENANT}); drop table public.memberships",
    ),
    _fault(
        "check_not_valid",
        "prices are held to no rule that were there before a migration",
        "alter table public.products drop constraint products_price_cents_check,"
        " add constraint products_price_cents_check check (price_cents >= 0) not valid",
        "alter table public.products validate constraint products_price_cents_check",
    ),
    _fault(
        "keys_deferred",
        "orders may name employees that there are not, until the transaction ends",
        "alter table public.orders alter constraint orders_client_id_employee_id_fkey"
        " deferrable initially deferred",
        "alter table public.orders alter constraint orders_client_id_employee_id_fkey not deferrable",
    ),
    _fault(
        "function_of_superuser",
        "the function that tells whose a row is belongs to a superuser",
        "alter function private.tenant_of(text, text) owner to supabase_admin",
        "alter function private.tenant_of(text, text) owner to postgres",
    ),
    _fault(
        "function_parallel",
        "a function is said to be safe in parallel plans, which nobody looked at",
        "alter function private.tenant_of(text, text) parallel safe",
        "alter function private.tenant_of(text, text) parallel unsafe",
    ),
    _fault(
        "collation",
        "names of products are sorted by bytes",
        'alter table public.products alter column name type text collate "C"',
        "alter table public.products alter column name type text",
    ),
    _fault(
        "private_schema_open",
        "whoever is not signed in may look names up in the private schema",
        "grant usage on schema private to anon",
        "revoke usage on schema private from anon",
    ),
)
