"""Orders below sites, of two tenants."""

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from pytest_deploycheck.model.evidence import Evidence
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.probe import HttpRequest, Probe
from pytest_deploycheck.model.route import Owned, Route
from tests.checks.contracts import IDENTITIES, reply
from tests.checks.isolation.app import TENANTS, App, around


def nested(*routes: Route) -> Context:
    owns = {
        "site": Owned(path="/api/sites", ids="$.data[*].id"),
        "order": Owned(path="/api/orders", ids="$.data[*].id"),
    }
    identities = {name: replace(IDENTITIES[name], owns=owns) for name in ("shopper", "other")}
    return replace(around(*routes), identities=identities)


def with_sites(leaks: str = "") -> Callable[[Probe], Evidence]:
    app = App()

    def answers(probe: Probe) -> Evidence:
        assert isinstance(probe, HttpRequest)
        tenant = TENANTS[probe.identity]
        match urlsplit(probe.target).path.split("/")[2:]:
            case ["sites"]:
                return reply(body=json.dumps({"data": [{"id": f"s{tenant}"}]}))
            case ["sites", site, "orders"]:
                allowed = site == f"s{tenant}" or leaks == "list"
                return app.list(site[1:], {}) if allowed else reply(404, '{"error": "no"}')
            case ["sites", site, "orders", id_]:
                if leaks == "thing" and site == f"s{tenant}":
                    return reply(body=json.dumps(app.orders[id_]))
                return app.one(probe, tenant, id_) if site == f"s{tenant}" else reply(404, '{"error": "no"}')
            case _:
                return app(probe)

    return answers
