"""SARIF: valid, complete, the same from run to run, without a secret; and it decides nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from pytest_deploycheck.model.budget import Budget, Spend
from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.run import Exchange, Record, SystemRun, from_json, to_json
from pytest_deploycheck.report.sarif import Told, render
from pytest_deploycheck.report.terminal import Summary
from tests.projects import ENVIRONMENTS, READY, Project
from tests.words import record

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())
ROOT = Path("/project")
LIMITS = Weakness(Severity.MEDIUM, "CWE-770", "API4:2023")
WORSE = Weakness(Severity.CRITICAL, "CWE-770")
RED = record(
    Failed("26 requests, none refused", hint="the limiter is off"),
    "security::GET /a [rate limit]",
    exchanges=(Exchange("count", "GET /a", "200 in 2 ms"),),
    runbook=("WC-24",),
    place="/project/gate/deploycheck.yaml:12:5",
    weakness=LIMITS,
)
PLAIN = record(Failed("expected 200, got 500"), "tests/test_a b.py::test_it")


def log(*records: Record, **fields: Any) -> Any:  # noqa: ANN401 - JSON
    run = SystemRun(
        system="Shop",
        environment="local",
        base_url="http://shop.test",
        version="v1",
        records=(),
        spent=Spend(),
        budget=Budget(),
        leftovers=fields.pop("leftovers", ()),
    )
    given: dict[str, Any] = {
        "coverage": {},
        "items": 0,
        "undecided_items": 0,
        "not_run": (),
        "uncollected": (),
        "seconds": 1.0,
        "evidence": False,
        **fields,
    }
    told = Told(
        folder=ROOT / "gate",
        summary=Summary(run=run, records=records, **given),
        root=ROOT,
        version="1.0",
        clean=lambda text: text.replace("hunter2", "***"),
    )
    document = json.loads(render([told]))
    Draft4Validator(SCHEMA).validate(document)
    (only,) = document["runs"]
    return only


def test_a_green_run_has_no_results() -> None:
    run = log(record(Passed()))

    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"]
    assert run["automationDetails"]["id"] == "Shop/local/"


def test_a_failed_check_is_a_result_with_all_that_a_person_needs() -> None:
    run = log(RED)
    (result,) = run["results"]

    assert (result["ruleId"], result["level"]) == ("smoke/CWE-770", "warning")
    assert result["message"]["text"].splitlines()[:4] == [
        "security::GET /a [rate limit]",
        "26 requests, none refused",
        "  count    GET /a",
        "  reply    200 in 2 ms",
    ]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "gate/deploycheck.yaml", "uriBaseId": "PROJECTROOT"},
        "region": {"startLine": 12, "startColumn": 5},
    }
    assert [taxon["id"] for taxon in result["taxa"]] == ["CWE-770", "API4:2023"]
    assert result["properties"]["runbook"] == ["WC-24"]
    assert result["properties"]["hints"] == ["the limiter is off"]


def test_a_rule_names_its_weakness_and_has_the_worst_severity() -> None:
    run = log(RED, record(Failed("no"), "security::b", weakness=WORSE))
    (rule,) = run["tool"]["driver"]["rules"]

    assert rule["properties"] == {
        "tags": ["security", "external/cwe/cwe-770"],
        "security-severity": "9.5",
    }
    assert [result["level"] for result in run["results"]] == ["warning", "error"]
    assert [taxonomy["name"] for taxonomy in run["taxonomies"]] == ["CWE", "OWASP API Security Top 10"]


def test_a_failure_without_a_weakness_is_an_error_at_its_file() -> None:
    (result,) = log(PLAIN)["results"]

    assert (result["ruleId"], result["level"], result["taxa"]) == ("smoke", "error", [])
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "gate/tests/test_a%20b.py"
    )


def test_the_fingerprint_is_the_checks_own_wherever_it_stands_and_whatever_it_saw() -> None:
    moved = record(Failed("other"), RED.id, place="/project/gate/deploycheck.yaml:99:1")

    prints = [log(each)["results"][0]["partialFingerprints"] for each in (RED, moved, PLAIN)]

    assert prints[0] == prints[1] != prints[2]


def test_what_could_not_be_decided_is_a_notification_and_the_run_no_success() -> None:
    run = log(
        record(Inconclusive("no answer")),
        not_run=("a::b",),
        uncollected=("c.py",),
        leftovers=("an order",),
    )
    (invocation,) = run["invocations"]

    assert not invocation["executionSuccessful"]
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [
        "smoke::GET /: no answer",
        "a::b: selected, but not run",
        "c.py: not collected",
        "left behind: an order",
    ]


def test_no_secret_is_written() -> None:
    told = record(Failed("got hunter2", hint="hunter2"), "smoke::hunter2")

    assert "hunter2" not in json.dumps(log(told, record(Inconclusive("hunter2"), "smoke::x")))


def test_a_weakness_survives_the_way_from_a_worker() -> None:
    assert from_json(json.loads(json.dumps(to_json(RED)))) == RED
    assert from_json(to_json(PLAIN)).weakness is None


RATE = """\
security:
  rate_limit: {path: /health, limit: 6, window: 1h, per: address, counts: path}
"""


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_run_writes_what_failed(project: Project, workers: str) -> None:
    project.contract(ENVIRONMENTS, READY, RATE, "smoke:\n  - GET /status/500: {status: 200}\n")

    run = project.pytest(workers, "--deploycheck-sarif=out/gate.sarif")

    assert run.status == 1
    written = json.loads((project.folder / "out" / "gate.sarif").read_text())
    Draft4Validator(SCHEMA).validate(written)
    results = {result["ruleId"]: result for result in written["runs"][0]["results"]}
    assert results.keys() == {"security/CWE-770", "smoke"}
    assert results["smoke"]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "deploycheck.yaml", "uriBaseId": "PROJECTROOT"},
        "region": {"startLine": 13, "startColumn": 5},
    }


def test_a_run_that_decides_nothing_writes_why(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /health: {status: 200}\n")

    run = project.pytest("--deploycheck-sarif=gate.sarif", env="down")

    assert run.status == 2
    written = json.loads((project.folder / "gate.sarif").read_text())
    Draft4Validator(SCHEMA).validate(written)
    assert written["runs"][0]["results"] == []
    assert not written["runs"][0]["invocations"][0]["executionSuccessful"]


def test_a_file_that_cannot_be_written_changes_no_status(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /health: {status: 200}\n")

    run = project.pytest(f"--deploycheck-sarif={project.folder}")

    assert run.status == 0
    assert "deploycheck: SARIF was not written: " in run.out
