"""What is granted to whom: privileges, roles, files in storage, changes that are published."""

from suites.standins.wecelebrate.database_faults.words import (
    DROP,
    GRANTED,
    NO_STORAGE,
    SECURED,
    STORAGE_SCHEMA,
    fault,
    table,
)

GRANTS = (
    fault(
        "lint_grant_public",
        "every role may read products",
        "grant select on public.products to public",
        "revoke select on public.products from public",
    ),
    fault(
        "lint_grant_anonymous",
        "anon may change products, but for row-level security",
        "grant insert, update, delete on public.products to anon",
        "revoke insert, update, delete on public.products from anon",
    ),
    fault(
        "lint_grant_truncate",
        "who is signed in may empty orders",
        "grant truncate on public.orders to authenticated",
        "revoke truncate on public.orders from authenticated",
    ),
    fault(
        "lint_grant_trigger",
        "who is signed in may hang a trigger on orders",
        "grant trigger, references on public.orders to authenticated",
        "revoke trigger, references on public.orders from authenticated",
    ),
    fault(
        "lint_grant_create",
        "everybody may create in public",
        "grant create on schema public to public",
        "revoke create on schema public from public",
    ),
    fault(
        "lint_default_privileges",
        "tables that come are open to anon",
        "alter default privileges for role postgres in schema public grant select on tables to anon",
        "alter default privileges for role postgres in schema public revoke select on tables from anon",
    ),
    fault(
        "lint_secret_column",
        "anybody may read a column of tokens",
        table(
            "reset_token text", f"{SECURED} {GRANTED} grant select (reset_token) on public.vouchers to anon"
        ),
        DROP,
    ),
    fault(
        "lint_grant_option",
        "who is signed in may pass on the right to read sites",
        "grant select on public.sites to authenticated with grant option",
        "revoke grant option for select on public.sites from authenticated",
    ),
    fault(
        "lint_sequence_settable",
        "who is signed in may set the order numbers",
        "grant update on sequence public.order_numbers to authenticated",
        "revoke update on sequence public.order_numbers from authenticated",
    ),
)

ROLES = (
    fault(
        "lint_role_bypass",
        "no policy holds for authenticated",
        "alter role authenticated bypassrls",
        "alter role authenticated nobypassrls",
    ),
    fault(
        "lint_role_superuser",
        "the API connects as a superuser",
        "alter role authenticator superuser",
        "alter role authenticator nosuperuser",
    ),
    fault(
        "lint_role_member_of_service",
        "authenticated is a member of service_role",
        "grant service_role to authenticated",
        "revoke service_role from authenticated",
    ),
    fault(
        "lint_login_becomes_owner",
        "the API's login may become the owner of all tables",
        "grant postgres to authenticator",
        "revoke postgres from authenticator",
    ),
    fault(
        "lint_login_creates_roles",
        "the API's login may create roles",
        "alter role authenticator createrole",
        "alter role authenticator nocreaterole",
    ),
    fault(
        "lint_login_reads_all",
        "the API's login is a member of pg_read_all_data",
        "grant pg_read_all_data to authenticator",
        "revoke pg_read_all_data from authenticator",
    ),
    fault("lint_anon_logs_in", "anon may log in", "alter role anon login", "alter role anon nologin"),
    fault(
        "lint_api_role_owns",
        "a table belongs to authenticated",
        table(after=f"{SECURED} alter table public.vouchers owner to authenticated"),
        DROP,
    ),
    fault(
        "lint_role_row_security_off",
        "the API's login has row_security off",
        "alter role authenticator set row_security = off",
        "alter role authenticator reset row_security",
    ),
)

_BUCKET = "insert into storage.buckets values ('{}', '{}', {}, 1000000, '{{image/png}}')"

STORAGE = (
    fault(
        "lint_bucket_public",
        "a bucket is public",
        f"{STORAGE_SCHEMA} {_BUCKET.format('invoices', 'invoices', 'true')}",
        NO_STORAGE,
    ),
    fault(
        "lint_storage_policy_bucket",
        "all files of a bucket are open to who is signed in",
        f"{STORAGE_SCHEMA} create policy invoices_read on storage.objects for select to authenticated"
        " using (bucket_id = 'invoices')",
        NO_STORAGE,
    ),
    fault(
        "lint_storage_upload_any",
        "files can be put where another tenant's are",
        f"{STORAGE_SCHEMA} grant insert on storage.objects to authenticated; create policy uploads on"
        " storage.objects"
        " for insert to authenticated with check (bucket_id = 'uploads' and (select auth.uid()) is not null)",
        NO_STORAGE,
    ),
)

_MESSAGES = (
    "create schema realtime; grant usage on schema realtime to authenticated;"
    " create table realtime.messages (id bigint primary key, topic text, extension text);"
    " alter table realtime.messages enable row level security; grant select on realtime.messages to"
    " authenticated;"
)

REPLICATION = (
    fault(
        "lint_publication_all",
        "all tables are published",
        "create publication warehouse for all tables",
        "drop publication warehouse",
    ),
    fault(
        "lint_publication_leaks",
        "clients can listen to a column that they may not read",
        table(
            "device_key text",
            f"{SECURED} grant select (id, client_id) on public.vouchers to authenticated;"
            " create publication supabase_realtime for table public.vouchers",
        ),
        f"drop publication supabase_realtime; {DROP}",
    ),
    fault(
        "lint_publication_open",
        "clients can listen to a table without row-level security",
        table(after=f"{GRANTED} create publication supabase_realtime for table public.vouchers"),
        f"drop publication supabase_realtime; {DROP}",
    ),
    fault(
        "lint_publication_old_rows",
        "changes of orders carry the whole old row",
        "alter table public.orders replica identity full;"
        " create publication supabase_realtime for table public.orders",
        "drop publication supabase_realtime; alter table public.orders replica identity default",
    ),
    fault(
        "lint_realtime_topics",
        "who may listen to one private channel may listen to all",
        f"{_MESSAGES} create policy listen on realtime.messages for select to authenticated"
        " using (extension = 'broadcast')",
        "drop schema realtime cascade",
    ),
)

FAULTS = (*GRANTS, *ROLES, *STORAGE, *REPLICATION)
