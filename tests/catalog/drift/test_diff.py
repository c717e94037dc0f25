"""What differs, and what does not count as different."""

from dataclasses import replace

import pytest

from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.rules import EXACT, Mode, Rules
from pytest_deploycheck.model.catalog import Catalog, Membership, Role, Schema, Server, Type
from pytest_deploycheck.model.relation import Column, Grant, Index, Name, Relation, Unknown
from tests.catalog.drift.shop import (
    ORDERS,
    OWNER,
    SHOP,
    TOTALS,
    TOUCH,
    compared,
    differences,
    said,
    with_orders,
    with_touch,
)

EVENTS = Relation(
    name=Name("public", "events"),
    owner="postgres",
    row_security=True,
    columns=(Column(name="id", type="uuid"),),
)


def test_a_schema_does_not_differ_from_itself() -> None:
    comparison = compared(SHOP)

    assert (comparison.differences, comparison.undecided) == ((), ())
    assert comparison.compared > 30


ORDERED = ORDERS.columns


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (with_orders(row_security=False), ("changed", "table", "public.orders", "row_security")),
        (with_orders(forced=False), ("changed", "table", "public.orders", "forced")),
        (with_orders(columns=ORDERED[:3]), ("missing", "column", "public.orders.total", "")),
        (with_orders(columns=ORDERED[::-1]), ("changed", "table", "public.orders", "order")),
        (
            with_orders(columns=(*ORDERED, Column(name="more", type="text"))),
            ("extra", "column", "public.orders.more", ""),
        ),
        (
            with_orders(columns=(*ORDERED[:3], replace(ORDERED[3], default=None))),
            ("changed", "column", "public.orders.total", "default"),
        ),
        (
            with_orders(columns=(*ORDERED[:3], replace(ORDERED[3], not_null=False))),
            ("changed", "column", "public.orders.total", "not_null"),
        ),
        (
            with_orders(columns=(*ORDERED[:3], replace(ORDERED[3], type="bigint"))),
            ("changed", "column", "public.orders.total", "type"),
        ),
        (
            with_orders(columns=(*ORDERED[:2], replace(ORDERED[2], grants=()), ORDERED[3])),
            ("missing", "grant", "public.orders.note to support", ""),
        ),
        (
            with_orders(constraints=ORDERS.constraints[:1]),
            ("missing", "constraint", "orders_total_check on public.orders", ""),
        ),
        (
            with_orders(constraints=(ORDERS.constraints[0], replace(ORDERS.constraints[1], validated=False))),
            ("changed", "constraint", "orders_total_check on public.orders", "not_validated"),
        ),
        (
            with_orders(
                constraints=(
                    ORDERS.constraints[0],
                    replace(
                        ORDERS.constraints[1],
                        validated=False,
                        definition=ORDERS.constraints[1].definition + " NOT VALID",
                    ),
                )
            ),
            ("changed", "constraint", "orders_total_check on public.orders", "not_validated"),
        ),
        (with_orders(indexes=ORDERS.indexes[:2]), ("missing", "index", "orders_total on public.orders", "")),
        (
            with_orders(indexes=(*ORDERS.indexes[:2], replace(ORDERS.indexes[2], valid=False))),
            ("changed", "index", "orders_total on public.orders", "invalid"),
        ),
        (with_orders(triggers=()), ("missing", "trigger", "touch on public.orders", "")),
        (
            with_orders(triggers=(replace(ORDERS.triggers[0], enabled="D"),)),
            ("changed", "trigger", "touch on public.orders", "enabled"),
        ),
        (
            with_orders(policies=ORDERS.policies[1:]),
            ("missing", "policy", "orders_select on public.orders", ""),
        ),
        (
            with_orders(policies=(replace(ORDERS.policies[0], using="true"), ORDERS.policies[1])),
            ("changed", "policy", "orders_select on public.orders", "using"),
        ),
        (
            with_orders(grants=(OWNER, *ORDERS.grants, Grant("anon", "SELECT"))),
            ("extra", "grant", "public.orders to anon", ""),
        ),
        (
            with_orders(grants=(*ORDERS.grants, Grant("authenticated", "DELETE"))),
            ("extra", "grant", "public.orders to authenticated", ""),
        ),
        (with_orders(options=("fillfactor=90",)), ("changed", "table", "public.orders", "options")),
        (
            replace(SHOP, relations=(ORDERS, replace(TOTALS, security_invoker=False))),
            ("changed", "view", "public.totals", "security_invoker"),
        ),
        (
            replace(SHOP, relations=(ORDERS, replace(TOTALS, definition="SELECT 1"))),
            ("changed", "view", "public.totals", "definition"),
        ),
        (replace(SHOP, relations=(ORDERS,)), ("missing", "view", "public.totals", "")),
        (with_touch(security_definer=True), ("changed", "function", "public.touch()", "security_definer")),
        (with_touch(settings=()), ("changed", "function", "public.touch()", "settings")),
        (with_touch(volatility="s"), ("changed", "function", "public.touch()", "volatility")),
        (with_touch(grants=()), ("missing", "grant", "public.touch() to authenticated", "")),
        (
            replace(SHOP, sequences=(replace(SHOP.sequences[0], cycle=True),)),
            ("changed", "sequence", "public.numbers", "cycle"),
        ),
        (
            replace(SHOP, types=(replace(SHOP.types[0], definition="'open'"),)),
            ("changed", "type", "public.status", "definition"),
        ),
        (
            replace(SHOP, roles=(Role(name="anon", bypass_rls=True), *SHOP.roles[1:])),
            ("changed", "role", "anon", "bypass_rls"),
        ),
        (
            replace(SHOP, roles=(Role(name="anon", member_of=(Membership(role="web"),)), *SHOP.roles[1:])),
            ("extra", "membership", "anon in web", ""),
        ),
        (
            replace(SHOP, roles=(*SHOP.roles[:3], replace(SHOP.roles[3], settings=()))),
            ("missing", "setting", "statement_timeout of web", ""),
        ),
        (
            replace(SHOP, default_privileges=()),
            ("missing", "default privileges", "postgres in public on functions", ""),
        ),
        (
            replace(SHOP, publications=(replace(SHOP.publications[0], tables=()),)),
            ("missing", "published table", "public.orders in feed", ""),
        ),
        (replace(SHOP, event_triggers=()), ("missing", "event trigger", "guard", "")),
        (
            replace(SHOP, buckets=(replace(SHOP.buckets[0], public=True),)),  # type: ignore[index]  # the shop's buckets are known
            ("changed", "bucket", "avatars", "public"),
        ),
        (replace(SHOP, database_settings=()), ("missing", "setting", "search_path", "")),
        (
            replace(SHOP, schemas=(replace(SHOP.schemas[0], grants=()),)),
            ("missing", "grant", "public to anon", ""),
        ),
    ],
)
def test_a_difference_is_told_once(found: Catalog, told: tuple[str, str, str, str]) -> None:
    assert differences(found) == [told]


