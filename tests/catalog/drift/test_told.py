"""Differences as they are read: dangerous first, grouped, capped; with the reason and what mends them."""

from dataclasses import replace

import pytest

from pytest_deploycheck.catalog.drift.danger import danger
from pytest_deploycheck.catalog.drift.mend import mend
from pytest_deploycheck.catalog.drift.rules import EXACT
from pytest_deploycheck.catalog.drift.told import counted, first, told
from pytest_deploycheck.model.catalog import Catalog, Membership, Role
from pytest_deploycheck.model.relation import PUBLIC, Column, Grant, Index, Name, Policy, Relation
from tests.catalog.drift.shop import ORDERS, SHOP, TOTALS, TOUCH, compared, with_orders, with_touch

OPENED = with_orders(
    row_security=False,
    columns=ORDERS.columns[::-1],
    grants=(*ORDERS.grants, Grant("anon", "SELECT")),
    indexes=ORDERS.indexes[:2],
)


def text(found: Catalog) -> str:
    return "\n".join(told(compared(found).differences))


def test_what_opens_data_stands_first() -> None:
    severities = [line.split()[0] for line in text(OPENED).splitlines() if not line.startswith(" ")]

    assert severities == ["CRITICAL", "CRITICAL", "MEDIUM", "LOW"]
    assert counted(compared(OPENED).differences) == "2 critical, 1 medium, 1 low"


def test_a_difference_says_what_why_and_how_to_mend() -> None:
    assert text(with_orders(row_security=False)).splitlines() == [
        "CRITICAL table public.orders: row_security is off, expected on",
        "         every row is open to whoever may select",
        '         ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
    ]
    assert first(compared(OPENED).differences).startswith(
        "CRITICAL grant public.orders to anon: SELECT extra"
    )


def test_differences_that_read_alike_share_a_line() -> None:
    tables = tuple(replace(ORDERS, name=Name("public", f"t{n}")) for n in range(9))
    open_tables = tuple(replace(each, row_security=False) for each in tables)
    differences = compared(
        replace(SHOP, relations=open_tables), expected=replace(SHOP, relations=tables)
    ).differences

    assert next(told(differences)) == (
        "CRITICAL table public.t0, public.t1, public.t2, public.t3, public.t4 and 4 more: "
        "row_security is off, expected on"
    )


def test_it_is_never_a_wall_of_text() -> None:
    columns = tuple(Column(name=f"c{n}", type="text", default=str(n)) for n in range(300))
    changed = tuple(replace(each, default=f"'{each.name}'") for each in columns)
    differences = compared(with_orders(columns=changed), expected=with_orders(columns=columns)).differences
    lines = list(told(differences))

    assert len(differences) == 300
    assert len(lines) < 60
    assert lines[-1] == "and 280 more: 280 medium"


def test_long_values_are_shown_where_they_differ() -> None:
    long = "a" * 400
    changed = with_orders(policies=(replace(ORDERS.policies[0], using=f"{long} or true"), ORDERS.policies[1]))
    expected = with_orders(policies=(replace(ORDERS.policies[0], using=f"{long} and x"), ORDERS.policies[1]))
    line = next(told(compared(changed, expected=expected).differences))

    assert "using is …aaa" in line
    assert "or true, expected …aaa" in line
    assert len(line) < 250


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        (with_orders(forced=False), "HIGH"),
        (with_orders(policies=ORDERS.policies[1:]), "HIGH"),
        (with_orders(policies=ORDERS.policies[:1]), "CRITICAL"),
        (with_orders(policies=(*ORDERS.policies, Policy(name="all", using="true"))), "CRITICAL"),
        (with_orders(policies=(*ORDERS.policies, Policy(name="few", permissive=False))), "HIGH"),
        (
            with_orders(policies=(replace(ORDERS.policies[0], roles=(PUBLIC,)), ORDERS.policies[1])),
            "CRITICAL",
        ),
        (with_orders(grants=(*ORDERS.grants, Grant(PUBLIC, "SELECT"))), "CRITICAL"),
        (with_orders(grants=(*ORDERS.grants, Grant("web", "SELECT"))), "HIGH"),
        (with_orders(grants=ORDERS.grants[:2]), "MEDIUM"),
        (with_orders(indexes=(ORDERS.indexes[0], ORDERS.indexes[2])), "HIGH"),
        (with_orders(triggers=()), "HIGH"),
        (with_orders(options=()), "LOW"),
        (with_touch(security_definer=True), "CRITICAL"),
        (replace(SHOP, relations=(ORDERS, replace(TOTALS, security_invoker=False))), "CRITICAL"),
        (replace(SHOP, relations=(TOTALS,)), "HIGH"),
        (replace(SHOP, roles=(Role(name="anon", superuser=True), *SHOP.roles[1:])), "CRITICAL"),
        (replace(SHOP, roles=(*SHOP.roles[:3], replace(SHOP.roles[3], member_of=()))), "HIGH"),
        (
            replace(
                SHOP,
                roles=(
                    *SHOP.roles[:2],
                    replace(SHOP.roles[2], member_of=(Membership(role="x"),)),
                    SHOP.roles[3],
                ),
            ),
            "CRITICAL",
        ),
        (replace(SHOP, buckets=(replace(SHOP.buckets[0], public=True),)), "CRITICAL"),  # type: ignore[index]  # the shop's buckets are known
        (replace(SHOP, extensions=(replace(SHOP.extensions[0], version="2"),)), "LOW"),
        (
            replace(
                SHOP, relations=(*SHOP.relations, Relation(name=Name("public", "bare"), owner="postgres"))
            ),
            "HIGH",
        ),
    ],
)
def test_how_bad_a_difference_is(found: Catalog, severity: str) -> None:
    (difference,) = compared(found, EXACT).differences

    assert danger(difference).severity.name == severity


