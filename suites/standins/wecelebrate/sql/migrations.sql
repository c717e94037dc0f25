-- What the platform's command writes down of the migrations that it applied.

create schema supabase_migrations authorization postgres;

set role postgres;

create table supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
insert into supabase_migrations.schema_migrations (version, name) values
  ('20260112090000', 'schema'),
  ('20260119090000', 'site_catalog_config'),
  ('20260126090000', 'webhooks'),
  ('20260209090000', 'policies');

-- The worker that sends messages brings its own, with a tool that marks what failed on the way.
create schema worker;
create table worker.schema_migrations (
  version bigint primary key,
  dirty boolean not null
);
insert into worker.schema_migrations (version, dirty) values (3, false);

reset role;