def test_of_a_missing_table_nothing_more_is_told() -> None:
    assert differences(replace(SHOP, relations=(TOTALS,))) == [("missing", "table", "public.orders", "")]


def test_more_tables_indexes_and_roles_than_expected_are_allowed() -> None:
    more = with_orders(indexes=(*ORDERS.indexes, Index(name="extra", definition="CREATE INDEX ...")))
    more = replace(
        more,
        relations=(*more.relations, EVENTS),
        roles=(*more.roles, Role(name="ann")),
        types=(*more.types, Type(name=Name("public", "colour"), kind="e")),
    )

    assert differences(more) == []
    assert sorted({kind for _, kind, *_ in differences(more, EXACT)}) == ["index", "role", "table", "type"]


def test_a_table_that_is_allowed_may_still_not_be_granted_to_anybody() -> None:
    opened = replace(EVENTS, grants=(OWNER, Grant("anon", "SELECT")))

    assert differences(replace(SHOP, relations=(*SHOP.relations, opened))) == [
        ("extra", "grant", "public.events to anon", "")
    ]


def test_a_function_more_is_told_with_who_may_call_it() -> None:
    more = replace(TOUCH, name=Name("public", "steal"), grants=(Grant("", "EXECUTE"),))

    assert differences(replace(SHOP, functions=(TOUCH, more))) == [
        ("extra", "function", "public.steal()", ""),
        ("extra", "grant", "public.steal() to PUBLIC", ""),
    ]


def test_what_a_grantee_lost_and_gained_is_told_apart() -> None:
    changed = with_orders(grants=(Grant("authenticated", "SELECT"), Grant("authenticated", "INSERT")))
    lost, gained = compared(changed).differences

    assert (lost.expected, gained.found) == (("INSERT with grant option",), ("INSERT",))
    assert differences(changed, Rules({"grants": Mode.SUPERSET})) == [
        ("missing", "grant", "public.orders to authenticated", "")
    ]