SELECT, ACTIVE = ORDERS.policies


@pytest.mark.parametrize(
    ("found", "statement"),
    [
        (with_orders(forced=False), 'ALTER TABLE "public"."orders" FORCE ROW LEVEL SECURITY;'),
        (
            with_orders(grants=(*ORDERS.grants, Grant(PUBLIC, "SELECT"))),
            'REVOKE SELECT ON "public"."orders" FROM PUBLIC;',
        ),
        (
            with_orders(grants=ORDERS.grants[:2]),
            'GRANT INSERT ON "public"."orders" TO "authenticated" WITH GRANT OPTION;',
        ),
        (
            with_orders(
                columns=(*ORDERS.columns[:2], replace(ORDERS.columns[2], grants=()), ORDERS.columns[3])
            ),
            'GRANT SELECT ("note") ON "public"."orders" TO "support";',
        ),
        (with_touch(grants=()), 'GRANT EXECUTE ON FUNCTION "public"."touch"() TO "authenticated";'),
        (
            with_orders(policies=(SELECT,)),
            'CREATE POLICY "orders_active" ON "public"."orders" AS RESTRICTIVE FOR ALL TO PUBLIC '
            "USING (active());",
        ),
        (
            with_orders(policies=(replace(SELECT, using="true"), ACTIVE)),
            'DROP POLICY "orders_select" ON "public"."orders"; CREATE POLICY "orders_select" ON '
            '"public"."orders" FOR SELECT TO "authenticated" USING ((tenant = tenant()));',
        ),
        (
            with_orders(columns=ORDERS.columns[:3]),
            'ALTER TABLE "public"."orders" ADD COLUMN "total" integer NOT NULL DEFAULT 0;',
        ),
        (
            with_orders(columns=(*ORDERS.columns[:3], replace(ORDERS.columns[3], default=None))),
            'ALTER TABLE "public"."orders" ALTER COLUMN "total" SET DEFAULT 0;',
        ),
        (
            with_orders(constraints=ORDERS.constraints[:1]),
            'ALTER TABLE "public"."orders" ADD CONSTRAINT "orders_total_check" CHECK ((total >= 0));',
        ),
        (
            with_orders(constraints=(ORDERS.constraints[0], replace(ORDERS.constraints[1], validated=False))),
            'ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_total_check";',
        ),
        (
            with_orders(indexes=(*ORDERS.indexes[:2], replace(ORDERS.indexes[2], valid=False))),
            'REINDEX INDEX CONCURRENTLY "public"."orders_total";',
        ),
        (
            with_orders(indexes=ORDERS.indexes[:2]),
            "CREATE INDEX orders_total ON public.orders USING btree (total);",
        ),
        (
            with_orders(triggers=(replace(ORDERS.triggers[0], enabled="D"),)),
            'ALTER TABLE "public"."orders" ENABLE TRIGGER "touch";',
        ),
        (
            replace(SHOP, relations=(ORDERS, replace(TOTALS, security_invoker=False))),
            'ALTER VIEW "public"."totals" SET (security_invoker = true);',
        ),
        (with_touch(security_definer=True), 'ALTER FUNCTION "public"."touch"() SECURITY INVOKER;'),
        (with_touch(settings=()), 'ALTER FUNCTION "public"."touch"() SET search_path = "";'),
        (
            replace(SHOP, roles=(Role(name="anon", superuser=True), *SHOP.roles[1:])),
            'ALTER ROLE "anon" NOSUPERUSER;',
        ),
        (with_touch(body="x"), ""),
        (with_touch(name=Name("public", "other"), grants=TOUCH.grants[:1]), ""),
        (with_orders(indexes=(*ORDERS.indexes, Index(name="x", definition="CREATE INDEX x"))), ""),
    ],
)
def test_a_statement_brings_it_back(found: Catalog, statement: str) -> None:
    difference = compared(found, EXACT).differences[0]

    assert mend(difference) == statement
