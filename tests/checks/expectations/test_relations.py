"""Named tables and views: columns, keys, indexes, triggers, policies, privileges and properties."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.relation import Grant
from tests.checks.expectations.store import ORDERS, PUBLIC, STORE, only, outcomes, with_orders, wrong


def orders(text: str) -> str:
    return f"tables: {{named: {{orders: {{{text}}}}}}}"


ALL = """
tables:
  named:
    orders:
      columns:
        id: {type: int8, nullable: false, identity: by default, has_default: true}
        site_id: uuid not null
        status: status not null default 'open'
        total: decimal(10, 2) null default 0
        note: {type: varchar(80), has_default: false, collation: C}
        search: {generated: stored}
      no_other_columns: true
      primary_key: [id]
      unique: [[site_id, note], [id]]
      foreign_keys:
        - site_id references sites (id) on delete cascade on update no action
        - (site_id) references public.sites
      checks: {total: "total >= 0", orders_total_check: null}
      indexes:
        orders_site_idx:
          {columns: [site_id, lower(note)], includes: [total], unique: false, method: btree, partial: false}
        orders_open_idx: {unique: true, where: "status = 'open'"}
        orders_pkey:
      indexed: [[site_id]]
      triggers: {touch: {function: touch, timing: before, events: [insert, update]}}
      policies:
        own:
          command: select
          roles: [member]
          permissive: true
          using: site_id = (select app.site())
          uses: [site_id]
      no_other_policies: true
      privileges: {member: [select, insert], anon: [], web: [select], support: [], PUBLIC: []}
      row_security: forced
      owner: postgres
      persistence: permanent
      replica_identity: default
    history: {partitioned_by: range (at), row_security: true}
    history_2026: {partition_of: history}
views:
  named:
    totals: {columns: [site_id], security_invoker: true, security_barrier: false}
