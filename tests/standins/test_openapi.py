"""The OpenAPI document says what the application does: neither less nor more."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from suites.standins.wecelebrate.api.app import routes
from suites.standins.wecelebrate.api.openapi import document
from suites.standins.wecelebrate.api.paths import FUNCTION
from tests.standins.world import World

DOCUMENT = document()
METHODS = {"get", "post", "patch", "delete", "put"}
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
LISTS = [path for method, path in OPERATIONS if method == "GET" and "{" not in path]


def method_of(route: Route) -> str:
    (method,) = (route.methods or set()) - {"HEAD"}
    return method


def filled(path: str) -> str:
    return path.replace("{id}", "11111111-1111-4111-8111-111111111111").replace("{site}", "1")


def test_it_describes_every_route_of_the_function_and_no_other() -> None:
    served = {(method_of(r), r.path.removeprefix(FUNCTION)) for r in routes() if r.path.startswith(FUNCTION)}

    assert set(OPERATIONS) == served


def test_it_is_served_to_everybody_and_lies_in_the_release(world: World) -> None:
    served = world.get("/openapi.json", None)
    released = json.loads((Path(world.given["RELEASE_DIR"]) / "openapi.json").read_text())

    assert served == released == DOCUMENT


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_public_is_public_and_nothing_else(world: World, method: str, path: str) -> None:
    answer = world.call(method, filled(path), None, json={})

    assert (answer.status_code == 401) == bool(OPERATIONS[method, path]["security"])
    assert str(answer.status_code) in OPERATIONS[method, path]["responses"]


@pytest.mark.parametrize("path", LISTS)
def test_an_answer_has_the_shape_it_says(world: World, path: str) -> None:
    schema = OPERATIONS["GET", path]["responses"]["200"]["content"]["application/json"]["schema"]

    answer = world.get(path, "ADMIN_A")

    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(answer)
    assert answer.get("data", [answer])


@pytest.mark.parametrize(
    "path", [path for method, path in OPERATIONS if path.endswith("/{id}") and method == "GET"]
)
def test_a_thing_has_the_shape_it_says(world: World, path: str) -> None:
    kind = path.split("/")[2]
    schema = OPERATIONS["GET", path]["responses"]["200"]["content"]["application/json"]["schema"]

    thing = world.get(f"/api/{kind}/{world.first(kind)}")

    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(thing)


@pytest.mark.parametrize("path", [path for path in LISTS if path.startswith("/api")])
def test_a_filter_it_names_is_one(world: World, path: str) -> None:
    parameters: list[dict[str, Any]] = OPERATIONS["GET", path].get("parameters", [])
    names = [one["name"] for one in parameters if one["schema"] == {"type": "string"}]

    found = [world.get(f"{path}?{name}=nothing-has-this", "ADMIN_A")["pagination"]["total"] for name in names]

    assert found == [0] * len(names)


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    names = {part.split('"')[0] for part in text.split('"$ref": "#/components/')[1:]}

    for name in names:
        kind, _, entry = name.partition("/")
        assert entry in DOCUMENT["components"][kind]
