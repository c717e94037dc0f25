"""Settings of WeCelebrate's database: as they should be, each fault, and what only looks like one."""

import pytest

from pytest_deploycheck.model.outcome import Failed, Passed
from suites.standins.kit.faults import Fault, InDatabase
from suites.standins.wecelebrate.database_faults.settings import DECOYS, FAULTS
from tests.checks.contracts import declare
from tests.standins.databases import Wecelebrate

SECTION = """
server: {max_connections: ">=100", password_encryption: scram-sha-256}
roles:
  authenticator: {statement_timeout: 30s}
  authenticated: {statement_timeout: 30s}
  anon: {statement_timeout: 30s}
"""


def failed(shop: Wecelebrate) -> list[str]:
    outcomes = {check.title: shop.outcome(check) for check in declare("settings", SECTION)}
    assert all(isinstance(outcome, Passed | Failed) for outcome in outcomes.values()), outcomes
    return [title for title, outcome in outcomes.items() if isinstance(outcome, Failed)]


def test_the_healthy_database_has_what_is_asked(shop: Wecelebrate) -> None:
    assert failed(shop) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_fails_one_check(shop: Wecelebrate, fault: Fault) -> None:
    assert isinstance(fault.act, InDatabase)
    with shop.changed(fault.act.break_by, fault.act.mend_by):
        assert len(failed(shop)) == 1
    assert failed(shop) == []


@pytest.mark.parametrize("decoy", DECOYS, ids=lambda decoy: decoy.name)
def test_what_is_unusual_but_right_fails_none(shop: Wecelebrate, decoy: Fault) -> None:
    assert isinstance(decoy.act, InDatabase)
    with shop.changed(decoy.act.break_by, decoy.act.mend_by):
        assert failed(shop) == []
