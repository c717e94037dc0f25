"""Writes are declared and allowed, credentials stay at home."""

import pytest

from tests.projects import ANN, ENVIRONMENTS, ORDER, READY, Project


@pytest.fixture
def shopping(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SHOP_KEY", "the-key-of-the-shop")
    project.contract(
        ENVIRONMENTS, READY, ANN, "  key: {headers: {apikey: '${SHOP_KEY}'}}\n", "smoke:\n", ORDER
    )
    return project


def test_a_protected_environment_receives_no_write(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        """\
        import pytest

        @pytest.mark.writes
        def test_declared(http):
            http.as_("ann").post("/orders", json={})

        def test_undeclared(http):
            http.as_("ann").post("/orders", json={})

        def test_ledger(http, ledger):
            with ledger.creates(
                "POST /orders", identity="ann", delete="DELETE /orders/{id}",
                find=("GET /orders?reference={mark}", "$.items[*].id"),
            ) as order:
                http.as_("ann").post("/orders", json={"reference": order.mark})

        def test_method_in_lower_case(http):
            http.as_("ann").request("post", "/orders", json={})
        """,
    )

    run = shopping.pytest(env="prod")

    assert run.status == 2
    assert shopping.shop.orders == []
    assert {line.partition(" ")[0] for line in shopping.shop.lines} == {"GET", "POST"}
    assert [line for line in shopping.shop.lines if line.startswith("POST")] == ["POST /login"]
    assert (
        "INCONCLUSIVE POST not sent: prod is protected, and writes need --allow-writes\n"
        "    test_shop.py::test_undeclared\n"
        "    test_shop.py::test_method_in_lower_case\n"
        "    test_shop.py::test_declared\n"
        "    test_shop.py::test_ledger\n"
    ) in run.summary


@pytest.mark.parametrize("option", ["--allow-writes", "--deploycheck-allow-writes"])
def test_with_leave_to_write_a_protected_environment_is_written_to_and_cleaned(
    shopping: Project, option: str
) -> None:
    run = shopping.pytest(option, env="prod")

    assert run.status == 0
    assert "POST /orders" in shopping.shop.lines
    assert shopping.shop.orders == []


def test_leave_to_write_may_come_from_a_variable(shopping: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYCHECK_ALLOW_WRITES", "1")

    allowed = shopping.pytest(env="prod")
    monkeypatch.setenv("DEPLOYCHECK_ALLOW_WRITES", "false")
    refused = shopping.pytest(env="prod")

    assert (allowed.status, refused.status) == (0, 2)


def test_an_undeclared_write_of_a_python_test_fails_and_is_not_sent(shopping: Project) -> None:
    shopping.file("test_shop.py", "def test_it(http):\n    http.as_('ann').put('/orders/1', json={})\n")

    run = shopping.pytest("test_shop.py")

    assert run.status == 1
    assert (
        "UndeclaredWriteError: PUT may change the deployment: "
        "create things inside `with ledger.creates(...)`, or mark the test with @pytest.mark.writes"
    ) in run.summary
    assert "PUT /orders/1" not in shopping.shop.lines


def test_a_declared_write_of_a_python_test_is_sent_and_booked(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        "import pytest\n\n@pytest.mark.writes\ndef test_it(http):\n    http.as_('ann').delete('/orders/1')\n",
    )

    run = shopping.pytest("test_shop.py")

    assert run.status == 0
    assert "DELETE /orders/1" in shopping.shop.lines
    assert "1 of 100 writes" in run.summary


@pytest.mark.parametrize("identity", ["ann", "key"])
def test_a_redirect_to_another_origin_gets_no_credential(shopping: Project, identity: str) -> None:
    shopping.file(
        "test_shop.py",
        f"""\
        import os

        def test_it(http):
            sent = {{"Cookie": "a=b", "X-Custom": os.environ["SHOP_KEY"], "X-Plain": "plain"}}
            reply = http.as_("{identity}").get("/away", follow_redirects=True, headers=sent)
            assert reply.json() == {{"here": "elsewhere"}}
        """,
    )

    run = shopping.pytest("test_shop.py")

    (strayed,) = shopping.shop.strayed
    assert run.status == 0
    assert strayed.line == "GET /landed"
    assert not {"authorization", "apikey", "cookie", "x-custom"} & strayed.headers.keys()
    assert strayed.headers["x-plain"] == "plain"


def test_a_redirect_within_the_origin_keeps_its_credential(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        """\
        def test_it(http):
            reply = http.as_("ann").get("/away?to=/products", follow_redirects=True)
            assert reply.json()["items"][0]["id"] == "a-1"
        """,
    )

    run = shopping.pytest("test_shop.py")

    assert run.status == 0


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_would_carry_a_secret_elsewhere_is_refused(shopping: Project, status: int) -> None:
    shopping.file(
        "test_shop.py",
        f"""\
        import os
        import pytest

        @pytest.mark.writes
        def test_body(http):
            http.post("/away?status={status}", json={{"key": os.environ["SHOP_KEY"]}}, follow_redirects=True)
        """,
    )

    run = shopping.pytest("test_shop.py")

    assert run.status == 1
    assert f"RefusedError: it would carry a secret to {shopping.shop.elsewhere}" in run.summary
    assert shopping.shop.strayed == []


def test_a_redirect_with_a_secret_in_its_address_is_refused(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        f"""\
        import os

        def test_address(http):
            to = "{shopping.shop.elsewhere}/?key=" + os.environ["SHOP_KEY"]
            http.get("/away", params={{"to": to}}, follow_redirects=True)
        """,
    )

    run = shopping.pytest("test_shop.py")

    assert run.status == 1
    assert shopping.shop.strayed == []


def test_a_declared_check_follows_no_redirect(shopping: Project) -> None:
    shopping.contract(ENVIRONMENTS, READY, ANN, "smoke:\n  - GET /away: {as: ann, status: 302}\n")

    run = shopping.pytest()

    assert run.status == 0
    assert shopping.shop.strayed == []


def test_a_declared_check_of_another_origin_sends_no_credential_there(shopping: Project) -> None:
    shopping.contract(
        ENVIRONMENTS.replace(
            'local: {base_url: "${SHOP_URL}"}',
            'local: {base_url: "${SHOP_URL}", headers: {X-Gate: "our-gate"}}',
        ),
        READY,
        ANN,
        f"smoke:\n  - GET {shopping.shop.elsewhere}/x: {{as: ann, status: 200}}\n",
    )

    run = shopping.pytest()

    (strayed,) = shopping.shop.strayed
    assert run.status == 0
    assert "authorization" not in strayed.headers
    assert "x-gate" not in strayed.headers
    assert all(
        each.headers.get("x-gate") == "our-gate" for each in shopping.shop.arrived if each.listener == "front"
    )


def test_the_budget_of_writes_is_enforced_while_running(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        """\
        import pytest

        @pytest.mark.writes
        def test_it(http):
            for number in range(3):
                http.as_("ann").delete(f"/orders/{number}")
        """,
    )

    run = shopping.pytest("test_shop.py", env="small")

    assert run.status == 2
    assert "INCONCLUSIVE the budget of 1 write is spent\n    test_shop.py::test_it" in run.summary
    assert [line for line in shopping.shop.lines if line.startswith("DELETE")] == ["DELETE /orders/0"]


def test_a_fixture_without_an_environment_says_what_is_missing(project: Project) -> None:
    project.file("test_shop.py", "def test_it(http):\n    pass\n")

    run = project.pytest(env="")

    assert run.status != 0
    assert "this test verifies a deployment: name one with --env=NAME" in run.everything


def test_an_identity_that_is_not_there_is_a_key_error_that_names_the_others(shopping: Project) -> None:
    shopping.file(
        "test_shop.py",
        """\
        def test_it(http, identity, tokens, environment):
            assert identity("ann").tenant == "a"
            assert tokens.claims("ann")["tenant"] == "a"
            assert environment.name == "local"
            http.as_("an")
        """,
    )

    run = shopping.pytest("test_shop.py")

    assert run.status == 1
    assert "the contract has no identity 'an', only ann, anonymous, key" in run.out
