"""What the catalog shows: tables, row-level security, connections."""

from dataclasses import replace

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, Schema, Server
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.evidence import Evidence, Rows, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.relation import Name, Relation
from pytest_deploycheck.testing import answer
from tests.checks.contracts import declare, declare_one

CONTAINS = declare_one("tables", "{schema: public, contains: [clients, sites], runbook: WC-08}")
EXACTLY = declare_one("tables", "{schema: public, exactly: [clients, sites]}")
SECURITY = declare_one("row_level_security", "{schemas: [public], except: {log: written by triggers only}}")
CONNECTIONS = declare_one("connections", "{under: 80%}")


def rows(*values: tuple[object, ...]) -> Rows:
    return Rows((), values)


def tables(*names: str, **more: Relation) -> Catalog:
    """A catalog whose schema public holds these tables, row-level security off, beside a view."""
    made = [Relation(name=Name("public", name)) for name in names]
    view = Relation(name=Name("public", "a_view"), kind="v")
    return Catalog(
        server=Server(version=150018, database="shop", user="gate"),
        schemas=(Schema(name="public"),),
        relations=(*made, view, *more.values()),
    )


def secured(**tables_: bool) -> Catalog:
    """A catalog with tables whose row-level security is on or off."""
    made = tuple(Relation(name=Name("public", name), row_security=on) for name, on in tables_.items())
    return replace(tables(), relations=made)


def test_the_named_tables_are_there() -> None:
    assert (CONTAINS.title, CONTAINS.spend, CONTAINS.runbook) == (
        "tables in public",
        Spend(queries=1),
        ("WC-08",),
    )
    assert answer(CONTAINS, tables("clients", "other", "sites")) == Passed("2 tables")
    assert answer(EXACTLY, tables("clients", "sites")) == Passed("2 tables")


def test_missing_and_foreign_tables_are_named() -> None:
    assert answer(CONTAINS, tables("sites")) == Failed("1 table in public: missing clients")
    assert answer(CONTAINS, tables()) == Failed("0 tables in public: missing clients, sites")
    assert answer(EXACTLY, tables("other", "sites")) == Failed(
        "2 tables in public: missing clients; not expected other"
    )
    assert answer(CONTAINS, replace(tables(), schemas=())) == Failed("schema public does not exist")


def test_a_partition_belongs_to_its_table_and_an_extensions_table_to_the_extension() -> None:
    parts = {
        "part": Relation(name=Name("archive", "p1"), partition_of=Name("public", "sites")),
        "sub": Relation(name=Name("public", "p2"), partition_of=Name("archive", "p1")),
        "theirs": Relation(name=Name("public", "spatial_ref_sys"), extension="postgis"),
    }

    assert answer(EXACTLY, tables("clients", "sites", **parts)) == Passed("2 tables")


def test_row_level_security_on_every_table_passes() -> None:
    seen = secured(clients=True, log=False)

    assert answer(SECURITY, seen) == Passed("2 tables, except log")


def test_tables_without_row_level_security_are_named() -> None:
    seen = secured(clients=False, log=False, sites=True)

    assert answer(SECURITY, seen) == Failed(
        "row-level security is off for 1 of 3 tables: public.clients",
        hint="ALTER TABLE ... ENABLE ROW LEVEL SECURITY",
    )


def test_an_exception_may_name_the_schema() -> None:
    check = declare_one("row_level_security", "{schemas: [public], except: {public.log: a reason}}")

    assert isinstance(answer(check, secured(log=False)), Passed)


def test_a_schema_without_tables_proves_nothing() -> None:
    assert answer(SECURITY, replace(tables(), relations=())) == Inconclusive(
        "no table in schema public: nothing to look at"
    )


def test_connections_under_the_limit_pass() -> None:
    assert answer(CONNECTIONS, rows((5, 10, 97))) == Passed("5 of 97 connections in use (5%)")


def test_connections_at_the_limit_fail() -> None:
    assert answer(CONNECTIONS, rows((80, 0, 100))) == Failed(
        "80 of 100 connections in use (80%), expected under 80%"
    )


def test_hidden_connections_that_could_tip_the_scale_leave_it_open() -> None:
    assert answer(CONNECTIONS, rows((70, 15, 100))) == Inconclusive(
        "70 of 100 connections in use (70%), 15 more are hidden from this role: "
        "it needs pg_read_all_stats to decide"
    )


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (rows((1, 0, None)), "the server does not say how many connections it has"),
        (rows((0, 0, 97)), "0 connections of 97: not even this one was counted"),
    ],
)
def test_a_server_that_does_not_say_is_not_judged(seen: Rows, reason: str) -> None:
    assert answer(CONNECTIONS, seen) == Inconclusive(reason)


@pytest.mark.parametrize("check", [CONTAINS, SECURITY, CONNECTIONS])
@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Silence("connection refused"), "the database did not answer: connection refused"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_the_database_nothing_is_decided(check: Check, evidence: Evidence, reason: str) -> None:

    assert answer(check, evidence) == Inconclusive(reason)


@pytest.mark.parametrize("text", ["{schema: public}", "{schema: public, contains: [a], exactly: [b]}"])
def test_tables_are_either_contained_or_all(text: str) -> None:
    with pytest.raises(Misuse, match="which tables"):
        declare("tables", text)
