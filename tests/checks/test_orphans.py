"""Rows whose reference leads nowhere are found, counted and shown; what was not looked at is said."""

import pytest

from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, Extension
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Answers, Refused, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Snapshot, Transaction
from pytest_deploycheck.testing import Round, answer, asked
from tests.checks.contracts import declare, declare_one, reading
from tests.checks.database.catalogs import catalog, foreign, table, unique

CHECK = declare_one("orphans", "{schemas: [public], runbook: WC-16}")
EXPECTED = declare_one("orphans", "{expected: [{from: public.orders.site_id, to: public.sites.id}]}")
SITES = table("sites", "id", "client_id")
KEY = foreign("orders_site_fkey", ("client_id", "site_id"), "sites", ("client_id", "id"))
ORDERS = table("orders", "id", "client_id", "site_id", "email text", constraints=(KEY,))
SHOP = catalog(SITES, ORDERS)
TEMPORAL = foreign("k", ("site", "stay"), "sites", ("id", "lease"), "FOREIGN KEY (site, PERIOD stay) ...")
LOOSE = catalog(SITES, table("orders", "site_id"))
ORDERS_TO_SITES = "public.orders (client_id, site_id) → public.sites (client_id, id)"
LEADS_NOWHERE = (
    f"{ORDERS_TO_SITES}: 2 of 30 rows lead nowhere, although orders_site_fkey is there: "
    "client_id=a1, site_id=b1; client_id=a1, site_id=b2"
)
HINT = "insert the missing rows, or remove the orphans; then ALTER TABLE ... VALIDATE CONSTRAINT"
TIMED_OUT = Refused("57014", "canceling statement due to statement timeout")


def counted(*counts: tuple[int, int] | Refused) -> Answers:
    """References and orphans of each key."""
    return Answers(tuple(each if isinstance(each, Refused) else Rows((), (each,)) for each in counts))


def examples(*rows: tuple[str, ...]) -> Answers:
    return Answers((Rows((), rows),))


def sql_of(check: Check, *rounds: Round) -> list[str]:
    """The statements of the last round."""
    return [
        statement.sql
        for probe in asked(check, *rounds)[-1]
        if isinstance(probe, Transaction)
        for statement in probe.statements
    ]


def test_every_reference_leads_somewhere() -> None:
    assert (CHECK.title, CHECK.spend, CHECK.runbook) == ("orphans", Spend(queries=2001), ("WC-16",))
    assert asked(CHECK)[0] == (Snapshot(),)
    assert answer(CHECK, SHOP, counted((30, 0))) == Passed("1 key, 30 references")


def test_orphans_are_counted_and_shown() -> None:
    outcome = answer(CHECK, SHOP, counted((30, 2)), examples(("a1", "b1"), ("a1", "b2")))

    assert outcome == Failed(LEADS_NOWHERE, hint=HINT)


def test_what_may_be_private_is_not_shown_in_full() -> None:
    key = foreign("orders_email_fkey", ("email",), "users", ("email",))
    shop = catalog(table("users", "email text"), table("orders", "email text", constraints=(key,)))

    outcome = answer(CHECK, shop, counted((3, 1)), examples(("ann@shop.example",)))

    assert isinstance(outcome, Failed)
    assert outcome.reason.endswith(": email=an… (16 characters)")


def test_orphans_count_even_where_they_cannot_be_shown() -> None:
    told = Failed(LEADS_NOWHERE.partition(": client_id")[0], hint=HINT)

    assert answer(CHECK, SHOP, counted((30, 2)), Answers((TIMED_OUT,))) == told
    assert answer(CHECK, SHOP, counted((30, 2)), Silence("gone")) == told
    assert answer(CHECK, SHOP, counted((30, 2)), examples()) == told


def test_a_reference_in_part_null_refers_to_nothing_unless_the_key_is_full() -> None:
    full = foreign("k", ("client_id", "site_id"), "sites", ("client_id", "id"), "FOREIGN KEY ... MATCH FULL")
    (simple_sql,) = sql_of(CHECK, SHOP)
    (full_sql,) = sql_of(CHECK, catalog(SITES, table("orders", "client_id", "site_id", constraints=(full,))))

    assert simple_sql.endswith('WHERE c."client_id" IS NOT NULL AND c."site_id" IS NOT NULL')
    assert full_sql.endswith('WHERE c."client_id" IS NOT NULL OR c."site_id" IS NOT NULL')


def test_the_periods_of_a_temporal_key_are_taken_together() -> None:
    (sql,) = sql_of(CHECK, catalog(SITES, table("stays", "site", "stay daterange", constraints=(TEMPORAL,))))

    assert sql.partition("LEFT JOIN ")[2] == (
        'LATERAL (\n  SELECT true AS found FROM ONLY "public"."sites" AS r '
        'WHERE r."id" = c."site" AND r."lease" && c."stay"\n'
        '  HAVING range_agg(r."lease") @> c."stay"\n) AS p ON true\n'
        'WHERE c."site" IS NOT NULL AND c."stay" IS NOT NULL'
    )


