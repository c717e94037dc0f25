"""On a real database no lint finds anything that is right, and each finds its fault."""

from collections.abc import Iterator, Mapping

import pytest
import yaml

from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Failed, Outcome, Passed
from pytest_deploycheck.model.probe import Probe, Query, Snapshot, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.run.converse import converse
from pytest_deploycheck.safety.redact import Redactor
from suites.standins.kit.faults import Fault, InDatabase
from suites.standins.wecelebrate.database_faults.decoys import DECLARED, DECOYS, Declared
from suites.standins.wecelebrate.database_faults.lints import FAULTS
from suites.standins.wecelebrate.deployment import READER
from tests.checks.contracts import declare, reading
from tests.docs.pages import ROOT
from tests.standins.databases import PASSWORD, ROWS, Wecelebrate

SECTION: Mapping[str, object] = {
    "schemas": ["public"],
    "internal": ["private"],
    "tenant_columns": ["client_id", "public.clients.id"],
    "fail_from": "info",
}

TABLE = yaml.safe_load((ROOT / "suites/wecelebrate/database_faults/lints.yaml").read_text(encoding="utf-8"))[
    "faults"
]


def outcomes(shop: Wecelebrate, section: Mapping[str, object]) -> Iterator[tuple[str, Outcome]]:
    """What each lint says, all of one snapshot."""
    database = Database(Secret(shop.postgres.url(READER, PASSWORD)), run_id="run7", reader=ROWS)

    def send(probe: Probe) -> Evidence:
        assert isinstance(probe, Query | Snapshot | Transaction)
        if isinstance(probe, Transaction):
            assert probe.role == "rows"
            probe = Transaction(statements=probe.statements, role=ROWS, settings=probe.settings)
        return database.send(probe)

    try:
        for check in declare("lints", yaml.safe_dump(dict(section)), reading()):
            yield check.title, converse(check, send, Redactor()).outcome
    finally:
        database.close()


def not_quiet(shop: Wecelebrate, section: Mapping[str, object]) -> dict[str, Outcome]:
    """What is not quiet: quiet is what passes without a note, for want of something to look at or not."""
    said = dict(outcomes(shop, section))
    return {title: each for title, each in said.items() if not isinstance(each, Passed) or each.note}


def test_on_the_healthy_database_no_lint_of_any_level_finds_anything(shop: Wecelebrate) -> None:
    assert not_quiet(shop, SECTION) == {}


def failing(shop: Wecelebrate, fault: Fault, declares: Mapping[str, object]) -> dict[str, Outcome]:
    """The lints that don't pass while a fault is there."""
    act = fault.act
    assert isinstance(act, InDatabase)
    with shop.changed(act.break_by, act.mend_by):
        said = not_quiet(shop, {**SECTION, "fail_from": "warning", **declares})
    return {title: outcome for title, outcome in said.items() if not isinstance(outcome, Passed)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_found_by_its_own_lints_alone(shop: Wecelebrate, fault: Fault) -> None:
    found = failing(shop, fault, {})

    assert sorted(f"schema::{title}" for title in found) == sorted(TABLE[fault.name]["red"])
    assert all(isinstance(outcome, Failed) for outcome in found.values())
    assert any(TABLE[fault.name]["says"] in getattr(outcome, "reason", "") for outcome in found.values())


@pytest.mark.parametrize("decoy", DECOYS, ids=lambda decoy: decoy.name)
def test_what_is_unusual_but_right_is_no_finding(shop: Wecelebrate, decoy: Fault) -> None:
    assert failing(shop, decoy, {}) == {}


@pytest.mark.parametrize("declared", DECLARED, ids=lambda one: one.decoy.name)
def test_what_is_declared_open_on_purpose_is_no_finding(shop: Wecelebrate, declared: Declared) -> None:
    assert failing(shop, declared.decoy, declared.declares) == {}
