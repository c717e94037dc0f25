-- Guide 1.3, API: row-level security on every table. A row belongs to the tenant whose id
-- it carries; the caller's tenant and role are claims that only the platform can write.

set role postgres;

do $$
declare
  tenant constant text := '((select auth.jwt()) -> ''app_metadata'' ->> ''client_id'')::uuid';
  admin constant text := '((select auth.jwt()) -> ''app_metadata'' ->> ''role'') = ''admin''';
  admin_only constant text[] := array['admin_users', 'audit_logs', 'site_catalog_config_history'];
  member_writes constant text[] := array['orders', 'analytics_events'];
  name text;
  mine text;
  reads text;
  writes text;
begin
  for name in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
  loop
    mine := case name when 'clients' then 'id' else 'client_id' end || ' = ' || tenant;
    reads := mine || case when name = any (admin_only) then ' and ' || admin else '' end;
    writes := mine || case when name = any (member_writes) then '' else ' and ' || admin end;
    execute format('alter table %I enable row level security', name);
    execute format('create policy %I on %I for select to authenticated using (%s)',
      name || '_select', name, reads);
    execute format('create policy %I on %I for insert to authenticated with check (%s)',
      name || '_insert', name, writes);
    execute format('create policy %I on %I for update to authenticated using (%s) with check (%s)',
      name || '_update', name, writes, writes);
    execute format('create policy %I on %I for delete to authenticated using (%s)',
      name || '_delete', name, writes);
    execute format('grant select on %I to authenticated', name);
    execute format('grant select, insert, update, delete on %I to service_role', name);
  end loop;
end
$$;

grant insert, update, delete on orders to authenticated;
grant insert on analytics_events to authenticated;
grant insert, update, delete on products, sites, employees, catalogs, site_catalog_configs,
  site_catalog_assignments, site_product_exclusions, site_price_overrides, site_category_exclusions
  to authenticated;
grant usage on sequence order_numbers to authenticated, service_role;

-- The API must tell another tenant's row (403) from no row (404); policies can't.
create schema private;
grant usage on schema private to authenticated;
create function private.tenant_of(kind text, key text) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  owner uuid;
begin
  if kind not in ('products', 'orders', 'sites', 'catalogs', 'employees', 'analytics_events',
                  'admin_users', 'audit_logs', 'payments', 'messages') then
    raise exception 'unknown kind %', kind using errcode = 'invalid_parameter_value';
  end if;
  execute format('select client_id from public.%I where id::text = $1', kind) into owner using key;
  return owner;
end
$$;
revoke all on function private.tenant_of(text, text) from public;
grant execute on function private.tenant_of(text, text) to authenticated, service_role;
grant usage on schema private to service_role;

reset role;
