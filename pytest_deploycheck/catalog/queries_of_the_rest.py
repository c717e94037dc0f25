"""What the queries ask of schemas, functions, sequences, types, publications, and what grants mean."""

from pytest_deploycheck.catalog.queries_of_relations import KINDS, OWN

_EXTENSION = """
(SELECT x.extname::text
 FROM pg_catalog.pg_depend AS e JOIN pg_catalog.pg_extension AS x ON x.oid = e.refobjid
 WHERE e.classid = 'pg_catalog.{catalog}'::pg_catalog.regclass AND e.objid = {oid}
   AND e.objsubid = 0 AND e.deptype = 'e')
"""

ACLS = f"""
SELECT a.acl::text, CASE g.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
       g.privilege_type, g.is_grantable
FROM (
  SELECT coalesce(c.relacl, pg_catalog.acldefault(
           CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE (c.relkind IN {KINDS} OR c.relkind = 'S') AND {OWN}
  UNION
  SELECT a.attacl
  FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE a.attacl IS NOT NULL AND {OWN}
  UNION
  SELECT coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace WHERE {OWN}
  UNION
  SELECT coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
  FROM pg_catalog.pg_namespace AS n WHERE {OWN}
  UNION
  SELECT d.defaclacl FROM pg_catalog.pg_default_acl AS d
) AS a, pg_catalog.aclexplode(a.acl) AS g
"""
"""Each distinct list once, what its absence means spelled out."""

SCHEMAS = f"""
SELECT n.nspname::text, pg_catalog.pg_get_userbyid(n.nspowner)::text,
       coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))::text
FROM pg_catalog.pg_namespace AS n
WHERE {OWN}
"""

FUNCTIONS = f"""
SELECT p.oid, n.nspname::text, p.proname::text, pg_catalog.pg_get_function_identity_arguments(p.oid),
       pg_catalog.pg_get_function_result(p.oid), p.prokind::text, l.lanname::text, p.provolatile::text,
       p.proparallel::text,
       p.prosecdef, p.proisstrict, p.proleakproof, p.proconfig,
       pg_catalog.pg_get_userbyid(p.proowner)::text,
       CASE WHEN p.prokind = 'a' THEN (
              SELECT pg_catalog.concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggcombinefn,
                                          a.aggtranstype::pg_catalog.regtype, a.agginitval)
              FROM pg_catalog.pg_aggregate AS a WHERE a.aggfnoid = p.oid)
            ELSE coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) END,
       pg_catalog.pg_get_expr(p.proargdefaults, 0),
       coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))::text,
       {_EXTENSION.format(catalog="pg_proc", oid="p.oid")}
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE {OWN}
"""

_LAST = """
       pg_catalog.has_sequence_privilege(c.oid, 'SELECT, USAGE'),
       CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT, USAGE')
             AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
            THEN pg_catalog.pg_sequence_last_value(c.oid) END
"""

LAST_VALUES = f"""
SELECT n.nspname::text, c.relname::text, {_LAST}
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {OWN}
"""
"""How far sequences are, for a role that may see more of them than the login."""

SEQUENCES = f"""
SELECT n.nspname::text, c.relname::text, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart,
       s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, {_LAST},
       d.refobjid, d.refobjsubid, pg_catalog.pg_get_userbyid(c.relowner)::text,
       coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))::text,
       {_EXTENSION.format(catalog="pg_class", oid="c.oid")}
FROM pg_catalog.pg_sequence AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend AS d
     ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
WHERE {OWN}
"""
"""With the column that owns one: serial (deptype a) or identity (i)."""

TYPES = f"""
SELECT n.nspname::text, t.typname::text, t.typtype::text,
       CASE t.typtype
         WHEN 'e' THEN (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', '
                                                     ORDER BY e.enumsortorder)
                        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)
         WHEN 'd' THEN pg_catalog.concat_ws(' ',
           pg_catalog.format_type(t.typbasetype, t.typtypmod),
           CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault,
           (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
            FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'))
         WHEN 'c' THEN (SELECT pg_catalog.string_agg(
                          a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', '
                          ORDER BY a.attnum)
                        FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
         WHEN 'r' THEN (SELECT pg_catalog.format_type(g.rngsubtype, NULL)
                        FROM pg_catalog.pg_range AS g WHERE g.rngtypid = t.oid)
       END,
       {_EXTENSION.format(catalog="pg_type", oid="t.oid")}
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c') AND {OWN}
"""

DEFAULT_PRIVILEGES = """
SELECT pg_catalog.pg_get_userbyid(d.defaclrole)::text, coalesce(n.nspname::text, ''),
       d.defaclobjtype::text, d.defaclacl::text
FROM pg_catalog.pg_default_acl AS d
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
"""

EXTENSIONS = """
SELECT x.extname::text, x.extversion, n.nspname::text
FROM pg_catalog.pg_extension AS x
JOIN pg_catalog.pg_namespace AS n ON n.oid = x.extnamespace
"""

EVENT_TRIGGERS = """
SELECT t.evtname::text, t.evtevent::text, n.nspname::text, p.proname::text, t.evtenabled::text
FROM pg_catalog.pg_event_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.evtfoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
"""


def publications(version: int) -> str:
    """Publications, a row for each table or schema in them; column lists, row filters, schemas since 15."""
    columns = "r.prattrs::text, pg_catalog.pg_get_expr(r.prqual, r.prrelid)"
    schemas = """
UNION ALL
SELECT s.pnpubid, n.nspname::text, NULL, NULL, NULL, NULL
FROM pg_catalog.pg_publication_namespace AS s
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.pnnspid
"""
    old = version < 150000
    return f"""
SELECT p.pubname::text, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
       m.schema, m.name, m.oid, m.columns, m.rows
FROM pg_catalog.pg_publication AS p
LEFT JOIN (
  SELECT r.prpubid, n.nspname::text, c.relname::text, c.oid, {"NULL, NULL" if old else columns}
  FROM pg_catalog.pg_publication_rel AS r
  JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  {"" if old else schemas}
) AS m (publication, schema, name, oid, columns, rows) ON m.publication = p.oid
"""
