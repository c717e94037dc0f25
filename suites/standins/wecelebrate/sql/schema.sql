-- Guide 2.1: the 13 tables. Every reference between two tables of a tenant carries the
-- tenant, so that no row can point into another one's data.

set role postgres;

create table clients (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  contact_email text not null check (contact_email like '%_@_%'),
  status text not null default 'active' check (status in ('active', 'inactive', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index clients_status_idx on clients (status);

create table sites (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  name text not null,
  slug text not null,
  domain text,
  status text not null default 'active' check (status in ('active', 'inactive', 'draft')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (client_id, id),
  unique (client_id, slug)
);
create index sites_status_idx on sites (client_id, status);
create index sites_domain_idx on sites (domain);

create table catalogs (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  name text not null,
  type text not null default 'standard' check (type in ('standard', 'vendor', 'custom')),
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  unique (client_id, name)
);
create index catalogs_status_idx on catalogs (client_id, status);

create table products (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  catalog_id uuid not null,
  sku text not null,
  name text not null,
  description text not null default '',
  category text not null,
  price_cents integer not null check (price_cents >= 0),
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  inventory integer not null default 0 check (inventory >= 0),
  status text not null default 'active' check (status in ('active', 'inactive', 'discontinued')),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  unique (client_id, sku),
  foreign key (client_id, catalog_id) references catalogs (client_id, id)
);
create index products_catalog_idx on products (client_id, catalog_id);
create index products_category_idx on products (client_id, category);
create index products_status_idx on products (client_id, status);
create index products_name_idx on products (client_id, lower(name));

create table employees (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  email text not null,
  first_name text not null,
  last_name text not null,
  employee_number text not null,
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  unique (client_id, email),
  unique (client_id, employee_number),
  foreign key (client_id, site_id) references sites (client_id, id)
);
create index employees_site_idx on employees (client_id, site_id);
create index employees_name_idx on employees (client_id, last_name, first_name);

create sequence order_numbers start 1001;
create table orders (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  employee_id uuid,
  product_id uuid not null,
  order_number text not null unique default 'WC-' || nextval('order_numbers'),
  reference text,
  quantity integer not null check (quantity between 1 and 1000),
  total_cents integer not null check (total_cents >= 0),
  status text not null default 'pending'
    check (status in ('pending', 'confirmed', 'shipped', 'delivered', 'cancelled')),
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (client_id, id),
  foreign key (client_id, site_id) references sites (client_id, id),
  foreign key (client_id, employee_id) references employees (client_id, id),
  foreign key (client_id, product_id) references products (client_id, id),
  foreign key (created_by) references auth.users (id)
);
create index orders_site_idx on orders (client_id, site_id);
create index orders_employee_idx on orders (client_id, employee_id);
create index orders_product_idx on orders (client_id, product_id);
create index orders_created_by_idx on orders (created_by);
create index orders_reference_idx on orders (client_id, reference);
create index orders_status_idx on orders (client_id, status);
create index orders_created_at_idx on orders (client_id, created_at desc);

create table site_product_exclusions (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  product_id uuid not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  unique (client_id, site_id, product_id),
  foreign key (client_id, site_id) references sites (client_id, id),
  foreign key (client_id, product_id) references products (client_id, id)
);
create index site_product_exclusions_product_idx on site_product_exclusions (client_id, product_id);

create table analytics_events (
  id bigint generated by default as identity primary key,
  client_id uuid not null references clients (id),
  site_id uuid not null,
  event_type text not null check (event_type <> ''),
  payload jsonb not null default '{}',
  occurred_at timestamptz not null default now(),
  foreign key (client_id, site_id) references sites (client_id, id)
);
create index analytics_events_site_idx on analytics_events (client_id, site_id);
create index analytics_events_type_idx on analytics_events (client_id, event_type);
create index analytics_events_occurred_at_idx on analytics_events (client_id, occurred_at desc);

create table admin_users (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  user_id uuid not null unique references auth.users (id),
  email text not null,
  role text not null default 'admin' check (role in ('admin', 'manager', 'viewer')),
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  unique (client_id, email)
);

create table audit_logs (
  id bigint generated by default as identity primary key,
  client_id uuid not null references clients (id),
  admin_user_id uuid not null,
  action text not null check (action <> ''),
  entity_type text not null,
  entity_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  foreign key (client_id, admin_user_id) references admin_users (client_id, id)
);
create index audit_logs_admin_user_idx on audit_logs (client_id, admin_user_id);
create index audit_logs_entity_idx on audit_logs (client_id, entity_type, entity_id);
create index audit_logs_created_at_idx on audit_logs (client_id, created_at desc);

create table site_catalog_assignments (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  catalog_id uuid not null,
  priority integer not null default 0 check (priority >= 0),
  created_at timestamptz not null default now(),
  unique (client_id, site_id, catalog_id),
  foreign key (client_id, site_id) references sites (client_id, id),
  foreign key (client_id, catalog_id) references catalogs (client_id, id)
);
create index site_catalog_assignments_catalog_idx on site_catalog_assignments (client_id, catalog_id);

create table site_price_overrides (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  product_id uuid not null,
  price_cents integer not null check (price_cents >= 0),
  created_at timestamptz not null default now(),
  unique (client_id, site_id, product_id),
  foreign key (client_id, site_id) references sites (client_id, id),
  foreign key (client_id, product_id) references products (client_id, id)
);
create index site_price_overrides_product_idx on site_price_overrides (client_id, product_id);

create table site_category_exclusions (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  site_id uuid not null,
  category text not null check (category <> ''),
  created_at timestamptz not null default now(),
  unique (client_id, site_id, category),
  foreign key (client_id, site_id) references sites (client_id, id)
);

reset role;
