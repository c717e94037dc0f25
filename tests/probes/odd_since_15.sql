-- What PostgreSQL 15 brought.

alter view v set (security_invoker = on);
alter publication pub set table only other (a) where (a > 3), parent;
create publication whole for tables in schema "S p" with (publish = 'insert');
