"""Every fault of the table turns exactly its own checks red, on a real database; health none."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.outcome import Failed, Passed
from pytest_deploycheck.model.route import Route, Scope
from suites.standins.kit.faults import Fault, InDatabase
from suites.standins.wecelebrate.database_faults.policies import FAULTS
from tests.checks.contracts import PLACE
from tests.checks.policy.world import World, checks, context, identity, red

SUITE = Path(__file__).parents[3] / "suites" / "wecelebrate"
CONTRACT = yaml.safe_load((SUITE / "deploycheck.yaml").read_text())
TABLE: dict[str, Any] = yaml.safe_load((SUITE / "database_faults" / "policies.yaml").read_text())["faults"]
PEOPLE = (
    identity("shopper_a", "a"),
    identity("shopper_b", "b"),
    identity("admin_a", "a", "admin"),
    identity("admin_b", "b", "admin"),
)
SECTION = CONTRACT["tenant_isolation"]["policies"]


@pytest.fixture(scope="module")
def made() -> tuple[Check, ...]:
    lists = SECTION["routes"].values()
    routes = (Route(method="GET", path=line.split()[1], place=PLACE, scope=Scope.LIST) for line in lists)
    reader = CONTRACT["environments"]["base"]["database_reader"]
    return checks(SECTION, context(*PEOPLE, reader=reader, routes=tuple(routes)))


def test_a_healthy_database_holds_everybody(wecelebrate: World, made: tuple[Check, ...]) -> None:
    outcomes = wecelebrate.outcomes(made)

    assert len(outcomes) == 17
    assert {title: each for title, each in outcomes.items() if not isinstance(each, Passed)} == {}
    assert outcomes["policies [shopper_a] reads"] == Passed(
        "18 by rows of other tenants that it does not show"
    )
    assert outcomes["policies [anonymous] reads"] == Passed("18 denied by privilege")


def test_every_fault_is_in_the_table() -> None:
    assert {fault.name for fault in FAULTS} == set(TABLE)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_turns_its_own_checks_red(wecelebrate: World, made: tuple[Check, ...], fault: Fault) -> None:
    act, expected = fault.act, TABLE[fault.name]
    assert isinstance(act, InDatabase)
    with wecelebrate.changed(act.break_by, act.mend_by):
        outcomes = wecelebrate.outcomes(made)

    told = [each for each in outcomes.values() if isinstance(each, Failed)]
    assert {f"tenant_isolation::{title}" for title in red(outcomes)} == set(expected["red"])
    assert all(isinstance(each, Passed | Failed) for each in outcomes.values()), outcomes
    assert any(expected["says"] in each.reason for each in told), told
    assert all(each.hint for each in told) or fault.name == "policies_view_over_definer_function"
