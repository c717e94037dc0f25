"""Which objects there are, how many, and that none is in a bad state."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.relation import Unknown
from tests.checks.expectations.store import ORDERS, STORE, only, outcomes, with_orders, wrong


@pytest.mark.parametrize(
    ("text", "title", "note"),
    [
        ("tables: [orders, history_2026]", "tables in public", "2 tables"),
        ("tables: {exactly: [orders, history], absent: [old]}", "tables in public", "2 tables"),
        ("views: {exactly: [totals]}", "views in public", "1 view"),
        (
            "materialized_views: {at_least: 1}",
            "materialized views in public",
            "1 materialized view, filled",
        ),
        ("foreign_tables: {none: true}", "foreign tables in public", "0 foreign tables"),
        ("indexes: {at_least: 3}", "indexes in public", "3 indexes, all valid and ready"),
        ("constraints: {at_least: 6}", "constraints in public", "6 constraints, all validated"),
        ("primary_keys: {every_table: true}", "primary keys in public", "3 primary keys, all validated"),
        (
            "foreign_keys: [orders.orders_site_fkey]",
            "foreign keys in public",
            "1 foreign key, validated",
        ),
        (
            "unique_constraints: {contains: [orders_note_key]}",
            "unique constraints in public",
            "1 unique constraint, validated",
        ),
        (
            "check_constraints: {at_least: 1}",
            "check constraints in public",
            "1 check constraint, validated",
        ),
        ("triggers: {exactly: [orders.touch]}", "triggers in public", "1 trigger, enabled"),
        ("policies: {exactly: [own]}", "policies in public", "1 policy, in force"),
        ("functions: {exactly: [touch]}", "functions in public", "1 function"),
        ("sequences: {exactly: [numbers]}", "sequences in public", "1 sequence"),
        ("enums: {exactly: [status]}", "enums in public", "1 enum"),
        ("types: {exactly: [status, amount]}", "types in public", "2 types"),
        ("schemas: {exactly: [public, empty]}", "schemas", "2 schemas"),
        ("roles: {contains: [anon]}", "roles", "7 roles"),
        ("extensions: [pg_trgm]", "extensions", "1 extension"),
        ("publications: {exactly: [feed]}", "publications", "1 publication"),
        ("event_triggers: [guard]", "event triggers", "1 event trigger, enabled"),
        ("buckets: {exactly: [avatars]}", "buckets", "1 bucket"),
        ("{schema: empty, tables: {none: true}}", "tables in empty", "0 tables"),
    ],
)
def test_a_set_is_as_expected(text: str, title: str, note: str) -> None:
    assert outcomes(text) == {title: Passed(note)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tables: [orders, sites]", "missing sites"),
        ("tables: {exactly: [orders]}", "not expected history"),
        ("tables: {absent: [orders]}", "orders is there, expected to be gone"),
        ("tables: {at_least: 3}", "2 tables, expected at least 3"),
        ("tables: {none: true}", "not expected history; 2 in all\nnot expected history\nnot expected orders"),
        ("indexes: {at_least: 50}", "3 indexes, expected at least 50"),
        ("functions: {none: true}", "not expected touch(kind text, at timestamp with time zone)"),
        ("foreign_keys: [missing_fkey]", "missing missing_fkey"),
        ("{schema: nowhere, tables: {none: true}}", "schema nowhere does not exist"),
        ("{schema: empty, tables: {at_least: 1}}", "0 tables, expected at least 1"),
    ],
)
def test_what_is_missing_and_what_nobody_expects_is_named(text: str, reason: str) -> None:
    assert wrong(text) == reason


INVALID = with_orders(indexes=(*ORDERS.indexes[:2], replace(ORDERS.indexes[2], valid=False)))
NOT_READY = with_orders(indexes=(*ORDERS.indexes[:2], replace(ORDERS.indexes[2], ready=False)))
NOT_VALID = with_orders(
    constraints=(*ORDERS.constraints[:2], replace(ORDERS.constraints[2], validated=False))
)
NOT_ENFORCED = with_orders(
    constraints=(*ORDERS.constraints[:2], replace(ORDERS.constraints[2], enforced=False))
)
NULLABLE = with_orders(constraints=(*ORDERS.constraints[:4], replace(ORDERS.constraints[4], validated=False)))
DISABLED = with_orders(triggers=(replace(ORDERS.triggers[0], enabled="D"),))
REPLICA = with_orders(triggers=(replace(ORDERS.triggers[0], enabled="R"),))


@pytest.mark.parametrize(
    ("text", "catalog", "reason", "hint"),
    [
        (
            "indexes: {at_least: 1}",
            INVALID,
            "orders_open_idx is not valid: queries do not use it, and a unique one does not hold",
            'REINDEX INDEX CONCURRENTLY "public"."orders_open_idx";',
        ),
        (
            "indexes: {at_least: 1}",
            NOT_READY,
            "orders_open_idx is not ready: it is not kept up with writes",
            'REINDEX INDEX CONCURRENTLY "public"."orders_open_idx";',
        ),
        (
            "constraints: {at_least: 1}",
            NOT_VALID,
            "orders.orders_total_check is not validated: rows that were there before may break it",
            'ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_total_check";',
        ),
        (
            "check_constraints: {absent: [other]}",
            NOT_ENFORCED,
            "orders.orders_total_check is not enforced, or its triggers are off: rows may break it",
            'ALTER TABLE "public"."orders" ENABLE TRIGGER ALL;',
        ),
        (
            "constraints: {at_least: 1}",
            NULLABLE,
            "orders.orders_id_not_null is not validated: rows that were there before may break it",
            'ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_id_not_null";',
        ),
        (
            "triggers: [touch]",
            DISABLED,
            "orders.touch is disabled",
            'ALTER TABLE "public"."orders" ENABLE TRIGGER "touch";',
        ),
        (
            "triggers: [touch]",
            REPLICA,
            "orders.touch fires on replicas only",
            'ALTER TABLE "public"."orders" ENABLE TRIGGER "touch";',
        ),
        (
            "policies: [own]",
            with_orders(row_security=False),
            "orders.own has no effect: row-level security is off",
            'ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
        ),
        (
            "materialized_views: [ranks]",
            replace(STORE, relations=(replace(STORE.relations[3], populated=False),)),
            "ranks was never filled: reading it fails",
            'REFRESH MATERIALIZED VIEW "public"."ranks";',
        ),
        (
            "event_triggers: [guard]",
            replace(STORE, event_triggers=(replace(STORE.event_triggers[0], enabled="D"),)),
            "guard is disabled",
            'ALTER EVENT TRIGGER "guard" ENABLE;',
        ),
        (
            "primary_keys: {every_table: true}",
            with_orders(constraints=()),
            "public.orders has no primary key",
            "",
        ),
    ],
)
def test_a_bad_state_is_told_with_what_mends_it(text: str, catalog: Catalog, reason: str, hint: str) -> None:
    assert only(text, catalog) == Failed(reason, hint=hint)


def test_what_is_excepted_may_be_in_a_bad_state_and_counts() -> None:
    text = "indexes: {at_least: 3, except: {orders_open_idx: is being built}}"

    assert only(text, INVALID) == Passed("3 indexes, all valid and ready")
    assert only(
        "primary_keys: {every_table: true, except: {orders: a log}}", with_orders(constraints=())
    ) == Passed("2 primary keys, all validated")


def test_an_invalid_index_is_none_of_at_least_so_many() -> None:
    assert wrong("indexes: {at_least: 3}", INVALID).splitlines()[-1] == "2 indexes, expected at least 3"


def test_buckets_that_may_not_be_read_are_not_decided() -> None:
    blind = replace(STORE, buckets=Unknown("permission denied for table buckets"))
    seen = outcomes("buckets: {none: true, named: {avatars: {public: false}}}", blind)

    assert set(seen.values()) == {
        Inconclusive("buckets could not be read: permission denied for table buckets")
    }


def test_many_findings_are_counted() -> None:
    many = ", ".join(f"t{number}" for number in range(30))
    reason = wrong(f"tables: [{many}]")

    assert reason.startswith("missing t0; 30 in all\nmissing t0\n")
    assert reason.endswith("missing t19\nand 10 more")
