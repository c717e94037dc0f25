"""What the queries ask of the server itself, its settings and its roles."""

SERVER = """
SELECT pg_catalog.current_setting('server_version_num')::int4,
       pg_catalog.current_database()::text,
       r.rolname::text,
       r.rolsuper,
       r.rolbypassrls,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.pg_database_size(pg_catalog.current_database()),
       extract(epoch FROM pg_catalog.now())::float8
FROM pg_catalog.pg_roles AS r
WHERE r.rolname = current_user
"""

SETTINGS = """
SELECT s.name, s.reset_val, coalesce(s.unit, '')
FROM pg_catalog.pg_settings AS s
WHERE s.reset_val IS NOT NULL
"""
"""`reset_val`: what the session began with, before its transaction set timeouts of its own."""

OWN_SETTINGS = """
SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(s.setrole)::text END,
       s.setdatabase <> 0,
       s.setconfig
FROM pg_catalog.pg_db_role_setting AS s
WHERE s.setdatabase = 0
   OR s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database AS d
                       WHERE d.datname = pg_catalog.current_database())
"""
"""Of roles (of all, where the name is empty), everywhere or in this database."""

ROLES = """
SELECT r.rolname::text, r.rolsuper, r.rolbypassrls, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
       r.rolcanlogin, r.rolreplication, r.rolconnlimit,
       CASE WHEN pg_catalog.isfinite(r.rolvaliduntil)
            THEN extract(epoch FROM r.rolvaliduntil)::float8 END
FROM pg_catalog.pg_roles AS r
WHERE r.rolname !~ '^pg_'
"""


def memberships(version: int) -> str:
    """Who is a member of what, with options of each grant from PostgreSQL 16 on."""
    options = "m.inherit_option, m.set_option" if version >= 160000 else "r.rolinherit, true"
    return f"""
SELECT r.rolname::text, g.rolname::text, {options}, m.admin_option
FROM pg_catalog.pg_auth_members AS m
JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
WHERE r.rolname !~ '^pg_'
"""
