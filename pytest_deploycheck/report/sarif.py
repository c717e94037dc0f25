"""Findings as SARIF 2.1.0, for tools that gather those of many scanners."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.outcome import Failed, Inconclusive
from pytest_deploycheck.model.run import Record
from pytest_deploycheck.report.evidence import hints, lines
from pytest_deploycheck.report.terminal import Summary

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "deploycheckCheckId/v1"
CWE = "CWE"
OWASP = "OWASP API Security Top 10"
ROOT = "PROJECTROOT"

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""What GitHub reads as critical, high, medium and low (property `security-severity` of a rule)."""

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One system's part: the folder of its contract, and what came out. `clean` takes secrets out of text."""

    folder: Path
    summary: Summary
    root: Path
    version: str
    clean: Callable[[str], str]


def render(parts: Iterable[Told]) -> str:
    """Return the log of a session, a run for each system."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(part) for part in parts]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(part: Told) -> Json:
    records = part.summary.records
    failed = [record for record in records if isinstance(record.outcome, Failed)]
    weaknesses = [record.weakness for record in failed if record.weakness]
    notes = [*_notifications(part)]
    run = part.summary.run
    return {
        "tool": {
            "driver": {
                "name": "pytest-deploycheck",
                "version": part.version,
                "rules": [_rule(name, of) for name, of in _rules(failed).items()],
                "notifications": [
                    {"id": "inconclusive", "shortDescription": {"text": "A check could not be decided."}}
                ],
            }
        },
        "automationDetails": {"id": f"{run.system}/{run.environment}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root folder of the project."}}},
        "invocations": [
            {
                "executionSuccessful": not notes,
                "toolExecutionNotifications": notes,
                "properties": {"version": run.version, "baseUrl": part.clean(run.base_url)},
            }
        ],
        "taxonomies": [*_taxonomies(weaknesses)],
        "results": [_result(part, record, [*_rules(failed)]) for record in failed],
        "columnKind": "unicodeCodePoints",
    }


def _rule_id(record: Record) -> str:
    marker = record.marker or "unmarked"
    return f"{marker}/{record.weakness.cwe}" if record.weakness else marker


def _rules(failed: Iterable[Record]) -> Mapping[str, Weakness | None]:
    """The rules that were broken, each with its worst weakness."""
    rules: dict[str, Weakness | None] = {}
    for record in failed:
        known, new = rules.get(name := _rule_id(record)), record.weakness
        rules[name] = max(filter(None, (known, new)), key=lambda each: each.severity, default=None)
    return rules


def _rule(name: str, weakness: Weakness | None) -> Json:
    marker = name.partition("/")[0]
    if weakness is None:
        return {"id": name, "shortDescription": {"text": f"A check of {marker} holds."}}
    number = weakness.cwe.removeprefix("CWE-")
    tags = ["security", f"external/cwe/cwe-{number}", *([weakness.owasp] if weakness.owasp else [])]
    return {
        "id": name,
        "shortDescription": {"text": f"A check of {marker} that guards against {weakness.cwe} holds."},
        "helpUri": f"https://cwe.mitre.org/data/definitions/{number}.html",
        "properties": {"tags": tags, "security-severity": SCORES[weakness.severity]},
        "relationships": [
            {"target": {"id": taxon, "toolComponent": {"name": taxonomy}}, "kinds": ["relevant"]}
            for taxonomy, taxon in _taxa(weakness)
        ],
    }


def _taxa(weakness: Weakness) -> Iterator[tuple[str, str]]:
    yield CWE, weakness.cwe
    if weakness.owasp:
        yield OWASP, weakness.owasp


def _taxonomies(weaknesses: Iterable[Weakness]) -> Iterator[Json]:
    found = sorted({taxon for weakness in weaknesses for taxon in _taxa(weakness)})
    for name, organization in ((CWE, "MITRE"), (OWASP, "OWASP")):
        if taxa := [{"id": taxon} for taxonomy, taxon in found if taxonomy == name]:
            yield {"name": name, "organization": organization, "taxa": taxa}


def _result(part: Told, record: Record, rules: list[str]) -> Json:
    weakness = record.weakness
    rule = _rule_id(record)
    told = "\n".join((record.id, *lines(record)))
    return {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": LEVELS[weakness.severity] if weakness else "error",
        "message": {"text": part.clean(told)},
        "locations": [_location(part, record)],
        "partialFingerprints": {FINGERPRINT: _fingerprint(part, record.id)},
        "taxa": [
            {"id": taxon, "toolComponent": {"name": taxonomy}}
            for taxonomy, taxon in (_taxa(weakness) if weakness else ())
        ],
        "properties": {
            "check": part.clean(record.id),
            "runbook": list(record.runbook),
            "hints": [part.clean(hint) for hint in hints(record)],
            **({"severity": weakness.severity.name.lower()} if weakness else {}),
        },
    }


def _fingerprint(part: Told, check: str) -> str:
    """The same for one check of one system, wherever it stands in the file and whatever it found."""
    return hashlib.sha256(f"{part.summary.run.system}\n{check}".encode()).hexdigest()


def _location(part: Told, record: Record) -> Json:
    """Where a check is declared; of a test of the user's own, its file."""
    location: Json = {"logicalLocations": [{"fullyQualifiedName": part.clean(record.id)}]}
    path, line, column = _place(part, record)
    artifact = (
        {"uri": quote(path.relative_to(part.root).as_posix()), "uriBaseId": ROOT}
        if path.is_relative_to(part.root)
        else {"uri": path.as_uri()}
    )
    location["physicalLocation"] = {
        "artifactLocation": artifact,
        "region": {"startLine": line, "startColumn": column},
    }
    return location


def _place(part: Told, record: Record) -> tuple[Path, int, int]:
    path, *position = record.place.rsplit(":", 2) if record.place else (record.id.partition("::")[0],)
    line, column = (int(number) for number in position or (1, 1))
    return part.folder / path, line, column


def _notifications(part: Told) -> Iterator[Json]:
    """What could not be decided, and what was not seen at all."""
    for record in part.summary.records:
        if isinstance(record.outcome, Inconclusive):
            yield {
                "descriptor": {"id": "inconclusive", "index": 0},
                "level": "warning",
                "message": {"text": part.clean(f"{record.id}: {record.outcome.reason}")},
                "locations": [_location(part, record)],
            }
    unseen = {"selected, but not run": part.summary.not_run, "not collected": part.summary.uncollected}
    for what, names in unseen.items():
        for name in names:
            yield {
                "descriptor": {"id": "inconclusive", "index": 0},
                "level": "warning",
                "message": {"text": part.clean(f"{name}: {what}")},
            }
    for leftover in part.summary.run.leftovers:
        yield {"level": "error", "message": {"text": part.clean(f"left behind: {leftover}")}}