"""


def test_a_table_is_as_expected_and_each_aspect_is_a_check() -> None:
    known = replace(STORE, roles=(*STORE.roles, replace(STORE.roles[1], name="support")))
    seen = outcomes(ALL, known)

    assert list(seen) == [
        *(
            f"public.orders {aspect}"
            for aspect in (
                "columns",
                "primary key",
                "unique",
                "foreign keys",
                "checks",
                "indexes",
                "indexed",
                "triggers",
                "policies",
                "privileges",
                "properties",
            )
        ),
        "public.history properties",
        "public.history_2026 properties",
        "public.totals columns",
        "public.totals properties",
    ]
    assert {title: outcome for title, outcome in seen.items() if not isinstance(outcome, Passed)} == {
        "public.orders privileges": Failed(
            "support may SELECT (note) on public.orders",
            hint='REVOKE SELECT ("note") ON "public"."orders" FROM "support";',
        )
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns: [gone]", "missing column public.orders.gone"),
        ("columns: {id: int}", "public.orders.id is bigint, expected int"),
        ("columns: {id: bigint null}", "public.orders.id is not null, expected nullable"),
        ("columns: {total: 'numeric(10,2) not null'}", "public.orders.total is nullable, expected not null"),
        ("columns: {total: 'numeric(10,2) default 1'}", "public.orders.total has default 0, expected 1"),
        ("columns: {total: {default: 1}}", "public.orders.total has default 0, expected 1"),
        ("columns: {note: {default: true}}", "public.orders.note has no default, expected true"),
        ("columns: {note: {has_default: true}}", "public.orders.note has no default, expected one"),
        ("columns: {total: {has_default: false}}", "public.orders.total has default 0, expected none"),
        ("columns: {id: {identity: always}}", "public.orders.id has identity by default, expected always"),
        ("columns: {id: {generated: stored}}", "public.orders.id has generated none, expected stored"),
        ("columns: {id: {collation: C}}", "public.orders.id has collation default, expected C"),
        (
            "columns: [id, site_id, status, total, note], no_other_columns: true",
            "not expected column public.orders.search",
        ),
        ("primary_key: [id, site_id]", "public.orders has primary key (id), expected (id, site_id)"),
        ("unique: [[total]]", "public.orders (total) is not unique"),
        (
            "foreign_keys: [note references sites (id)]",
            "public.orders has no foreign key note references sites (id)",
        ),
        (
            "foreign_keys: [site_id references sites (code)]",
            "public.orders has no foreign key site_id references sites (code)",
        ),
        (
            "foreign_keys: [site_id references sites on delete restrict]",
            "public.orders has no foreign key site_id references sites on delete restrict",
        ),
        (
            "foreign_keys: [site_id references other.sites]",
            "public.orders has no foreign key site_id references other.sites",
        ),
        ("checks: [note]", "public.orders has no check constraint note, or of a column note"),
        (
            "checks: {total: total > 0}",
            "public.orders: check total is total >= 0, expected total > 0",
        ),
        ("indexes: [gone_idx]", "public.orders has no index gone_idx"),
        (
            "indexes: {orders_open_idx: {columns: [note]}}",
            "index public.orders_open_idx is of (total), expected (note)",
        ),
        (
            "indexes: {orders_open_idx: {includes: [note]}}",
            "index public.orders_open_idx includes (), expected (note)",
        ),
        (
            "indexes: {orders_open_idx: {unique: false}}",
            "index public.orders_open_idx is unique, expected the opposite",
        ),
        (
            "indexes: {orders_open_idx: {method: gin}}",
            "index public.orders_open_idx is a btree, expected a gin",
        ),
        (
            "indexes: {orders_open_idx: {partial: false}}",
            "index public.orders_open_idx is for some rows only, expected the opposite",
        ),
        (
            "indexes: {orders_pkey: {where: total > 0}}",
            "index public.orders_pkey is for rows where all, expected total > 0",
        ),
        ("indexed: [[total]]", "public.orders: no index begins with (total)"),
        ("triggers: [gone]", "public.orders has no trigger gone"),
        (
            "triggers: {touch: {function: other}}",
            "trigger touch on public.orders calls public.touch, expected other",
        ),
        ("triggers: {touch: {timing: after}}", "trigger touch on public.orders fires before, expected after"),
        (
            "triggers: {touch: {events: [delete]}}",
            "trigger touch on public.orders fires on insert, update, expected delete",
        ),
        (
            "triggers: {touch: {enabled: false}}",
            "trigger touch on public.orders is enabled: true, expected false",
        ),
        ("policies: [gone]", "public.orders has no policy gone"),
        ("no_other_policies: true", "not expected policy own on public.orders: permissive ones add up"),
        ("policies: {own: {command: all}}", "policy own on public.orders is for select, expected all"),
        ("policies: {own: {roles: [PUBLIC]}}", "policy own on public.orders is for member, expected PUBLIC"),
        (
            "policies: {own: {permissive: false}}",
            "policy own on public.orders is permissive, expected restrictive",
        ),
        (
            "policies: {own: {using: 'true'}}",
            "policy own on public.orders has using (site_id = ( SELECT app.site())), expected true",
        ),
        ("policies: {own: {check: x = 1}}", "policy own on public.orders has check nothing, expected x = 1"),
        (
            "policies: {own: {uses: [total]}}",
            "policy own on public.orders does not look at total: (site_id = ( SELECT app.site()))",
        ),
        ("privileges: {member: [select]}", "member may INSERT on public.orders"),
        ("privileges: {reader: [select, update]}", "reader may not UPDATE on public.orders"),
        ("privileges: {web: []}", "web may SELECT on public.orders (granted to reader)"),
        ("privileges: {nobody: []}", "there is no role nobody"),
        (
            "privileges: {admin: [select]}",
            "admin may do anything with public.orders: it is a superuser",
        ),
        (
            "privileges: {deployer: []}",
            "deployer may do anything with public.orders: it is or becomes postgres, who owns it",
        ),
        ("row_security: false", "public.orders: row-level security is on"),
        ("owner: ann", "public.orders has owner postgres, expected ann"),
        ("partitioned_by: LIST (x)", "public.orders has partition key none, expected list (x)"),
        ("partition_of: history", "public.orders has parent none, expected history"),
        ("inherits: [things]", "public.orders inherits nothing, expected things"),
        ("persistence: unlogged", "public.orders has persistence permanent, expected unlogged"),
        ("replica_identity: full", "public.orders has replica identity default, expected full"),
        ("security_invoker: true", "public.orders has security_invoker off, expected on"),
    ],
)
def test_what_is_not_as_expected_is_named(text: str, reason: str) -> None:
    assert wrong(orders(text)) == reason


FOREIGN = ORDERS.constraints[1]


@pytest.mark.parametrize(
    ("text", "catalog", "reason", "hint"),
    [
        (
            "foreign_keys: [site_id references sites]",
            with_orders(constraints=(replace(FOREIGN, validated=False),)),
            "public.orders: orders_site_fkey is not validated: rows that were there before may break it",
            'ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_site_fkey";',
        ),
        (
            "checks: [total]",
            with_orders(constraints=(replace(ORDERS.constraints[2], validated=False),)),
            "public.orders: orders_total_check is not validated: rows that were there before may break it",
            'ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_total_check";',
        ),
        (
            "primary_key: [id]",
            with_orders(constraints=()),
            "public.orders has no primary key, expected (id)",
            'ALTER TABLE "public"."orders" ADD PRIMARY KEY ("id");',
        ),
        (
            "unique: [[id]]",
            with_orders(constraints=(), indexes=(replace(ORDERS.indexes[0], valid=False),)),
            "public.orders (id) is not unique",
            'ALTER TABLE "public"."orders" ADD UNIQUE ("id");',
        ),
        (
            "indexes: [orders_site_idx]",
            with_orders(indexes=(replace(ORDERS.indexes[1], valid=False),)),
            "index public.orders_site_idx is not valid: queries do not use it, "
            "and a unique one does not hold",
            'REINDEX INDEX CONCURRENTLY "public"."orders_site_idx";',
        ),
        (
            "indexed: [[site_id]]",
            with_orders(indexes=(replace(ORDERS.indexes[1], valid=False),)),
            "public.orders: no index begins with (site_id)",
            'CREATE INDEX CONCURRENTLY ON "public"."orders" ("site_id");',
        ),
        (
            "indexes: {orders_site_idx: {columns: [site_id], unique: true, where: total > 0}}",
            with_orders(indexes=()),
            "public.orders has no index orders_site_idx",
            'CREATE UNIQUE INDEX CONCURRENTLY "orders_site_idx" ON "public"."orders" (site_id)'
            " WHERE total > 0;",
        ),
        (
            "triggers: [touch]",
            with_orders(triggers=(replace(ORDERS.triggers[0], enabled="D"),)),
            "trigger touch on public.orders is disabled, expected true",
            'ALTER TABLE "public"."orders" ENABLE TRIGGER "touch";',
        ),
        (
            "row_security: forced",
            with_orders(forced=False),
            "public.orders: row-level security is not forced, its owner passes it by",
            'ALTER TABLE "public"."orders" FORCE ROW LEVEL SECURITY;',
        ),
        (
            "policies: [own]",
            with_orders(row_security=False),
            "public.orders: policies have no effect, row-level security is off",
            'ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
        ),
        (
            "privileges: {anon: []}",
            with_orders(grants=(Grant(PUBLIC, "SELECT"),)),
            "anon may SELECT on public.orders (granted to PUBLIC)",
            'REVOKE SELECT ON "public"."orders" FROM PUBLIC;',
        ),
        (
            "columns: {code: text not null default 'x'}",
            STORE,
            "missing column public.orders.code",
            'ALTER TABLE "public"."orders" ADD COLUMN "code" text NOT NULL DEFAULT \'x\';',
        ),
        (
            "columns: [id]",
            replace(STORE, relations=()),
            "there is no table public.orders",
            "",
        ),
    ],
)
def test_how_to_mend_it_is_told(text: str, catalog: Catalog, reason: str, hint: str) -> None:
    assert only(orders(text), catalog) == Failed(reason, hint=hint)


def test_a_view_is_no_table() -> None:
    assert wrong("tables: {named: {totals: {columns: [site_id]}}}") == "there is no table public.totals"


def test_a_name_may_say_its_schema() -> None:
    assert wrong("{schema: empty, tables: {named: {public.orders: {primary_key: [id]}}}}") == ""


def test_a_unique_index_makes_unique_unless_it_is_for_some_rows_only() -> None:
    whole = replace(ORDERS.indexes[2], predicate=None)

    assert wrong(orders("unique: [[total]]"), with_orders(indexes=(whole,))) == ""
    assert wrong(orders("unique: [[total]]")) != ""