def test_an_inherited_table_is_held_to_its_own_rows_and_a_partitioned_one_to_all() -> None:
    parted = catalog(SITES, table("orders", "client_id", "site_id", kind="p", constraints=(KEY,)))

    assert 'FROM ONLY "public"."orders" AS c' in sql_of(CHECK, SHOP)[0]
    assert 'FROM "public"."orders" AS c' in sql_of(CHECK, parted)[0]


def test_the_key_of_a_partition_is_looked_at_once() -> None:
    whole = table("orders", "client_id", "site_id", kind="p", constraints=(KEY,))
    part = table("orders_1", "client_id", "site_id", partition_of=whole.name, constraints=(KEY,))
    to_part = foreign("orders_site_fkey1", ("client_id", "site_id"), "sites_1", ("client_id", "id"))
    by_part = table("orders", "client_id", "site_id", constraints=(KEY, to_part))
    sites = table("sites", "id", "client_id", kind="p")
    sites_1 = table("sites_1", "id", "client_id", partition_of=sites.name)

    assert answer(CHECK, catalog(SITES, whole, part), counted((3, 0))) == Passed("1 key, 3 references")
    assert answer(CHECK, catalog(sites, sites_1, by_part), counted((3, 0))) == Passed("1 key, 3 references")


def test_a_partition_with_a_key_of_its_own_is_looked_at() -> None:
    whole = table("orders", "client_id", "site_id", kind="p")
    part = table("orders_1", "client_id", "site_id", partition_of=whole.name, constraints=(KEY,))

    assert answer(CHECK, catalog(SITES, whole, part), counted((3, 0))) == Passed("1 key, 3 references")


def test_an_expected_key_needs_no_constraint() -> None:
    outcome = answer(EXPECTED, LOOSE, counted((30, 1)), examples(("b1",)))

    assert outcome == Failed(
        "public.orders (site_id) → public.sites (id): 1 of 30 rows leads nowhere; "
        "no constraint forbids it: site_id=b1",
        hint=HINT,
    )


def test_a_target_that_is_not_unique_counts_each_reference_once() -> None:
    keyed = catalog(table("sites", "id", indexes=(unique("id"),)), table("orders", "site_id"))

    assert "(SELECT DISTINCT r." in sql_of(EXPECTED, LOOSE)[0]
    assert "(SELECT r." in sql_of(EXPECTED, keyed)[0]


def test_an_expected_key_whose_sides_are_not_there_fails() -> None:
    reference = "public.orders (site_id) → public.sites (id)"

    assert answer(EXPECTED, catalog(SITES)) == Failed(f"{reference}: public.orders is not there", hint=HINT)
    assert answer(EXPECTED, catalog(SITES, table("orders", "id"))) == Failed(
        f"{reference}: public.orders has no column site_id", hint=HINT
    )


def test_columns_can_be_several() -> None:
    check = declare_one(
        "orphans",
        "{expected: [{from: 'public.orders(client_id, site_id)', to: 'public.sites(client_id, id)'}]}",
    )
    shop = catalog(SITES, table("orders", "client_id", "site_id"))

    assert answer(check, shop, counted((3, 0))) == Passed("1 key, 3 references")


def test_an_excepted_key_is_not_looked_at_and_that_is_said() -> None:
    check = declare_one("orphans", "{except: {public.orders.orders_site_fkey: old orders of a closed site}}")
    other = table("carts", "client_id", "site_id", constraints=(KEY,))

    assert answer(check, catalog(SITES, ORDERS, other), counted((3, 0))) == Passed(
        "1 key, 3 references; except public.orders.orders_site_fkey"
    )


def test_other_schemas_are_left_out() -> None:
    elsewhere = table("auth.tokens", "client_id", "site_id", constraints=(KEY,))

    assert answer(CHECK, catalog(SITES, elsewhere)) == Inconclusive("no foreign key in public, none expected")


def test_a_large_table_is_sampled_and_that_is_said() -> None:
    large = catalog(SITES, table("orders", "client_id", "site_id", rows=4e6, constraints=(KEY,)))
    (sql,) = sql_of(CHECK, large)

    assert 'FROM (SELECT * FROM ONLY "public"."orders" TABLESAMPLE SYSTEM (5.000000)' in sql
    assert answer(CHECK, large, counted((200, 0))) == Passed(
        "1 key, 200 references; only in part: public.orders (a sample of 5 %)"
    )
    outcome = answer(CHECK, large, counted((200, 1)), examples())
    assert isinstance(outcome, Failed)
    assert "1 of 200 rows leads nowhere in a sample of 5 %, although" in outcome.reason


def test_a_sample_without_any_reference_proves_nothing() -> None:
    large = catalog(SITES, table("orders", "client_id", "site_id", rows=4e6, constraints=(KEY,)))

    assert answer(CHECK, large, counted((0, 0))) == Inconclusive(
        f"{ORDERS_TO_SITES}: no reference in a sample of 5 %; larger `rows` would decide it"
    )


