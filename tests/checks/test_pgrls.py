"""What another linter finds is taken in, and fails but for what is left out with a reason."""

import json
from pathlib import Path

import pytest

from pytest_deploycheck.model.evidence import Contents, Evidence, Silence, Withheld
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import Pgrls
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare_one

TEXT = "{schemas: [public], runbook: WC-12}"
FORCE = {
    "rule_id": "SEC002",
    "severity": "error",
    "title": "FORCE missing",
    "message": "Table public.orders has\n RLS enabled but not FORCE",
    "location": "public.orders",
}
BYPASS = {
    **FORCE,
    "rule_id": "SEC016",
    "severity": "warning",
    "location": "service_role",
    "message": "bypasses",
}
ONLY_PERMISSIVE = {**FORCE, "rule_id": "SEC007", "severity": "info", "message": "all are permissive"}


def printed(*violations: object) -> Contents:
    return Contents(json.dumps({"violations": violations, "summary": {"total": len(violations)}}))


def test_it_is_run_for_the_schemas_from_the_folder_of_the_contract() -> None:
    check = declare_one("pgrls", "{schemas: [public, private], config: pgrls.toml, timeout: 5s}")

    assert check.title == "pgrls"
    assert asked(check)[0] == (
        Pgrls(
            schemas=("public", "private"),
            folder=Path("/contract"),
            config=Path("/contract/pgrls.toml"),
            timeout=5.0,
        ),
    )


def test_what_it_finds_fails_with_the_rule_and_the_place() -> None:
    outcome = answer(declare_one("pgrls", TEXT), printed(BYPASS, FORCE, ONLY_PERMISSIVE))

    assert outcome == Failed(
        "SEC002 public.orders: Table public.orders has RLS enabled but not FORCE (and 1 more)\n"
        "SEC016 service_role: bypasses",
        hint="pgrls explain RULE",
    )


def test_many_findings_are_counted() -> None:
    many = [{**FORCE, "location": f"public.t{number:02}"} for number in range(12)]
    outcome = answer(declare_one("pgrls", TEXT), printed(*many))

    assert isinstance(outcome, Failed)
    assert outcome.reason.splitlines()[0].endswith("(and 11 more)")
    assert outcome.reason.splitlines()[-1] == "and 2 more"


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ("without: {SEC002: nobody connects as the owner}", Failed),
        ("without: {SEC002: nobody, SEC016 service_role: it is the service}", Passed),
        ("fail_from: info, without: {SEC002: nobody, SEC016: it is}", Failed),
        ("fail_from: error, without: {SEC002 public.orders: nobody}", Passed),
        ("fail_from: error, without: {SEC002 public.sites: nobody}", Failed),
    ],
)
def test_rules_and_single_findings_are_left_out_with_a_reason(more: str, outcome: type) -> None:
    check = declare_one("pgrls", f"{{schemas: [public], {more}}}")

    assert isinstance(answer(check, printed(FORCE, BYPASS, ONLY_PERMISSIVE)), outcome)


def test_what_is_left_out_and_no_longer_found_is_said() -> None:
    check = declare_one("pgrls", "{schemas: [public], without: {SEC002: later, SEC009: later}}")

    assert answer(check, printed(FORCE)) == Passed("1 finding, 1 of them left out; no longer found: SEC009")
    assert answer(check, printed(FORCE, {**FORCE, "rule_id": "SEC009"})) == Passed(
        "2 findings, 2 of them left out"
    )


def test_a_severity_that_nobody_knows_fails() -> None:
    assert isinstance(answer(declare_one("pgrls", TEXT), printed({**FORCE, "severity": "fatal"})), Failed)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (
            Withheld("pgrls is not installed here: pip install pgrls"),
            "pgrls is not installed here: pip install pgrls",
        ),
        (
            Silence("pgrls ended with status 2: no"),
            "the database did not answer: pgrls ended with status 2: no",
        ),
        (Contents("no JSON"), "pgrls printed something that is not its list of violations: another version?"),
        (Contents("{}"), "pgrls printed something that is not its list of violations: another version?"),
    ],
)
def test_without_its_findings_nothing_is_decided(seen: Evidence, reason: str) -> None:
    assert answer(declare_one("pgrls", TEXT), seen) == Inconclusive(reason)