@pytest.mark.parametrize(
    "rules",
    [
        Rules({"policies": Mode.IGNORE}),
        Rules(ignored={"policies": ("orders_select on *",)}),
        Rules(ignored={"policies": ("*_select",)}),
        Rules(ignored={"tables": ("public.ord*",)}),
        Rules(ignored={"schemas": ("public",)}),
    ],
)
def test_what_is_ignored_is_not_compared(rules: Rules) -> None:
    assert differences(with_orders(policies=ORDERS.policies[1:]), rules) == []


def test_owners_can_be_left_out() -> None:
    owned = with_touch(owner="web", grants=TOUCH.grants[1:])

    assert differences(owned) == [("changed", "function", "public.touch()", "owner")]
    assert differences(owned, Rules({"owners": Mode.IGNORE})) == []


def test_an_ignored_schema_may_be_there_or_not() -> None:
    more = replace(SHOP, schemas=(*SHOP.schemas, Schema(name="scratch")))

    assert differences(more) == [("extra", "schema", "scratch", "")]
    assert differences(more, Rules(ignored={"schemas": ("scra*",)})) == []


def test_what_could_not_be_read_is_not_decided() -> None:
    blind = replace(SHOP, buckets=Unknown("permission denied for schema storage"))

    for comparison in (compared(blind), compared(SHOP, expected=blind)):
        assert comparison.differences == ()
        assert comparison.undecided == ("buckets could not be read: permission denied for schema storage",)
    assert compared(blind, Rules({"buckets": Mode.IGNORE})).undecided == ()


NEWER = Server(version=180004, database="shop", user="gate")


def test_two_major_versions_are_compared_by_what_they_write_alike() -> None:
    newer = replace(with_orders(row_security=False), server=NEWER)

    assert differences(newer) == [("changed", "table", "public.orders", "row_security")]
    assert compared(newer).undecided == ()


def test_expressions_that_two_major_versions_write_differently_are_not_decided() -> None:
    rewritten = replace(
        with_orders(
            policies=(replace(ORDERS.policies[0], using="tenant = tenant()"), ORDERS.policies[1]),
            constraints=(
                ORDERS.constraints[0],
                replace(ORDERS.constraints[1], definition="CHECK (total >= 0)"),
            ),
        ),
        server=NEWER,
    )
    comparison = compared(rewritten)

    assert comparison.differences == ()
    assert comparison.undecided == (
        "PostgreSQL 15 and 18 may write the same expression differently, so this was not decided: definition "
        "of constraint orders_total_check on public.orders, using of policy orders_select on public.orders",
    )


@pytest.mark.parametrize("using", ["(status = 'shut'::text)", "(total > 7)"])
def test_another_text_or_number_in_an_expression_is_decided_between_any_versions(using: str) -> None:
    older = with_orders(policies=(replace(ORDERS.policies[0], using="(status = 'open'::text)"),))
    newer = replace(with_orders(policies=(replace(ORDERS.policies[0], using=using),)), server=NEWER)
    comparison = compared(newer, expected=older)

    assert [said(each) for each in comparison.differences] == [
        ("changed", "policy", "orders_select on public.orders", "using")
    ]


def test_the_body_of_a_function_that_is_kept_as_a_parse_tree_is_not_decided_between_versions() -> None:
    older = with_touch(language="sql", body="RETURN 1")
    newer = replace(with_touch(language="sql", body="RETURN (1)"), server=NEWER)

    assert compared(newer, expected=older).differences == ()
    assert "parsed_body of function public.touch()" in compared(newer, expected=older).undecided[0]


def test_what_no_major_version_writes_differently_is_decided() -> None:
    changed = replace(
        with_orders(
            constraints=(
                replace(ORDERS.constraints[0], definition="PRIMARY KEY (tenant, id)"),
                ORDERS.constraints[1],
            ),
            indexes=(
                *ORDERS.indexes[:2],
                replace(
                    ORDERS.indexes[2],
                    definition="CREATE INDEX orders_total ON public.orders USING hash (total)",
                ),
            ),
        ),
        server=NEWER,
        types=(replace(SHOP.types[0], definition="'open'"),),
    )

    assert [kind for _, kind, *_ in differences(changed)] == ["constraint", "index", "type"]


def test_a_privilege_that_only_newer_versions_know_does_not_differ_between_versions() -> None:
    newer = replace(with_orders(grants=(*ORDERS.grants, Grant("authenticated", "MAINTAIN"))), server=NEWER)

    assert differences(newer) == []


def test_nothing_compared_is_told() -> None:
    assert compared(SHOP, Rules(dict.fromkeys(EXACT.modes, Mode.IGNORE))).compared == 0
    assert facts(SHOP).value("postgresql") == 15