def test_of_a_view_the_first_rows_are_looked_at() -> None:
    shop = catalog(SITES, table("orders", "site_id", kind="v", rows=-1))

    assert 'FROM (SELECT * FROM "public"."orders" LIMIT 200000) AS c' in sql_of(EXPECTED, shop)[0]
    assert answer(EXPECTED, shop, counted((3, 0))) == Passed(
        "1 key, 3 references; only in part: public.orders (the first 200000 rows)"
    )


def test_how_many_rows_a_partitioned_table_has_its_partitions_say() -> None:
    whole = table("orders", "client_id", "site_id", kind="p", rows=-1, constraints=(KEY,))
    parts = [table(f"orders_{n}", rows=150_000, partition_of=whole.name) for n in (1, 2)]
    unread = table("orders_3", rows=-1, size=10_000_000, partition_of=whole.name)

    assert "TABLESAMPLE SYSTEM (66.666667)" in sql_of(CHECK, catalog(SITES, whole, *parts))[0]
    assert "TABLESAMPLE SYSTEM (50.000000)" in sql_of(CHECK, catalog(SITES, whole, *parts, unread))[0]


def test_one_key_that_is_refused_does_not_hide_the_others() -> None:
    other = table("carts", "client_id", "site_id", constraints=(KEY,))
    shop = catalog(SITES, ORDERS, other)

    assert answer(CHECK, shop, counted((3, 0), (2, 0))) == Passed("2 keys, 5 references")
    assert answer(CHECK, shop, counted((3, 0), TIMED_OUT)) == Inconclusive(
        "public.carts (client_id, site_id) → public.sites (client_id, id): "
        "no answer within 5 s; a longer `timeout` would decide it"
    )


def test_what_is_undecided_stands_beside_what_is_broken() -> None:
    other = table("carts", "client_id", "site_id", constraints=(KEY,))
    outcome = answer(CHECK, catalog(SITES, ORDERS, other), counted((30, 2), TIMED_OUT), examples())

    assert isinstance(outcome, Failed)
    first, second = outcome.reason.splitlines()
    assert first.startswith(ORDERS_TO_SITES)
    assert second.startswith("not decided: public.carts (client_id, site_id)")


def test_a_table_that_may_not_be_read_names_the_grant() -> None:
    check = declare_one("orphans", "{}", reading())
    refused = Refused("42501", "permission denied for table orders")
    outcome = answer(check, SHOP, counted(refused))

    told = Reader("rows", 5.0).why(refused, ORDERS_TO_SITES, "public.orders, public.sites")
    assert outcome == Inconclusive(told)


def test_the_operators_of_extensions_are_found() -> None:
    shop = catalog(SITES, ORDERS, extensions=(Extension(name="citext", version="1", schema="Ext"),))
    ((probe,),) = asked(CHECK, shop)[1:]

    assert isinstance(probe, Transaction)
    assert probe.settings == (("search_path", 'pg_catalog, "Ext"'), ("row_security", "off"))


@pytest.mark.parametrize(
    ("shop", "seen", "outcome"),
    [
        (catalog(), None, Inconclusive("no foreign key in public, none expected")),
        (
            SHOP,
            counted((0, 0)),
            Inconclusive("1 key, and no row refers to anything: nothing was compared"),
        ),
        (SHOP, Answers((Rows((), ()),)), Inconclusive(f"{ORDERS_TO_SITES}: not counted")),
        (
            catalog(ORDERS),
            None,
            Inconclusive("public.orders.orders_site_fkey: the table it references is not in the catalog"),
        ),
    ],
)
def test_nothing_compared_is_nothing_proven(shop: Catalog, seen: Answers | None, outcome: Outcome) -> None:
    assert answer(CHECK, shop, *([seen] if seen else [])) == outcome


def test_more_keys_than_agreed_are_not_looked_at() -> None:
    check = declare_one("orphans", "{keys: 1}")
    other = table("carts", "client_id", "site_id", constraints=(KEY,))

    assert check.spend == Spend(queries=3)
    assert answer(check, catalog(SITES, ORDERS, other)) == Inconclusive(
        "2 keys: more than `keys: 1` lets be looked at"
    )


def test_without_the_database_nothing_is_decided() -> None:
    refused = Inconclusive("the database did not answer: refused")

    assert answer(CHECK, Silence("refused")) == refused
    assert answer(CHECK, SHOP, Silence("refused")) == refused
    assert answer(CHECK, Withheld("no `database`")) == Inconclusive(
        "the database was not asked: no `database`"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{expected: [{from: orders, to: public.sites.id}]}", "'orders' names no column"),
        (
            "{expected: [{from: public.orders.x, to: 'public.sites()'}]}",
            r"'public.sites\(\)' names no column",
        ),
        (
            "{expected: [{from: 'public.orders(a, b)', to: public.sites.id}]}",
            "2 columns refer to 1",
        ),
    ],
)
def test_an_expectation_that_is_no_reference_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("orphans", text)
