-- What arrives from the payment and the message service: each event once, and its effect.

set role postgres;

create type webhook_source as enum ('payments', 'messages');

create table webhook_events (
  id text primary key check (id <> ''),
  client_id uuid not null references clients (id),
  source webhook_source not null,
  created_at timestamptz not null default now(),
  unique (client_id, id)
);
create index webhook_events_source_idx on webhook_events (client_id, source);

create table payments (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  event text not null,
  amount_cents integer not null check (amount_cents >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  foreign key (client_id, event) references webhook_events (client_id, id)
);
create index payments_event_idx on payments (client_id, event);

create table messages (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references clients (id),
  event text not null,
  recipient text not null check (recipient like '%_@_%'),
  status text not null check (status in ('delivered', 'bounced')),
  created_at timestamptz not null default now(),
  unique (client_id, id),
  foreign key (client_id, event) references webhook_events (client_id, id)
);
create index messages_event_idx on messages (client_id, event);

reset role;
