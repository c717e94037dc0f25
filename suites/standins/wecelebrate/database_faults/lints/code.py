"""Functions and views that pass row-level security by."""

from suites.standins.wecelebrate.database_faults.words import fault

FUNCTIONS = (
    fault(
        "lint_definer_path",
        "a SECURITY DEFINER function has no search_path",
        "create function private.purge() returns void language sql security definer as"
        " $$ delete from public.messages $$; revoke all on function private.purge() from public",
        "drop function private.purge()",
    ),
    fault(
        "lint_definer_path_writable",
        "a SECURITY DEFINER function looks where everybody may create",
        "create schema shared; grant usage, create on schema shared to authenticated;"
        " create function private.purge() returns void language sql security definer"
        " set search_path = shared as $$ delete from public.messages $$;"
        " revoke all on function private.purge() from public",
        "drop function private.purge(); drop schema shared",
    ),
    fault(
        "lint_definer_served",
        "a SECURITY DEFINER function can be called through the API without a login",
        "create function public.all_orders() returns setof public.orders language sql stable security definer"
        " set search_path = '' as $$ select * from public.orders $$",
        "drop function public.all_orders()",
    ),
    fault(
        "lint_function_path",
        "a function has no fixed search_path",
        "create function public.order_total(integer, integer) returns integer language plpgsql immutable as"
        " $$ begin return $1 * $2; end $$",
        "drop function public.order_total(integer, integer)",
    ),
    fault(
        "lint_function_anonymous",
        "anybody may call a function that writes",
        "create function public.track(kind text) returns void language sql set search_path = '' as"
        " $$ insert into public.analytics_events (client_id, site_id, event_type)"
        " select client_id, id, $1 from public.sites $$",
        "drop function public.track(text)",
    ),
    fault(
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
    fault(
        "lint_view_definer",
        "a view reads orders as its owner",
        f"create view public.order_totals as {_TOTALS}; alter view public.order_totals owner to postgres;"
        " grant select on public.order_totals to authenticated",
        "drop view public.order_totals",
    ),
    fault(
        "lint_view_nested",
        "a view that asks as its caller stands on one that does not",
        f"create view private.totals as {_TOTALS};"
        " alter view private.totals owner to postgres;"
        " create view public.order_totals with (security_invoker = true) as select * from private.totals;"
        " grant select on public.order_totals, private.totals to authenticated",
        "drop view public.order_totals; drop view private.totals",
    ),
    fault(
        "lint_view_invoker_lost",
        "a view has lost its security_invoker",
        f"create view public.order_totals with (security_invoker = true) as {_TOTALS};"
        " alter view public.order_totals owner to postgres; grant select on public.order_totals to"
        " authenticated;"
        " alter view public.order_totals reset (security_invoker)",
        "drop view public.order_totals",
    ),
    fault(
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
    fault(
        "lint_matview_served",
        "a materialised view of all orders is readable",
        f"create materialized view public.order_totals as {_TOTALS};"
        " grant select on public.order_totals to authenticated",
        "drop materialized view public.order_totals",
    ),
    fault(
        "lint_matview_empty",
        "a materialised view was never filled",
        f"create materialized view private.order_totals as {_TOTALS} with no data",
        "drop materialized view private.order_totals",
    ),
    fault(
        "lint_foreign_table_served",
        "a foreign table is readable",
        "create foreign data wrapper elsewhere; create server warehouse foreign data wrapper elsewhere;"
        " create foreign table public.stock (sku text, amount integer) server warehouse;"
        " grant select on public.stock to authenticated",
        "drop foreign table public.stock; drop server warehouse; drop foreign data wrapper elsewhere",
    ),
    fault(
        "lint_accounts_granted",
        "who is signed in may read the accounts",
        "grant select (id, email) on auth.users to authenticated",
        "revoke select (id, email) on auth.users from authenticated",
    ),
    fault(
        "lint_accounts_shown",
        "a view shows the accounts",
        "create view public.people as select id, email from auth.users;"
        " alter view public.people owner to postgres; grant select on public.people to authenticated",
        "drop view public.people",
    ),
)

FAULTS = (*FUNCTIONS, *VIEWS)
