"""A tenant column that does not exist is named with its place, and nobody passes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_deploycheck.checks.policy.columns import unusable
from pytest_deploycheck.checks.policy.section import PoliciesSection
from pytest_deploycheck.model.catalog import Catalog, Server
from pytest_deploycheck.model.evidence import Claims
from pytest_deploycheck.model.kind import Context, Loc
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.relation import Relation
from pytest_deploycheck.testing import answer
from tests.checks.contracts import context, declare
from tests.checks.policy import world
from tests.checks.policy.scenes import relation
from tests.checks.policy.test_faults import PEOPLE, SECTION
from tests.checks.policy.world import World, checks

LINES: Mapping[Loc, int] = {
    (): 10,
    ("tenant",): 11,
    ("tables", "orders", "through"): 14,
    ("tables", "clients", "tenant"): 15,
}


def place(loc: Loc) -> Place:
    return Place(Path("/shop/deploycheck.yaml"), LINES[loc], 7)


def around() -> Context:
    return replace(context("tenant_isolation"), place=place)


def catalog(*relations: Relation) -> Catalog:
    return Catalog(server=Server(version=150018, database="x", user="gate"), relations=relations)


def misspelt(**tables: Mapping[str, Any]) -> dict[str, Any]:
    section = {key: value for key, value in SECTION.items() if key != "routes"}
    return {**section, "writes": True, "tables": {**section["tables"], **tables}}


def test_a_misspelt_tenant_column_is_named_and_nobody_passes_nor_acts() -> None:
    made = declare("policies", "{tenant: clinet_id, claim: app_metadata.client_id, writes: true}", around())

    outcomes = [answer(check, (catalog(relation()), *[Claims({})] * 3)) for check in made]

    assert len(outcomes) > 15
    assert set(outcomes) == {
        Inconclusive(
            "deploycheck.yaml:11:7: no relation has a column 'clinet_id', so nothing tells whose rows are "
            "whose; did you mean 'client_id', which 1 relation has?"
        )
    }


def test_a_database_with_other_roles_is_told_with_the_keys_that_name_them() -> None:
    (check, *_) = declare("policies", "{tenant: client_id, claim: t}", around())
    tokens = [Claims({"t": tenant}) for tenant in ("1", "2", "1")]

    assert answer(check, (catalog(relation()), *tokens)) == Inconclusive(
        "there is no role anon, as which anonymous would act: "
        "`role`, `anonymous` and `service` name those of this database"
    )


def test_a_column_like_no_other_is_named_without_a_guess() -> None:
    section = PoliciesSection(tenant="mandant", claim="c")

    assert unusable(section, catalog(relation()), place).endswith("nothing tells whose rows are whose")


@pytest.mark.parametrize("tenant", ["client_id", None])
def test_a_column_that_some_relation_has_or_that_is_not_given_is_no_mistake(tenant: str | None) -> None:
    assert unusable(PoliciesSection(tenant=tenant, claim="c"), catalog(relation()), place) == ""


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (
            {"clients": {"tenant": "ids"}},
            "public.clients: it has no column 'ids'; did you mean 'id'? (deploycheck.yaml:15:7)",
        ),
        (
            {"orders": {"through": "sit_id"}},
            "public.orders: it has no column 'sit_id'; did you mean 'site_id'? (deploycheck.yaml:14:7)",
        ),
    ],
)
def test_a_misspelt_column_of_a_table_keeps_everybody_from_passing(
    wecelebrate: World, tables: Mapping[str, Any], told: str
) -> None:
    known = replace(world.context(*PEOPLE, reader=None), place=place)

    outcomes = wecelebrate.outcomes(checks(misspelt(**tables), known))

    assert {"policies [shopper_a] reads", "policies [shopper_a] really writes"} <= outcomes.keys()
    for title, outcome in outcomes.items():
        assert isinstance(outcome, Inconclusive), title
        assert told in outcome.reason
