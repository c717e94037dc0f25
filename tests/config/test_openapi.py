"""Routes from an OpenAPI document, corrected by the contract."""

from pathlib import Path
from typing import Any

import pytest

from pytest_deploycheck.model.route import Described, Route
from pytest_deploycheck.openapi import NotOpenApiError, Operation, operations

from .contracts import LOCAL, Listed, read, refused

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
security: [{bearer: []}]
paths:
  /health:
    get: {security: []}
  /orders/{id}:
    parameters: []
    get: {}
    put:
      requestBody: {content: {application/json: {example: {quantity: 2}}}}
"""


def described(tmp_path: Path, *lines: str, document: str = DOCUMENT) -> dict[str, Route]:
    (tmp_path / "openapi.yaml").write_text(document)
    routes = "".join(f"  - {line}\n" for line in lines)
    text = f"{LOCAL}openapi: {{file: openapi.yaml}}\n" + (f"routes:\n{routes}" if routes else "")
    return {route.title: route for route in read(tmp_path, text).routes}


def test_each_operation_of_a_file_is_a_route(tmp_path: Path) -> None:
    found = described(tmp_path)

    assert list(found) == ["GET /health", "GET /orders/{id}", "PUT /orders/{id}"]
    assert [route.public for route in found.values()] == [True, False, False]
    assert found["PUT /orders/{id}"].body == {"quantity": 2}
    assert all(route.described for route in found.values())
    place = found["PUT /orders/{id}"].place
    assert (place.path.name, place.line, place.column) == ("openapi.yaml", 10, 5)


def test_the_contract_corrects_and_completes_it(tmp_path: Path) -> None:
    found = described(
        tmp_path,
        "'GET /orders/{order}': {tenant: item}",
        "'PUT /orders/{order}': {excluded: it is being replaced}",
        "GET /health: {public: false}",
        "GET /hidden: {}",
    )

    assert list(found) == ["GET /health", "GET /orders/{order}", "PUT /orders/{order}", "GET /hidden"]
    assert not found["GET /health"].public
    assert found["PUT /orders/{order}"].excluded
    assert found["PUT /orders/{order}"].body == {"quantity": 2}
    assert [route.described for route in found.values()] == [True, True, True, False]


def test_what_stands_in_the_document_has_no_base_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    route = 'routes:\n  - GET /health: {base: "https://auth.example"}\n'

    assert refused(tmp_path, f"{LOCAL}openapi: {{file: openapi.yaml}}\n{route}") == (
        "deploycheck.yaml:6:25: 'GET /health' is below `base_url`: it stands in the OpenAPI document\n"
        "    expected no base, or another path"
    )


def test_what_is_silent_on_access_leaves_it_as_described(tmp_path: Path) -> None:
    assert described(tmp_path, "GET /health: {excluded: noisy}")["GET /health"].public


def test_a_document_may_be_json(tmp_path: Path) -> None:
    document = '{\n\t"openapi": "3.0.3",\n\t"paths": {"/a": {"get": {"responses": {"200": {}}}}}}\n'

    assert list(described(tmp_path, document=document.replace("\t", " "))) == ["GET /a"]


def test_kinds_are_told_about_a_served_document(tmp_path: Path) -> None:
    kind = Listed()
    text = (
        f"{LOCAL}openapi: {{path: /openapi.json, require_coverage: true}}\n"
        "smoke:\n  http: [one: {}]\n  coverage: [other: {}]\n"
    )

    contract = read(tmp_path, text, kinds={"http": kind, "coverage": Listed()})

    assert contract.routes == ()
    told = kind.seen[0].described
    assert isinstance(told, Described)
    assert (told.path, told.complete) == ("/openapi.json", True)


def test_a_document_that_is_served_may_be_kept_as_a_file_too(tmp_path: Path) -> None:
    kind = Listed()
    (tmp_path / "api.yaml").write_text("{openapi: 3.0.3, paths: {/orders: {get: {}}}}\n")

    contract = read(
        tmp_path,
        f"{LOCAL}openapi: {{file: api.yaml, path: /openapi.json}}\nsmoke:\n  http: [one: {{}}]\n",
        kinds={"http": kind},
    )

    assert [route.title for route in contract.routes] == ["GET /orders"]
    told = kind.seen[0].described
    assert told is not None
    assert told.path == "/openapi.json"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("{}", "'openapi' has no file or path\n    expected file, path or both"),
        ("{path: b}", "'path' is 'b'\n    expected a path that starts with /"),
        ("{file: no.yaml}", "'file' is 'no.yaml': there is no such file"),
        ("{fil: no.yaml}", "unknown key 'fil'\n    expected 'file'?"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, part: str, message: str) -> None:
    assert message in refused(tmp_path, f"{LOCAL}openapi: {part}\n")


def test_a_promise_of_coverage_needs_its_check(tmp_path: Path) -> None:
    text = f"{LOCAL}openapi: {{path: /openapi.json, require_coverage: true}}\nsmoke:\n  - one: {{}}\n"

    assert refused(tmp_path, text) == (
        "deploycheck.yaml:4:1: 'require_coverage' is true, and no section holds 'coverage'\n"
        "    expected coverage: {} in a section such as security"
    )


def test_what_is_no_openapi_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("swagger: '2.0'\n")

    assert refused(tmp_path, f"{LOCAL}openapi: {{file: api.yaml}}\n") == (
        "api.yaml:1:1: no OpenAPI document: its version is 2.0\n    expected OpenAPI 3.0 or 3.1"
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "it is no object"),
        ({}, "it has no key 'openapi'"),
        ({"openapi": "3.1.0"}, "it has no paths"),
        ({"openapi": "3.1.0", "paths": {}}, "it has no paths"),
    ],
)
def test_what_is_no_openapi_has_no_operations(document: object, reason: str) -> None:
    with pytest.raises(NotOpenApiError, match=reason):
        operations(document)


@pytest.mark.parametrize(
    ("whole", "own", "public"),
    [
        (None, None, False),
        (None, [], True),
        ([{"bearer": []}], [], True),
        ([{"bearer": []}], None, False),
        ([], None, True),
        ([], [{"bearer": []}], False),
        (None, [{"bearer": []}, {}], True),
    ],
)
def test_a_documents_silence_hides_no_route(whole: Any, own: Any, public: bool) -> None:  # noqa: ANN401, FBT001 - JSON
    operation = {} if own is None else {"security": own}
    document = {"openapi": "3.0.0", "paths": {"/a": {"get": operation}}}

    assert operations(document if whole is None else {**document, "security": whole}) == (
        Operation("GET", "/a", public=public, stated=whole is not None or own is not None),
    )


def test_references_within_the_document_are_followed() -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/a": {"$ref": "#/components/pathItems/a~1b"}, "x-notes": "nobody's"},
        "components": {
            "pathItems": {"a/b": {"post": {"requestBody": {"$ref": "#/components/requestBodies/x"}}}},
            "requestBodies": {"x": {"content": {"application/json": {"schema": {"example": [1]}}}}},
        },
    }

    assert operations(document) == (Operation("POST", "/a", body=[1], stated=False),)


def test_what_stands_beside_a_reference_counts_too() -> None:
    paths = {"/a": {"$ref": "#/x", "delete": {}}}

    found = operations({"openapi": "3.1.0", "paths": paths, "x": {"get": {}}})

    assert [each.title for each in found] == ["GET /a", "DELETE /a"]


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ({"/a": {"$ref": "#/no/where"}}, r"its path /a is elsewhere \(#/no/where\), and not in the document"),
        ({"/a": {"$ref": "./a.yaml"}}, r"its path /a is elsewhere \(./a.yaml\)"),
        ({"/a": {"$ref": "#/x"}}, r"its path /a is elsewhere \(#/x\)"),
        ({"/a": None}, "its path /a is no object"),
        ({"/a": {"get": None}}, "its operation get /a is no object"),
        ({"a": {"get": {}}}, "its path 'a' is no path"),
        ({"//other.example/a": {"get": {}}}, "its path '//other.example/a' is no path"),
        ({"/a?b={c}": {"post": {}}}, "its path '/a\\?b={c}' is no path"),
        ({"/#Action={a}": {"post": {}}}, "its path '/#Action={a}' is no path"),
        ({"/a/{b}/..": {"delete": {}}}, "its path '/a/{b}/..' is no path"),
        ({"/a\x1b[2J": {"get": {}}}, "is no path"),
    ],
)
def test_what_cannot_be_read_is_not_left_out_without_a_word(paths: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotOpenApiError, match=reason):
        operations({"openapi": "3.1.0", "paths": paths, "x": {"$ref": "#/y"}, "y": {"get": {}}})


def test_named_examples_are_examples_too() -> None:
    content = {"application/json": {"examples": {"one": {"value": 1}, "two": {"value": 2}}}}
    document = {"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"content": content}}}}}

    assert operations(document)[0].body == 1
