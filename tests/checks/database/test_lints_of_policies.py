"""The same policy in many words: what ties rows to who asks is right however it is written, the rest is"
" found."""

from collections.abc import Iterator

import pytest

from pytest_deploycheck.catalog.lints.case import Case
from pytest_deploycheck.catalog.lints.declared import Declared
from pytest_deploycheck.catalog.lints.lint import Finding, Level
from pytest_deploycheck.catalog.lints.registry import LINTS
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from suites.standins.wecelebrate.deployment import READER
from tests.standins.databases import PASSWORD, ROWS, Wecelebrate

TENANT = "((select auth.jwt()) -> 'app_metadata' ->> 'client_id')::uuid"
DECLARED = Declared(schemas=("public",), internal=("private",), tenant_columns=("client_id",))
MEMBERS = """
create table public.members (user_id uuid not null references auth.users (id),
  client_id uuid not null references public.clients (id), role text, primary key (user_id, client_id));
create index members_client on public.members (client_id);
alter table public.members enable row level security;
create policy own on public.members for select to authenticated using (user_id = (select auth.uid()));
grant select on public.members to authenticated;
create function private.my_clients() returns setof uuid language sql stable security definer
  set search_path = '' as 'select client_id from public.members where user_id = auth.uid()';
create function private.has_role(client uuid, role text) returns boolean language sql stable security definer
  set search_path = '' as $$ select exists (select from public.members m
    where m.client_id = $1 and m.role = $2 and m.user_id = auth.uid()) $$;
revoke all on function private.my_clients(), private.has_role(uuid, text) from public;
grant execute on function private.my_clients(), private.has_role(uuid, text) to authenticated
"""
NO_MEMBERS = f"""
alter policy orders_select on public.orders using (client_id = {TENANT});
drop function private.my_clients(); drop function private.has_role(uuid, text); drop table public.members
"""

TIED = (
    f"client_id = {TENANT}",
    "client_id in (select private.my_clients())",
    "client_id = any (array(select private.my_clients()))",
    "private.has_role(client_id, 'admin')",
    "(select private.has_role(client_id, 'admin'))",
    "exists (select 1 from public.members m where m.client_id = orders.client_id and m.user_id = auth.uid())",
    "client_id in (select m.client_id from public.members m where m.user_id = auth.uid() and m.role in ('a',"
    " 'b'))",
    f"auth.uid() is not null and client_id = {TENANT}",
    "client_id::text = (auth.jwt() -> 'app_metadata' ->> 'client_id')",
    "client_id::text = current_setting('request.jwt.claim.client_id', true)",
    "client_id = nullif(current_setting('app.tenant', true), '')::uuid",
    "client_id = current_setting('app.tenant')::uuid",
    "(auth.jwt() -> 'app_metadata' -> 'client_ids') ? client_id::text",
    "client_id = (select m.client_id from public.members m where m.user_id = auth.uid() limit 1)",
    f"case when status = 'pending' then client_id = {TENANT} else false end",
    "created_by = auth.uid()",
    "auth.uid() = created_by",
    f"client_id = {TENANT} and (status <> 'cancelled' or private.has_role(client_id, 'admin'))",
    f"(client_id = {TENANT}) is true",
    "auth.uid() in (select m.user_id from public.members m where m.client_id = orders.client_id)",
    "row(client_id, site_id) in (select m.client_id, s.id from public.members m"
    " join public.sites s on s.client_id = m.client_id where m.user_id = auth.uid())",
    f"coalesce(client_id = {TENANT}, false)",
    f"not (client_id is distinct from {TENANT})",
    "client_id = coalesce((auth.jwt() ->> 'client_id')::uuid,"
    " (select m.client_id from public.members m where m.user_id = auth.uid()))",
)

OPEN = (
    "auth.uid() is not null",
    "(select auth.uid()) is not null and true",
    "auth.role() in ('authenticated')",
    "auth.role() <> 'anon'",
    "auth.jwt() is not null",
    "(auth.jwt() ->> 'role') = 'authenticated'",
    f"client_id <> {TENANT}",
    f"not (client_id = {TENANT})",
    f"client_id is not null or client_id = {TENANT}",
    "client_id = client_id and status = status",
    "client_id in (client_id)",
    "client_id = any (array[client_id])",
    "exists (select 1 from public.members m where m.user_id = auth.uid())",
    "exists (select 1 from public.members m where m.client_id = client_id and m.user_id = auth.uid())",
    "client_id in (select id from public.clients where true) or true",
    "status = any (array['pending', 'confirmed'])",
    "1 = 1",
    "'a' = 'a'",
    "not false",
    "true is true",
    "quantity > 0",
    "created_at < now()",
    "length(order_number) > 0",
    "client_id::text like '%'",
    "client_id = coalesce(nullif(current_setting('app.tenant', true), '')::uuid, client_id)",
    f"case when current_setting('app.tenant', true) is null then true else client_id = {TENANT} end",
    f"case when {TENANT} is null then true else client_id = {TENANT} end",
    f"coalesce({TENANT} = client_id, true)",
    f"coalesce(client_id = {TENANT}, status = 'pending')",
    f"current_setting('app.bypass', true) = 'on' or client_id = {TENANT}",
    "(auth.jwt() -> 'user_metadata' ->> 'client_id')::uuid = client_id",
    f"client_id = {TENANT} or (auth.jwt() ->> 'email') like '%@acme.example'",
)


@pytest.fixture(scope="module")
def members(shop: Wecelebrate) -> Iterator[Wecelebrate]:
    with shop.changed(MEMBERS, NO_MEMBERS):
        yield shop


def found(shop: Wecelebrate, using: str) -> set[str]:
    """The lints that say something of orders_select."""
    shop.run(f"alter policy orders_select on public.orders using ({using})")
    database = Database(Secret(shop.postgres.url(READER, PASSWORD)), run_id="run7", reader=ROWS)
    try:
        seen = database.send(Snapshot())
    finally:
        database.close()
    assert isinstance(seen, Catalog)
    case = Case(seen, DECLARED)
    return {
        lint.id
        for lint in LINTS
        if lint.level > Level.INFO
        for one in lint.look(case)
        if isinstance(one, Finding) and one.object == "public.orders.orders_select"
    }


@pytest.mark.parametrize("using", TIED)
def test_a_policy_that_ties_rows_to_who_asks_is_right(members: Wecelebrate, using: str) -> None:
    assert found(members, using) == set()


@pytest.mark.parametrize("using", OPEN)
def test_a_policy_that_ties_nothing_is_found(members: Wecelebrate, using: str) -> None:
    assert found(members, using)
