"""What the queries ask of relations and what belongs to them, keyed by the relation's oid."""

OWN = "(n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')"
"""Neither the system's nor temporary: nobody else may call a schema pg_..."""

KINDS = "('r', 'p', 'v', 'm', 'f')"
"""Tables, partitioned ones, views, materialised ones, foreign tables."""

RELATIONS = f"""
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, pg_catalog.pg_get_userbyid(c.relowner)::text,
       c.relrowsecurity, c.relforcerowsecurity, c.relpersistence::text, c.relispopulated,
       c.relreplident::text, c.relispartition,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind IN ('r', 'p', 'f')
            THEN ARRAY(SELECT i.inhparent FROM pg_catalog.pg_inherits AS i
                       WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) END,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       c.reloptions,
       (SELECT x.extname::text
        FROM pg_catalog.pg_depend AS e JOIN pg_catalog.pg_extension AS x ON x.oid = e.refobjid
        WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid
          AND e.objsubid = 0 AND e.deptype = 'e'),
       coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))::text,
       c.reltuples,
       pg_catalog.pg_table_size(c.oid),
       extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                                   pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)))::float8
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN {KINDS} AND {OWN}
"""

READS = f"""
SELECT DISTINCT c.oid, read_in.nspname::text, read.relname::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = c.oid
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.objid = w.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
     AND d.refobjid <> c.oid
JOIN pg_catalog.pg_class AS read ON read.oid = d.refobjid AND read.relkind IN {KINDS}
JOIN pg_catalog.pg_namespace AS read_in ON read_in.oid = read.relnamespace
WHERE c.relkind IN ('v', 'm') AND {OWN}
"""

COLUMNS = f"""
SELECT a.attrelid, a.attnum, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT CASE l.collnamespace WHEN 'pg_catalog'::pg_catalog.regnamespace THEN ''
                              ELSE s.nspname || '.' END || l.collname
                  FROM pg_catalog.pg_collation AS l
                  JOIN pg_catalog.pg_namespace AS s ON s.oid = l.collnamespace
                  WHERE l.oid = a.attcollation) END,
       a.attacl::text
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN {KINDS} AND {OWN}
ORDER BY a.attrelid, a.attnum
"""


def constraints(version: int) -> str:
    """Constraints of tables; NOT NULL ones and those declared NOT ENFORCED from PostgreSQL 18 on.

    One is not enforced either while a trigger of its own is off (ALTER TABLE ... DISABLE TRIGGER ALL, on
    any of its two tables) or fires on replicas only. What a foreign key to a partitioned table keeps for
    each partition is not told.
    """
    enforced = "k.conenforced" if version >= 180000 else "true"
    return f"""
SELECT k.conrelid, k.conname::text, k.contype::text, pg_catalog.pg_get_constraintdef(k.oid), k.conkey,
       k.convalidated,
       {enforced} AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                                  WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A')),
       k.condeferrable, k.confrelid, k.confkey,
       k.confdeltype::text, k.confupdtype::text
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS parent ON parent.oid = k.conparentid
WHERE k.contype <> 't' AND (parent.oid IS NULL OR parent.conrelid <> k.conrelid)
  AND c.relkind IN {KINDS} AND {OWN}
"""


INDEXES = f"""
SELECT i.indrelid, ic.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid), m.amname::text,
       i.indkey::text, i.indnkeyatts,
       CASE WHEN i.indexprs IS NOT NULL
            THEN ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false)
                       FROM pg_catalog.generate_series(1, i.indnkeyatts::int4) AS k ORDER BY k) END,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       i.indisunique, i.indisprimary, i.indisvalid, i.indisready, k.conname::text,
       ic.relpages::int8 * pg_catalog.current_setting('block_size')::int8
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = ic.relam
JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS k
     ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
WHERE {OWN}
"""

"""An index's size is of the last VACUUM or ANALYZE: to ask its files, each would have to be opened."""

TRIGGERS = f"""
SELECT t.tgrelid, t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid), f.nspname::text, p.proname::text,
       t.tgenabled::text
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace AS f ON f.oid = p.pronamespace
WHERE NOT t.tgisinternal AND {OWN}
"""

RULES = f"""
SELECT w.ev_class, w.rulename::text, pg_catalog.pg_get_ruledef(w.oid), w.ev_enabled::text
FROM pg_catalog.pg_rewrite AS w
JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE w.rulename <> '_RETURN' AND {OWN}
"""
"""But the rule that makes a view one."""

_USED = """
ARRAY(SELECT DISTINCT d.{what} FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.{catalog}'::pg_catalog.regclass {and_})
"""

_OWN_COLUMN = "AND d.refobjid = p.polrelid AND d.refobjsubid > 0"

POLICIES = f"""
SELECT p.polrelid, p.polname::text, p.polcmd::text, p.polpermissive,
       ARRAY(SELECT CASE r WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(r)::text END
             FROM pg_catalog.unnest(p.polroles) AS r),
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
       {_USED.format(what="refobjsubid", catalog="pg_class", and_=_OWN_COLUMN)},
       {_USED.format(what="refobjid", catalog="pg_class", and_="AND d.refobjid <> p.polrelid")},
       {_USED.format(what="refobjid", catalog="pg_proc", and_="")}
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE {OWN}
"""
"""With the columns of its own table that a policy uses, other relations, functions."""
