"""On a real database no lint finds anything that is right, and each finds its fault."""

from collections.abc import Iterator, Mapping

import pytest
import yaml

from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.outcome import Outcome, Passed
from pytest_deploycheck.model.probe import Probe, Query, Snapshot, Transaction
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.database import Database
from pytest_deploycheck.run.converse import converse
from pytest_deploycheck.safety.redact import Redactor
from suites.standins.kit.faults import InDatabase
from suites.standins.wecelebrate.database_faults.decoys import DECLARED, Declared
from suites.standins.wecelebrate.deployment import READER
from tests.checks.contracts import declare, reading
from tests.standins.databases import PASSWORD, ROWS, Wecelebrate

SECTION: Mapping[str, object] = {
    "schemas": ["public"],
    "internal": ["private"],
    "tenant_columns": ["client_id", "public.clients.id"],
    "fail_from": "info",
}


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
    return {title: outcome for title, outcome in outcomes(shop, section) if outcome != Passed()}


def test_on_the_healthy_database_no_lint_of_any_level_finds_anything(shop: Wecelebrate) -> None:
    assert not_quiet(shop, SECTION) == {}


@pytest.mark.parametrize("declared", DECLARED, ids=lambda one: one.decoy.name)
def test_what_is_declared_open_on_purpose_is_no_finding(shop: Wecelebrate, declared: Declared) -> None:
    act = declared.decoy.act
    assert isinstance(act, InDatabase)
    with shop.changed(act.break_by, act.mend_by):
        said = not_quiet(shop, {**SECTION, "fail_from": "warning", **declared.declares})

    assert {title: outcome for title, outcome in said.items() if not isinstance(outcome, Passed)} == {}
