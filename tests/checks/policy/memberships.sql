-- Unusual but right: who belongs to which tenants stands in a table, and everything may be granted to everybody.
-- Tenants are the organisations 1 and 2; ann is a member of 1, bob of 2, cyd of both, boss an admin of 1.

create schema auth;
create function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select (auth.jwt() ->> 'sub')::uuid
$$;

create table public.orgs (id bigint primary key, name text not null);
create table public.memberships (
  user_id uuid, org_id bigint references public.orgs, role text not null default 'member', primary key (user_id, org_id)
);
create schema app;
create function app.my_orgs() returns setof bigint language sql stable security definer set search_path = '' as $$
  select org_id from public.memberships where user_id = auth.uid()
$$;

create function app.is_sure() returns boolean language sql stable as $$
  select coalesce((auth.jwt() -> 'app_metadata' ->> 'mfa')::boolean, false) is false or auth.jwt() ->> 'aal' = 'aal2'
$$;

create table public.projects (id int primary key, org_id bigint not null, "Größe in %" text not null default '');
create table public.tasks (id int primary key, project_id int not null references public.projects);
create table public.comments (id int primary key, task_id int references public.tasks, body text not null default '');
create table public."Straße 100%" (id int primary key, org_id bigint not null);
create table public.templates (id int primary key, org_id bigint);
create table public.notes (id int primary key, org_id bigint not null, user_id uuid not null);
create table public.invoices (id int primary key, org_id bigint not null);
create table public.archive () inherits (public.projects);
create table public.events (org_id bigint not null, at date not null) partition by range (at);
create table public.events_2025 partition of public.events for values from ('2025-01-01') to ('2026-01-01');
create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');
create table public.countries (code text primary key);
create table public.queue (id int primary key, body text);
create table public.migrations (id int primary key);
create schema storage;
create table storage.objects (id int primary key, bucket_id text not null, name text not null, owner uuid);

insert into public.orgs values (1, 'one'), (2, 'two');
insert into public.memberships values
  ('00000000-0000-4000-8000-00000000000a', 1, 'member'),
  ('00000000-0000-4000-8000-00000000000b', 2, 'member'),
  ('00000000-0000-4000-8000-00000000000c', 1, 'member'),
  ('00000000-0000-4000-8000-00000000000c', 2, 'member'),
  ('00000000-0000-4000-8000-00000000000d', 1, 'admin');
insert into public.projects select n, 1 + n % 2 from generate_series(1, 6) as n;
insert into public.tasks select n, n from generate_series(1, 6) as n;
insert into public.comments select n, n from generate_series(1, 6) as n;
insert into public."Straße 100%" values (1, 1), (2, 2);
insert into public.templates values (1, 1), (2, 2), (3, null);
insert into public.notes select row_number() over (), org_id, user_id from public.memberships;
insert into public.invoices values (1, 1), (2, 2);
insert into public.archive values (101, 1), (102, 2);
insert into public.events values (1, '2025-05-05'), (2, '2025-05-05');
insert into public.countries values ('DE'), ('FR');
insert into public.queue values (1, 'work');
insert into storage.objects values (1, 'files', '1/a.pdf', null), (2, 'files', '2/b.pdf', null);

do $$
declare
  mine constant text := 'org_id in (select app.my_orgs())';
  name text;
begin
  foreach name in array array['projects', 'Straße 100%', 'invoices', 'archive', 'events', 'events_2025', 'events_2026']
  loop
    execute format('create policy mine on public.%I for all to authenticated using (%s)', name, mine);
  end loop;
  execute 'create policy mine on public.templates for all to authenticated using (' || mine || ')';
  execute 'create policy everybodys on public.templates for select to authenticated using (org_id is null)';
end
$$;
create policy mine on public.orgs for select using (id in (select app.my_orgs()));
create policy mine on public.memberships for select using (user_id = auth.uid());
create policy mine on public.notes for all using (user_id = auth.uid() and org_id in (select app.my_orgs()));
create policy of_a_project on public.tasks for all to authenticated
  using (exists (select from public.projects as p where p.id = project_id));
create policy of_a_task on public.comments for all to authenticated
  using (exists (select from public.tasks as t where t.id = task_id));
create policy everybody on public.countries for select using (true);
create policy in_folders on storage.objects for all to authenticated
  using (bucket_id = 'files' and split_part(name, '/', 1)::bigint in (select app.my_orgs()));

create view public.project_names with (security_invoker = true) as select id, "Größe in %" from public.projects;
create view public.my_invoices with (security_barrier = true) as
  select id, org_id from public.invoices where org_id in (select app.my_orgs()) and app.is_sure()
  with cascaded check option;
create view public.country_list as select code from public.countries;
create materialized view public.totals as select org_id, count(*) from public.projects group by org_id;

create function app.invoices_of(org bigint) returns setof public.invoices language plpgsql stable
security definer set search_path = '' as $$
begin
  if org not in (select app.my_orgs()) or not app.is_sure() then
    raise exception 'not a member' using errcode = 'insufficient_privilege';
  end if;
  return query select * from public.invoices where org_id = org;
end
$$;
create function app.project_count(org bigint) returns bigint language sql stable as $$
  select count(*) from public.projects where org_id = org
$$;

grant usage on schema public, auth, app, storage to anon, authenticated, service_role;
grant all on all tables in schema public to anon, authenticated, service_role;
grant all on storage.objects to anon, authenticated, service_role;
revoke all on public.totals, public.migrations from anon, authenticated;
revoke insert, update, delete on public.country_list from anon, authenticated;

do $$
declare
  name regclass;
begin
  for name in
    select c.oid from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'storage') and c.relkind in ('r', 'p') and c.relname <> 'migrations'
  loop
    execute format('alter table %s enable row level security', name);
    if name <> 'public.countries'::regclass then
      execute format('create policy second_factor on %s as restrictive to authenticated using (app.is_sure())', name);
    end if;
  end loop;
end
$$;
alter table public.invoices force row level security;
