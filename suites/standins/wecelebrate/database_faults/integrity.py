"""What a bad import or migration does to rows, and to how the server works with them."""

from suites.standins.kit.faults import Fault, InDatabase
from suites.standins.kit.sessions import Archive, OpenTransaction

TENANT = "((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid"
WITHOUT_TRIGGERS = "set local session_replication_role = replica;"
"""As imports do, and pg_restore --disable-triggers: no foreign key is looked at."""

NOWHERE = "'00000000-0000-4000-8000-000000000000'"
GLOBEX = "(select id from public.clients where slug = 'globex')"
WORKER = "wecelebrate-worker"


def _fault(name: str, breaks: str, do: str, undo: str) -> Fault:
    return Fault(f"integrity_{name}", breaks, InDatabase(do, undo))


def _rows(name: str, breaks: str, table: str, do: str) -> Fault:
    """Rows of one table are changed; undone, they stand in their old order, as a dump shows them."""
    return _fault(
        name,
        breaks,
        f"create schema kept; create table kept.rows as table public.{table}; {WITHOUT_TRIGGERS} {do}",
        f"{WITHOUT_TRIGGERS} delete from public.{table};"
        f" insert into public.{table} select * from kept.rows; drop schema kept cascade",
    )


def _added(name: str, breaks: str, table: str, row: str) -> Fault:
    """A row more, whose id tells that it is a fault's."""
    return _fault(
        name,
        breaks,
        f"{WITHOUT_TRIGGERS} insert into public.{table} {row}",
        f"{WITHOUT_TRIGGERS} delete from public.{table} where id = {NOWHERE}",
    )


_ORDER = (
    f"(id, client_id, site_id, employee_id, product_id, order_number, quantity, total_cents)"
    f" select {NOWHERE}, client_id, site_id, {{employee}}, {{product}}, 'WC-0', 1, 100"
    " from public.orders limit 1"
)
_ORPHAN = _ORDER.format(employee=NOWHERE, product="product_id")
_DROP = "alter table public.orders drop constraint orders_client_id_employee_id_fkey"
_ADD = (
    "alter table public.orders add constraint orders_client_id_employee_id_fkey"
    " foreign key (client_id, employee_id) references public.employees (client_id, id)"
)

ORPHANS = (
    _added(
        "orphan_order",
        "an import wrote an order of a product that is not there",
        "orders",
        _ORDER.format(employee="null", product=NOWHERE),
    ),
    _rows(
        "orphan_audit",
        "the audit log names an administrator who was not imported",
        "audit_logs",
        f"update public.audit_logs set admin_user_id = {NOWHERE}"
        " where id = (select min(id) from public.audit_logs)",
    ),
    _rows(
        "orphan_other_tenant",
        "an employee is at a site that belongs to the other tenant",
        "employees",
        "update public.employees set site_id ="
        f" (select id from public.sites where client_id = {GLOBEX} order by slug limit 1)"
        " where email = 'employee1@acme.example'",
    ),
    _rows(
        "orphans_of_deleted",
        "accounts were deleted from the administrators, what they did is still there",
        "admin_users",
        f"delete from public.admin_users where client_id = {GLOBEX};"
        " insert into public.admin_users (id, client_id, user_id, email)"
        f" select {NOWHERE}, client_id, user_id, email from kept.rows where client_id = {GLOBEX}",
    ),
    _fault(
        "orphan_not_validated",
        "a foreign key came back NOT VALID after an import",
        f"{_DROP}; insert into public.orders {_ORPHAN}; {_ADD} not valid",
        f"{_DROP}; delete from public.orders where id = {NOWHERE}; {_ADD}",
    ),
    _fault(
        "orphan_without_key",
        "a foreign key was dropped for an import, and not made again",
        f"{_DROP}; insert into public.orders {_ORPHAN}",
        f"delete from public.orders where id = {NOWHERE}; {_ADD}",
    ),
)

COUNTS = (
    _rows(
        "rows_lost",
        "a clean-up with a wrong WHERE deleted half of the analytics events",
        "analytics_events",
        "delete from public.analytics_events where id % 2 = 0",
    ),
    _rows(
        "rows_of_a_tenant_lost",
        "the messages of one tenant were not imported",
        "messages",
        f"delete from public.messages where client_id = {GLOBEX}",
    ),
    _rows(
        "table_emptied",
        "a table was recreated instead of altered, so it is empty",
        "site_price_overrides",
        "delete from public.site_price_overrides",
    ),
    _added(
        "test_data_left",
        "a client of a test is left in production",
        "clients",
        f"(id, name, slug, contact_email) values ({NOWHERE}, 'Test', 'test', 'test@test.example')",
    ),
    _fault(
        "rows_duplicated",
        "a unique key was dropped, and an import ran twice",
        "alter table public.products drop constraint products_client_id_sku_key;"
        f" insert into public.products (id, client_id, catalog_id, sku, name, category, price_cents)"
        f" select {NOWHERE}, client_id, catalog_id, sku, name, category, price_cents"
        " from public.products where sku = 'ACME-0001'",
        f"delete from public.products where id = {NOWHERE};"
        " alter table public.products add constraint products_client_id_sku_key unique (client_id, sku)",
    ),
)

