"""Compares the database with the API: what the API filters, somebody who goes round it sees."""

from collections.abc import Sequence
from dataclasses import replace

from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.exchange.silence import unanswered
from pytest_deploycheck.checks.isolation.items import seen_in
from pytest_deploycheck.checks.policy.findings import Finding, Open
from pytest_deploycheck.checks.policy.scene import Scene
from pytest_deploycheck.checks.policy.subjects import qualified
from pytest_deploycheck.model.evidence import Evidence, Reply
from pytest_deploycheck.model.outcome import Inconclusive
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.route import Route


def compared(
    scene: Scene, findings: Sequence[Finding], routes: Sequence[Route]
) -> Asking[tuple[Finding, ...]]:
    """Ask the routes of relations that are open, as the same identity, and say what they show."""
    by_name = {qualified(name): line for name, line in scene.section.routes.items()}
    known = {route.title: route for route in routes}
    identity = scene.acting.actor.identity
    asked = {
        each.relation: known[by_name[each.relation]]
        for each in findings
        if isinstance(each, Open) and each.relation in by_name and identity == scene.title
    }
    if not asked or identity is None:
        return tuple(findings)
    requests = {
        name: HttpRequest(
            method="GET", target=route.path, identity=identity, purpose=f"what the API shows of {name}"
        )
        for name, route in asked.items()
    }
    seen = yield tuple(requests.values())
    told = {
        name: _told(scene, asked[name], requests[name], evidence)
        for name, evidence in zip(requests, seen, strict=True)
    }
    return tuple(_with(each, told) for each in findings)


def _with(finding: Finding, told: dict[str, str]) -> Finding:
    if isinstance(finding, Open) and finding.relation in told:
        return replace(finding, beside=told[finding.relation])
    return finding


def _told(scene: Scene, route: Route, request: HttpRequest, evidence: Evidence) -> str:
    line = f"{request.method} {request.target}"
    if reason := unanswered(evidence):
        return f"whether {line} shows it too, nobody knows: {reason}"
    if not isinstance(evidence, Reply) or not evidence.ok:
        status = evidence.status if isinstance(evidence, Reply) else "nothing"
        return f"{line} answers {status}: denied by the API, open in the database"
    items = seen_in(request, evidence, route.listing)
    if isinstance(items, Inconclusive) or not route.listing.owner:
        return f"whether {line} shows it too, its items don't say"
    if any(owner not in scene.acting.own for owner in items.owners):
        return f"{line} shows it too"
    return f"{line} does not show it: filtered by the API, open in the database"
