"""Turns a piece of YAML into checks, as the loader does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from pytest_deploycheck.checks import kinds
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.identity import Forgery, Identity, Login
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.route import Described, Owned, Route, Scope
from pytest_deploycheck.model.secret import Secret

PLACE = Place(Path("deploycheck.yaml"))
LOGIN = Login(target="/login", token="$.token", body=b'{"email": "m@app.example", "password": "right"}')
OWNS = {"order": Owned(path="/api/orders", ids="$.data[*].id")}
IDENTITIES = {
    identity.name: identity
    for identity in (
        Identity(name="shopper", place=PLACE, tenant="a", login=LOGIN, owns=OWNS),
        Identity(name="other", place=PLACE, tenant="b", login=LOGIN, owns=OWNS),
        Identity(name="admin", place=PLACE, tenant="a", roles=("admin",), login=LOGIN),
        Identity(name="expired", place=PLACE, tenant="a", forgery=Forgery.EXPIRED, of="shopper"),
        Identity(name="renewed", place=PLACE, tenant="a", forgery=Forgery.RENEWED, of="shopper"),
    )
}
ROUTES = (
    Route(method="GET", path="/health", place=PLACE, public=True),
    Route(method="GET", path="/api/orders", place=PLACE, scope=Scope.LIST),
    Route(method="GET", path="/api/orders/{order}", place=PLACE, scope=Scope.ITEM),
    Route(method="DELETE", path="/api/orders/{order}", place=PLACE, scope=Scope.ITEM),
    Route(method="GET", path="/api/admin/users", place=PLACE, roles=("admin",)),
)


def context(
    marker: str = "smoke",
    base_url: str = "https://api.example",
    replicas: tuple[str, ...] = (),
    secrets: tuple[tuple[str, Secret], ...] = (),
    routes: tuple[Route, ...] = ROUTES,
) -> Context:
    return Context(
        marker=marker,
        folder=Path("/contract"),
        environment=Environment(name="local", place=PLACE, base_url=base_url, replicas=replicas),
        identities=IDENTITIES,
        place=lambda loc: PLACE,
        routes=routes,
        described=Described(place=PLACE),
        secrets=secrets,
    )


def reading(role: str = "rows") -> Context:
    """Where a role reads the database that sees every row."""
    around = context("schema")
    return replace(around, environment=replace(around.environment, database_reader=role))


def declare(kind: str, text: str, around: Context | None = None) -> tuple[Check, ...]:
    module = kinds()[kind]
    section: Any = TypeAdapter(module.Section).validate_python(yaml.safe_load(text))
    return tuple(module.checks(section, around or context()))


def declare_one(kind: str, text: str, around: Context | None = None) -> Check:
    (check,) = declare(kind, text, around)
    return check


def reply(status: int = 200, body: str = "", elapsed: float = 0.1, **headers: str) -> Reply:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status=status, body=body.encode(), headers=sent, elapsed=elapsed)