RULES = (
    _rows(
        "no_administrator",
        "the only administrator of a tenant is inactive",
        "admin_users",
        f"update public.admin_users set status = 'inactive' where client_id = {GLOBEX}",
    ),
    _rows(
        "totals_lost",
        "a migration of amounts set the totals of old orders to nothing",
        "orders",
        "update public.orders set total_cents = 0 where reference like '%-REF-00_'",
    ),
    _fault(
        "passwords_in_clear",
        "an import of accounts wrote their passwords as they are",
        "insert into auth.users (id, email, encrypted_password)"
        f" values ({NOWHERE}, 'import@acme.example', 'Secret-of-nobody-1')",
        f"delete from auth.users where id = {NOWHERE}",
    ),
    _rows(
        "nothing_to_give",
        "the products of a tenant were switched off",
        "products",
        f"update public.products set status = 'inactive' where client_id = {GLOBEX}",
    ),
    _rows(
        "json_numbers_as_text",
        "a migration rewrote the payload of events with numbers as text",
        "analytics_events",
        "update public.analytics_events set payload = jsonb_build_object('n', payload ->> 'n')",
    ),
    _rows(
        "json_of_text",
        "details were encoded twice: a text that holds JSON",
        "audit_logs",
        "update public.audit_logs set details = to_jsonb(details::text)",
    ),
    _rows(
        "json_key_of_another_type",
        "a setting is stored as yes or no, where true or false is read",
        "site_catalog_config_history",
        'update public.site_catalog_config_history set changes = \'{"show_prices": "yes"}\'',
    ),
)

WORK = (
    _fault(
        "statement_slow",
        "a report of the application takes 400 ms",
        "; ".join(["select count(*) from public.orders, pg_sleep(0.4)"] * 5),
        "select extensions.pg_stat_statements_reset(userid, dbid, queryid)"
        " from extensions.pg_stat_statements where query like 'select count(*) from %, pg_sleep(%'",
    ),
    _fault(
        "never_analysed",
        "a migration filled a table that autovacuum leaves alone, and did not analyse it",
        "create table public.price_history (n int) with (autovacuum_enabled = off);"
        " insert into public.price_history select generate_series(1, 5000)",
        "drop table public.price_history",
    ),
    _fault(
        "scanned_from_end_to_end",
        "a large table without an index is read whole for each lookup",
        "create table public.lookups (n int); insert into public.lookups select generate_series(1, 12000);"
        " analyze public.lookups; do $$ begin for n in 1..150 loop"
        " perform from public.lookups as l where l.n = 7; end loop; end $$",
        "drop table public.lookups",
    ),
    _fault(
        "cache_flooded",
        "a report reads a table from end to end, again and again, and finds little of it in the cache",
        "select pg_stat_reset(); create table public.reports with (fillfactor = 10) as"
        " select repeat(md5(n::text), 60) as line from generate_series(1, 5000) as n; analyze public.reports;"
        " do $$ begin for n in 1..40 loop perform count(*) from public.reports; end loop; end $$",
        "drop table public.reports; select pg_stat_reset();"
        " do $$ begin for n in 1..2000 loop perform count(*) from pg_catalog.pg_attribute; end loop; end $$",
    ),
    _fault(
        "copy_left_behind",
        "the copy of a table that a migration made is still there",
        "create table public.orders_backup (content text);"
        " alter table public.orders_backup alter content set storage external;"
        " insert into public.orders_backup select repeat('x', 1000000) from generate_series(1, 80);"
        " analyze public.orders_backup",
        "drop table public.orders_backup",
    ),
    Fault(
        "integrity_idle_in_transaction",
        "a worker begins a transaction and does not end it",
        OpenTransaction("authenticator", WORKER, "select 1", seconds=3.2),
    ),
    Fault(
        "integrity_waiting_for_a_lock",
        "a worker holds a row that another one waits for",
        OpenTransaction(
            "postgres", WORKER, "select id from public.clients for update", seconds=3.2, waits=True
        ),
    ),
    _fault(
        "slot_left_over",
        "a standby was removed, its slot was not: the log is kept for nobody",
        "select pg_create_physical_replication_slot('removed_standby', true);"
        " select count(pg_logical_emit_message(false, 'filler', repeat('x', 1000000)))"
        " from generate_series(1, 6)",
        "select pg_drop_replication_slot('removed_standby')",
    ),
    Fault(
        "integrity_archive_failing",
        "the archive refuses what is sent to it",
        Archive("false", "true"),
    ),
)

PLANS = (
    _fault(
        "index_dropped",
        "the index by which orders are listed was dropped",
        "drop index public.orders_created_at_idx",
        "create index orders_created_at_idx on public.orders (client_id, created_at desc)",
    ),
    _fault(
        "index_of_another_order",
        "the index of the audit log was made again, without the tenant",
        "drop index public.audit_logs_created_at_idx;"
        " create index audit_logs_created_at_idx on public.audit_logs (action, created_at desc)",
        "drop index public.audit_logs_created_at_idx;"
        " create index audit_logs_created_at_idx on public.audit_logs (client_id, created_at desc)",
    ),
    _fault(
        "policy_for_each_row",
        "a policy looks up the tenant anew for each row",
        "alter policy orders_select on public.orders using"
        f" (client_id = {TENANT} and private.tenant_of('orders', id::text) = {TENANT})",
        f"alter policy orders_select on public.orders using (client_id = {TENANT})",
    ),
)

FAULTS = (*ORPHANS, *COUNTS, *RULES, *WORK, *PLANS)
