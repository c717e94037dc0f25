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

SUBSCRIPTIONS = """
SELECT s.subname::text, pg_catalog.pg_get_userbyid(s.subowner)::text, s.subenabled, s.subpublications
FROM pg_catalog.pg_subscription AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
WHERE d.datname = pg_catalog.current_database()
"""

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


_PARAMETERS = """
  UNION ALL
  SELECT 'parameter ' || p.parname, NULL, p.paracl FROM pg_catalog.pg_parameter_acl AS p
"""

_BEYOND = """
UNION ALL
SELECT 'system ' || {name}, {owner}, g.grantee, g.privilege_type, g.is_grantable
FROM {catalog}
JOIN pg_catalog.pg_namespace AS n ON n.oid = {schema}
LEFT JOIN pg_catalog.pg_init_privs AS i
     ON i.classoid = 'pg_catalog.{of}'::pg_catalog.regclass AND i.objoid = {oid} AND i.objsubid = {part}
CROSS JOIN LATERAL (
  SELECT a.grantee, a.privilege_type, a.is_grantable FROM pg_catalog.aclexplode({acl}) AS a
  EXCEPT
  SELECT b.grantee, b.privilege_type, b.is_grantable
  FROM pg_catalog.aclexplode(coalesce(i.initprivs, {default})) AS b
) AS g
WHERE n.nspname = 'pg_catalog' AND {acl} IS DISTINCT FROM i.initprivs
  AND g.grantee <> {owner}
"""
"""What somebody granted on the system's own, beyond what PostgreSQL or an extension grants from the start.

Of pg_catalog: the information schema shows everybody only their own.
"""


def privileges(version: int) -> str:
    """Who was granted what on the database, parameters, foreign servers and the system's own, one a row."""
    functions = _BEYOND.format(
        name="p.oid::pg_catalog.regprocedure::text",
        catalog="pg_catalog.pg_proc AS p",
        schema="p.pronamespace",
        of="pg_proc",
        oid="p.oid",
        part="0",
        acl="p.proacl",
        default="pg_catalog.acldefault('f', p.proowner)",
        owner="p.proowner",
    )
    relations = _BEYOND.format(
        name="c.oid::pg_catalog.regclass::text",
        catalog="pg_catalog.pg_class AS c",
        schema="c.relnamespace",
        of="pg_class",
        oid="c.oid",
        part="0",
        acl="c.relacl",
        default="pg_catalog.acldefault('r', c.relowner)",
        owner="c.relowner",
    )
    columns = _BEYOND.format(
        name="c.oid::pg_catalog.regclass::text || '.' || a.attname",
        catalog="pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid",
        schema="c.relnamespace",
        of="pg_class",
        oid="c.oid",
        part="a.attnum",
        acl="a.attacl",
        default="NULL",
        owner="c.relowner",
    )
    return f"""
SELECT o.object, pg_catalog.pg_get_userbyid(o.owner)::text,
       CASE g.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
       g.privilege_type, g.is_grantable
FROM (
  SELECT 'database' AS object, d.datdba AS owner,
         coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl
  FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
  UNION ALL
  SELECT 'foreign server ' || s.srvname, s.srvowner,
         coalesce(s.srvacl, pg_catalog.acldefault('S', s.srvowner))
  FROM pg_catalog.pg_foreign_server AS s
  UNION ALL
  SELECT 'foreign data wrapper ' || w.fdwname, w.fdwowner,
         coalesce(w.fdwacl, pg_catalog.acldefault('F', w.fdwowner))
  FROM pg_catalog.pg_foreign_data_wrapper AS w
  WHERE w.fdwacl IS NOT NULL OR NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AND e.objid = w.oid
      AND e.deptype = 'e')
  {_PARAMETERS if version >= 150000 else ""}
) AS o CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) AS g
UNION ALL
SELECT b.object, pg_catalog.pg_get_userbyid(b.owner)::text,
       CASE b.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(b.grantee)::text END,
       b.privilege_type, b.is_grantable
FROM ({(functions + relations + columns).strip().removeprefix("UNION ALL")})
     AS b (object, owner, grantee, privilege_type, is_grantable)
"""
