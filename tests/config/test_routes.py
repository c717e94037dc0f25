"""Routes: declared in the contract."""

from pathlib import Path

import pytest

from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.route import Listing, Owned, Route, Scope

from .contracts import LOCAL, Listed, read, refused

ADMIN = "identities:\n  boss: {token: good-token, roles: [admin]}\n"


def declare(tmp_path: Path, *lines: str) -> tuple[Route, ...]:
    return read(tmp_path, f"{LOCAL}{ADMIN}routes:\n" + "".join(f"  - {line}\n" for line in lines)).routes


def mistakes(tmp_path: Path, *lines: str) -> str:
    return refused(tmp_path, f"{LOCAL}{ADMIN}routes:\n" + "".join(f"  - {line}\n" for line in lines))


def test_a_route_needs_a_login_unless_it_says_otherwise(tmp_path: Path) -> None:
    open_route, closed, admins = declare(
        tmp_path, "GET /health: {public: true}", "GET /api/x: {}", "GET /audit: {roles: [admin]}"
    )

    assert (open_route.title, open_route.public) == ("GET /health", True)
    assert (closed.public, closed.roles, closed.described) == (False, (), False)
    assert admins.roles == ("admin",)
    assert (open_route.place.line, open_route.place.column) == (7, 5)


def test_a_list_says_where_its_items_are(tmp_path: Path) -> None:
    (route,) = declare(
        tmp_path, 'GET /api/orders: {tenant: list, items: "$.data[*]", id: $.key, owner: $.tenant}'
    )

    assert route.scope is Scope.LIST
    assert route.listing == Listing(items="$.data[*]", id="$.key", owner="$.tenant")


def test_a_route_may_be_below_something_else_than_the_base_url(tmp_path: Path) -> None:
    near, far = declare(
        tmp_path, "GET /users: {}", 'GET /users/{user}: {base: "https://auth.example/v1/", roles: [admin]}'
    )

    assert (near.url, near.line) == ("/users", "GET /users")
    assert (far.title, far.url) == ("GET /users/{user}", "https://auth.example/v1/users/{user}")
    assert far.line == "GET https://auth.example/v1/users/{user}"


def test_null_is_a_body_too(tmp_path: Path) -> None:
    with_body, without = declare(tmp_path, "POST /a: {body: {a: null}}", "POST /b: {body: null}")

    assert (with_body.body, without.body) == ({"a": None}, None)


def test_kinds_are_told_the_routes_and_which_are_excluded(tmp_path: Path) -> None:
    kind = Listed()
    text = f"{LOCAL}routes:\n  - GET /a: {{}}\n  - GET /b: {{excluded: a webhook}}\nsmoke:\n  - one: {{}}\n"

    read(tmp_path, text, kinds={"http": kind})

    assert [route.path for route in kind.seen[0].routes] == ["/a"]
    assert [(route.path, route.excluded) for route in kind.seen[0].excluded] == [("/b", "a webhook")]


def test_an_identity_says_where_it_finds_its_own(tmp_path: Path) -> None:
    text = 'identities:\n  me: {token: good-token, owns: {order: {GET /orders: "$.data[*].id"}}}\n'
    contract: Contract = read(tmp_path, LOCAL + text)

    assert contract.identities["me"].owns == {"order": Owned(path="/orders", ids="$.data[*].id")}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "GET api/x: {}",
            "deploycheck.yaml:7:5: the key 'GET api/x' can't stand here\n"
            "    expected METHOD /path, such as GET /api/orders/{order}, without a query",
        ),
        (
            "GET /x: {pubic: true}",
            "deploycheck.yaml:7:14: unknown key 'pubic'\n    expected 'public'?",
        ),
        (
            "GET /x: {public: true, roles: [admin]}",
            "deploycheck.yaml:7:5: 'GET /x' is public, and has roles\n    expected one of the two",
        ),
        (
            "GET /x: {roles: [admn]}",
            "deploycheck.yaml:7:22: no identity has the role 'admn'\n    expected 'admin'?",
        ),
        (
            "GET /x: {tenant: item}",
            "deploycheck.yaml:7:22: 'GET /x' is one thing of a tenant, and its path names none\n"
            "    expected a parameter in it, such as {order}; or tenant: list",
        ),
        (
            "GET /x: {items: data}",
            "deploycheck.yaml:7:21: 'items' is 'data'\n    expected a JSONPath",
        ),
        (
            "GET /x: {excluded: ''}",
            "deploycheck.yaml:7:24: 'excluded' is empty\n    expected a text",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str, message: str) -> None:
    assert mistakes(tmp_path, line).startswith(message)


def test_a_route_stands_once_whatever_its_parameters_are_called(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "'GET /x/{a}': {}", "'GET /x/{b}': {}")

    assert "8:5: 'GET /x/{b}' a second time, first at" in said
    assert said.endswith("deploycheck.yaml:7:5\n    expected each route once")


def test_an_empty_list_of_routes_is_a_mistake(tmp_path: Path) -> None:
    assert "'routes' is empty" in refused(tmp_path, f"{LOCAL}routes: []\n")


@pytest.mark.parametrize("line", ["POST /orders", "GET /sites/{site}/orders", "GET orders"])
def test_ids_come_from_a_list_that_can_be_asked_for(tmp_path: Path, line: str) -> None:
    text = f'identities:\n  me: {{token: good-token, owns: {{order: {{"{line}": "$[*].id"}}}}}}\n'

    assert "expected GET /path of a list, without parameters" in refused(tmp_path, LOCAL + text)
