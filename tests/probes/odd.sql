-- One of everything a catalog can hold, with names that need quotes.

create role "Ünï ""x" noinherit;
create role app login valid until 'infinity';
create role guest login valid until '2030-01-01 00:00+00' connection limit 3;
create role above createrole createdb replication bypassrls;
grant "Ünï ""x" to app with admin option;
alter role app set statement_timeout = '30s';
alter role app in database odd set statement_timeout = '10s';
alter role all set lock_timeout = '5s';
alter database odd set lock_timeout = '7s';
alter database odd set "app.settings.jwt_secret" = 'hunter22';

create schema "S p";
create table "S p"."T 1" (
  id serial primary key,
  dropped int,
  "Größe" text collate "C" default 'x',
  doubled int generated always as (1 + 1) stored,
  number bigint generated always as identity
);
alter table "S p"."T 1" add constraint positive check (id > 0) not valid;
alter table "S p"."T 1" drop column dropped;
alter table "S p"."T 1" enable row level security, force row level security;
create table other (a int, b int, unique (a) include (b));
grant select on other to app with grant option;
grant select (a), update (b) on other to public;
create function mine(t text) returns boolean language sql stable security definer set search_path = ''
  as 'select true';
revoke all on function mine(text) from public;
create function body() returns int language sql begin atomic select 1; end;
create function shown(a int, b text default 'x', c int default 1 + 1) returns int language sql as 'select 1';
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
create procedure nothing() language plpgsql as 'begin end';
create policy p on "S p"."T 1" for select to "Ünï ""x", app
  using (public.mine("Größe") and exists (select from public.other));
create policy q on "S p"."T 1" as restrictive for insert with check (id > 1);
create index "odd idx" on "S p"."T 1" (lower("Größe"), id desc) include (doubled) where id > 5;

create view v with (security_barrier) as
  select other.a, t.id from other join "S p"."T 1" as t on true;
create materialized view mv as select * from v with no data;

create table parent (k date, v int) partition by range (k);
create table parent_26 partition of parent for values from ('2026-01-01') to ('2027-01-01');
create table pk (id int primary key) partition by range (id);
create table pk_0 partition of pk for values from (0) to (10);
create table fk (one int references pk (id) on delete cascade deferrable, two int);
create table child (extra int) inherits (other) with (autovacuum_enabled = off, fillfactor = 70);
alter table child replica identity full;
create unlogged table scratch ();

create type mood as enum ('sad', 'it''s');
create domain pos as int not null default 1 check (value > 0);
create type pair as (a int, b text);
create type span as range (subtype = float8);

create function trg() returns trigger language plpgsql as 'begin return new; end';
create trigger tr after insert on other for each row execute function trg();
alter table other disable trigger tr;
create function evt() returns event_trigger language plpgsql as 'begin end';
create event trigger et on ddl_command_end execute function evt();

create publication pub for table only other, parent;
create publication everything for all tables;
alter default privileges in schema public grant select on tables to app;
alter default privileges revoke execute on functions from public;

create sequence seen start 5 maxvalue 9 cycle;
select nextval('seen'), nextval('seen');
create sequence unused;
grant select on seen, unused to prober;

create schema ext;
create extension pg_stat_statements schema ext;
create foreign data wrapper nowhere;
create server there foreign data wrapper nowhere;
create foreign table away (a int) server there;

grant usage on foreign server there to app;

create rule held as on delete to scratch do instead nothing;
grant execute on function pg_read_file(text) to app;
grant select (rolpassword) on pg_authid to public;
create subscription moved connection 'host=127.0.0.1 port=1 dbname=x password=hunter22' publication b, a
  with (connect = false, slot_name = none);

create temporary table passing (id int);
