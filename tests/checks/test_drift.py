"""The deployed schema beside its lock file."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.write import write
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog
from pytest_deploycheck.model.evidence import Contents, Evidence, Silence, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Document, Snapshot
from pytest_deploycheck.model.relation import Unknown
from pytest_deploycheck.testing import answer, asked
from tests.catalog.drift.shop import ORDERS, SHOP, with_orders
from tests.checks.contracts import declare, declare_one

LOCK = Contents(write(facts(SHOP)))
DRIFT = declare_one("drift", "{lock: schema.lock.yaml, runbook: WC-08}")


def test_a_schema_as_in_the_lock_file_passes() -> None:
    assert (DRIFT.title, DRIFT.spend, DRIFT.runbook) == ("drift", Spend(queries=1), ("WC-08",))
    assert asked(DRIFT, LOCK) == ((Document(Path("/contract/schema.lock.yaml")),), (Snapshot(),))
    assert answer(DRIFT, LOCK, SHOP) == Passed("36 objects as in schema.lock.yaml")


def test_what_differs_is_told_the_dangerous_first() -> None:
    outcome = answer(DRIFT, LOCK, with_orders(row_security=False, options=()))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines() == [
        "2 differences from schema.lock.yaml (1 critical, 1 low), first: CRITICAL table public.orders: "
        "row_security is off, expected on",
        "CRITICAL table public.orders: row_security is off, expected on",
        "         every row is open to whoever may select",
        '         ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;',
        "LOW      table public.orders: options is not set, expected autovacuum_enabled=true, fillfactor=90",
    ]
    assert "deploycheck snapshot" in outcome.hint


def test_modes_patterns_and_roles_say_what_counts() -> None:
    check = declare_one(
        "drift",
        "{lock: schema.lock.yaml, modes: {columns: superset, owners: ignore}, ignore: {policies: [orders_*]},"
        " roles: {rds: postgres}}",
    )
    changed = with_orders(
        policies=(),
        owner="rds",
        grants=ORDERS.grants[1:],
        columns=(*ORDERS.columns, replace(ORDERS.columns[0], name="x")),
    )

    assert isinstance(answer(check, LOCK, changed), Passed)
    assert isinstance(answer(DRIFT, LOCK, changed), Failed)


@pytest.mark.parametrize(
    ("rounds", "reason"),
    [
        ((Silence("there is no file x"),), "the lock file was not read: there is no file x"),
        ((Withheld("no time left"),), "the lock file was not read: no time left"),
        ((LOCK, Silence("connection refused")), "the database did not answer: connection refused"),
        ((LOCK, Withheld("no `database`")), "the database was not asked: no `database`"),
        ((LOCK, replace(SHOP, schemas=())), "the catalog told of no schema: nothing was compared"),
        ((LOCK, replace(SHOP, buckets=Unknown("no USAGE"))), "buckets could not be read: no USAGE"),
        (
            (Contents("format: 1\npostgresql: 15\ntabels: {}\n"),),
            "schema.lock.yaml is no lock file that can be compared\n"
            "/contract/schema.lock.yaml:3:1: unknown key 'tabels' of a database\n"
            "    expected 'tables'?",
        ),
    ],
)
def test_without_both_sides_nothing_is_decided(rounds: tuple[Evidence, ...], reason: str) -> None:
    assert answer(DRIFT, *rounds) == Inconclusive(reason)


def test_what_is_certain_is_told_even_where_something_could_not_be_read() -> None:
    outcome = answer(DRIFT, LOCK, replace(with_orders(forced=False), buckets=Unknown("no USAGE")))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[-1] == "not decided: buckets could not be read: no USAGE"


def test_to_ignore_everything_is_to_compare_nothing() -> None:
    bare = Catalog(server=SHOP.server, schemas=SHOP.schemas)
    check = declare_one("drift", "{lock: schema.lock.yaml, modes: {schemas: ignore}}")

    assert answer(check, Contents(write(facts(bare))), bare) == Inconclusive(
        "everything in schema.lock.yaml is ignored: nothing was compared"
    )


def test_a_section_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="tabels"):
        declare("drift", "{lock: schema.lock.yaml, modes: {tabels: exact}}")
