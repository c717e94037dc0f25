"""Indexes, constraints and sequences that do not do what they are for."""

from suites.standins.wecelebrate.database_faults.words import CATALOG, fault

INDEXES = (
    fault(
        "lint_foreign_key_unindexed",
        "a foreign key has lost its index",
        "drop index public.orders_product_idx",
        "create index orders_product_idx on public.orders (client_id, product_id)",
    ),
    fault(
        "lint_index_duplicate",
        "an index is there twice",
        "create index orders_status_again on public.orders (client_id, status)",
        "drop index public.orders_status_again",
    ),
    fault(
        "lint_index_invalid",
        "an index that was built concurrently is not valid",
        CATALOG.format("indisvalid = false", "orders_status_idx"),
        CATALOG.format("indisvalid = true", "orders_status_idx"),
    ),
    fault(
        "lint_index_not_ready",
        "an index that was built concurrently is not ready",
        CATALOG.format("indisready = false, indisvalid = false", "sites_domain_idx"),
        CATALOG.format("indisready = true, indisvalid = true", "sites_domain_idx"),
    ),
    fault(
        "lint_primary_key_lost",
        "a table has lost its primary key",
        "create table public.notes (id uuid, body text)",
        "drop table public.notes",
    ),
    fault(
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
    fault(
        "lint_check_not_validated",
        "a check was never validated",
        "alter table public.orders add constraint orders_small check (quantity < 1000) not valid",
        "alter table public.orders drop constraint orders_small",
    ),
    fault(
        "lint_key_not_validated",
        "a foreign key was never validated",
        "alter table public.payments drop constraint payments_client_id_fkey;"
        " alter table public.payments add constraint payments_client_id_fkey"
        " foreign key (client_id) references public.clients (id) not valid",
        "alter table public.payments validate constraint payments_client_id_fkey",
    ),
    fault(
        "lint_all_triggers_disabled",
        "all triggers of orders were disabled for an import, its foreign keys with them",
        "alter table public.orders disable trigger all",
        "alter table public.orders enable trigger all",
    ),
    fault(
        "lint_trigger_disabled",
        "a trigger was disabled for an import",
        f"{_CALLED} alter table public.orders disable trigger orders_touch",
        "drop trigger orders_touch on public.orders; drop function private.touch()",
    ),
)

SEQUENCES = (
    fault(
        "lint_sequence_near_end",
        "the order numbers are nearly used up",
        "do $$ begin execute format('alter sequence public.order_numbers maxvalue %s',"
        " (select last_value + 10 from public.order_numbers)); end $$",
        "alter sequence public.order_numbers no maxvalue",
    ),
    fault(
        "lint_sequence_outgrows_column",
        "an integer column cannot hold what its sequence will hand out",
        "create table public.notes (id integer primary key); create sequence public.notes_ids owned by"
        " public.notes.id; alter table public.notes alter id set default nextval('public.notes_ids');"
        " select setval('public.notes_ids', 2000000000)",
        "drop table public.notes",
    ),
    fault(
        "lint_sequence_behind",
        "the numbers of the audit log start again",
        "alter sequence public.audit_logs_id_seq restart with 1",
        "select setval('public.audit_logs_id_seq', (select max(id) from public.audit_logs))",
    ),
)

FAULTS = (*INDEXES, *CONSTRAINTS, *SEQUENCES)
