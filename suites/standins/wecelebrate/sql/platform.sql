-- What the platform brings: its roles, the schema auth, extensions.

create role postgres login createrole bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres;

-- The gate's login reads the catalog and statistics; row-level security holds it. What it acts as, and the
-- role that sees every row, it must become: gate_roles, in between, passes no privilege on (before
-- PostgreSQL 16 inheriting is a matter of the member, not of the grant).
create role gate_rows nologin bypassrls;
create role gate_roles nologin noinherit;
create role gate_reader login;
grant pg_read_all_data to gate_rows;
grant anon, authenticated, service_role, gate_rows to gate_roles;
grant pg_read_all_data, pg_read_all_stats, gate_roles to gate_reader;

-- Guide 1.3, database: 30 s for the role the API connects as and those it becomes.
alter role authenticator set statement_timeout = '30s';
alter role authenticated set statement_timeout = '30s';
alter role anon set statement_timeout = '30s';

revoke all on schema public from public;
grant create on database postgres to postgres;
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;
revoke temporary on database postgres from public;

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
alter database postgres set search_path = public, extensions;
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_stat_statements')
     and current_setting('shared_preload_libraries') like '%pg_stat_statements%' then
    create extension pg_stat_statements schema extensions;
  end if;
end
$$;

create schema auth authorization postgres;
grant usage on schema auth to anon, authenticated, service_role;

set role postgres;

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  aud text not null default 'authenticated',
  role text not null default 'authenticated',
  email text not null unique,
  encrypted_password text not null,
  email_confirmed_at timestamptz,
  raw_app_meta_data jsonb not null default '{"provider": "email", "providers": ["email"]}',
  raw_user_meta_data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table auth.refresh_tokens (
  token text primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  revoked boolean not null default false,
  created_at timestamptz not null default now()
);
create index refresh_tokens_user_id_idx on auth.refresh_tokens (user_id);
alter table auth.users enable row level security;
alter table auth.refresh_tokens enable row level security;
grant select, insert, update, delete on auth.users, auth.refresh_tokens to service_role;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

reset role;
