"""What faults of the database are written with: SQL, a table of a tenant to break, its policies, storage."""

from suites.standins.kit.faults import Fault, InDatabase

TENANT = "((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid"
MINE = f"client_id = {TENANT}"


def fault(name: str, breaks: str, do: str, undo: str) -> Fault:
    """A fault of SQL that does it, and SQL that undoes it."""
    return Fault(name, breaks, InDatabase(do, undo))


def policy(name: str, breaks: str, policy: str, wrong: str, right: str = f"using ({MINE})") -> Fault:
    """A policy of orders, products ... whose expression is another."""
    table = policy.rpartition("_")[0]
    alter = f"alter policy {policy} on public.{table}"
    return fault(name, breaks, f"{alter} {wrong}", f"{alter} {right}")


def table(columns: str = "", after: str = "") -> str:
    """A new table of a tenant, without row-level security."""
    return (
        "create table public.vouchers (id uuid primary key default gen_random_uuid(), client_id uuid not null"
        f"{', ' if columns else ''}{columns}); {after}"
    )


SECURED = (
    "alter table public.vouchers enable row level security;"
    f" create policy vouchers_select on public.vouchers for select to authenticated using ({MINE});"
)
GRANTED = "grant select on public.vouchers to authenticated;"
DROP = "drop table public.vouchers"
PARTS = (
    "create table public.visits (client_id uuid not null, seen date not null, primary key (client_id, seen))"
    " partition by range (seen);"
    " create table public.visits_2026 partition of public.visits"
    " for values from ('2026-01-01') to ('2027-01-01');"
)
STORAGE_SCHEMA = (
    "create schema storage; grant usage on schema storage to authenticated;"
    " create table storage.buckets (id text primary key, name text not null, public boolean default false,"
    " file_size_limit bigint, allowed_mime_types text[]);"
    " create table storage.objects (id uuid primary key default gen_random_uuid(), bucket_id text, name text,"
    " owner uuid);"
    " alter table storage.buckets enable row level security;"
    " alter table storage.objects enable row level security;"
    " grant select on storage.objects to authenticated;"
)
NO_STORAGE = "drop schema storage cascade"
CATALOG = (
    "set local allow_system_table_mods = on; update pg_index set {} where indexrelid = 'public.{}'::regclass"
)
