"""Expectations in a contract: what they become, and the mistakes in them."""

import pytest
from pydantic import ValidationError

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.evidence import Evidence, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse, Misuses
from pytest_deploycheck.model.outcome import Inconclusive, Outcome
from pytest_deploycheck.model.probe import Snapshot
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare
from tests.checks.expectations.store import STORE, outcomes

TEXT = """
runbook: WC-01
hint: did the migrations run?
tables:
  contains: [orders]
  runbook: WC-08
  named:
    orders: {columns: [id], primary_key: [id], runbook: WC-09}
indexes: {at_least: 1, name: enough indexes, hint: look at them}
roles: {named: {anon: {login: false}}}
"""


def test_each_group_and_each_aspect_is_a_check_of_its_own() -> None:
    made = declare("objects", TEXT)

    assert [(check.title, check.runbook, check.hint) for check in made] == [
        ("tables in public", ("WC-01", "WC-08"), "did the migrations run?"),
        ("public.orders columns", ("WC-01", "WC-09"), "did the migrations run?"),
        ("public.orders primary key", ("WC-01", "WC-09"), "did the migrations run?"),
        ("enough indexes", ("WC-01",), "look at them"),
        ("role anon", ("WC-01",), "did the migrations run?"),
    ]
    assert {check.spend for check in made} == {Spend(queries=1)}
    assert {asked(check) for check in made} == {((Snapshot(),),)}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Silence("connection refused"), "the database did not answer: connection refused"),
        (Withheld("no `database`"), "the database was not asked: no `database`"),
    ],
)
def test_without_a_catalog_nothing_is_decided(seen: Evidence, reason: str) -> None:
    decided: set[Outcome] = {answer(check, seen) for check in declare("objects", TEXT)}

    assert decided == {Inconclusive(reason)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{schema: public}", "nothing is expected"),
        ("tables: {}", "'tables' expects nothing"),
        ("tables: {runbook: WC-08}", "'tables' expects nothing"),
        ("tables: {exactly: [a], contains: [b]}", "'tables' says twice what there is"),
        ("tables: {none: true, contains: [b]}", "'tables' says twice what there is"),
        ("tables: {named: {orders: {runbook: WC-08}}}", "'orders' expects nothing"),
        ("roles: {named: {anon: {}}}", "'anon' expects nothing"),
        ("tables: {named: {orders: {no_other_columns: true}}}", "no other columns than which"),
    ],
)
def test_to_expect_nothing_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises((Misuse, Misuses), match=message):
        declare("objects", text)


@pytest.mark.parametrize(
    "text",
    [
        "tables: []",
        "tables: {exactly: []}",
        "tables: {at_least: 0}",
        "tabels: [a]",
        "tables: {named: {orders: {colums: [id]}}}",
        "tables: {named: {orders: {columns: {id: {typ: uuid}}}}}",
        "tables: {named: {orders: {foreign_keys: [site_id to sites]}}}",
        "tables: {named: {orders: {privileges: {anon: [read]}}}}",
        "functions: {named: {touch: {volatility: often}}}",
        "enums: {named: {status: []}}",
    ],
)
def test_what_cannot_be_expected_is_a_mistake(text: str) -> None:
    with pytest.raises(ValidationError):
        declare("objects", text)


def test_the_index_of_a_catalog_is_made_once_for_all_checks() -> None:
    assert outcomes(TEXT) == outcomes(TEXT, STORE)
