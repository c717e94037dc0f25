"""What was not checked did not pass."""

import pytest

from tests.projects import ANN, ENVIRONMENTS, IMPATIENT, ORDER, READY, Project

SMOKE = """\
smoke:
  - GET /health: {status: 200}
"""

TEN = "smoke:\n" + "".join(f"  - GET /status/200 [{number}]: {{status: 200}}\n" for number in range(10))

REFUSAL = """\
security:
  - GET /products [nobody]: {status: 401, control: ann}
  - GET /products: {as: ann, status: 200}
"""


def test_a_healthy_deployment_is_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    run = project.pytest()

    assert run.status == 0
    assert run.counts() == "2 passed"
    assert run.verdict == "GO: Shop on local, version not declared"


def test_a_credential_that_needs_no_login_is_no_check(project: Project) -> None:
    project.contract(
        ENVIRONMENTS,
        "identities:\n  key: {headers: {apikey: some-api-key}}\n",
        "smoke:\n  - GET /health: {as: key, status: 200}\n",
    )

    run = project.pytest("-v")

    assert run.counts() == "2 passed"
    assert "identities::" not in run.out


def test_nothing_selected_is_said_so(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    run = project.pytest("-k", "no_such_check")

    assert run.status == 5
    assert run.verdict == "NOTHING CHECKED: Shop on local, version not declared"
    assert project.shop.lines == []


def test_a_run_in_which_everything_was_refused_is_inconclusive(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, ANN, "smoke:\n", ORDER)

    run = project.pytest("-k", "order", env="prod")

    assert run.status == 2
    assert run.counts() == "2 deselected, 1 inconclusive"
    assert (
        "INCONCLUSIVE it writes, and prod is protected: pass --allow-writes to let it write "
        "(what it creates, it removes)\n    smoke::an order is made"
    ) in run.summary
    assert run.verdict == "INCONCLUSIVE: Shop on prod, version not declared"
    assert project.shop.orders == []


def test_a_deployment_that_is_down_is_told_once_and_not_by_every_check(project: Project) -> None:
    project.contract(ENVIRONMENTS, IMPATIENT, TEN)

    run = project.pytest(env="down")

    assert run.status == 2
    assert run.out.count("not ready after") == 1
    assert "INCONCLUSIVE not ready after 2." in run.summary
    assert "GET /health: cannot connect: [Errno 111] Connection refused\n    release::ready\n" in run.summary
    assert "and 6 more" in run.summary
    assert run.verdict == "INCONCLUSIVE: Shop on down, version not declared"


def test_a_wrong_version_is_told_once_however_often_it_was_asked_for(project: Project) -> None:
    project.contract(
        ENVIRONMENTS,
        """\
        release:
          version: {path: /version, json: $.commit, equals: v9, timeout: 4s, interval: 20ms}
        """,
        SMOKE,
    )

    run = project.pytest()

    assert run.status == 1
    assert "times more: 200" in run.out
    assert run.out.count('"commit"') == 2


def test_one_replica_with_another_version_is_no_go_and_named(project: Project) -> None:
    project.shop.switch(versions=["v1", "v0"])
    project.contract(
        ENVIRONMENTS,
        """\
        release:
          ready: {path: /health}
          version:
            path: /version
            json: $.commit
            equals: v1
            consecutive: 3
            replica: {json: $.replica, count: 2}
            timeout: 200ms
            interval: 50ms
        """,
        SMOKE,
    )

    run = project.pytest()

    assert run.status == 1
    assert (
        "FAILED       release::version\n"
        "    GET /version: expected 'v1' 3 times in a row, "
        "but replica r2 serves 'v0', replica r1 serves 'v1'\n"
        "INCONCLUSIVE not run, because release::version failed\n"
        "    smoke::GET /health\n"
    ) in run.summary
    assert run.verdict == "NO-GO: Shop on local, version not proven"


def test_the_version_is_proven_on_every_replica_that_can_be_reached(project: Project) -> None:
    project.shop.switch(versions=["v1", "v0"])
    first, second = project.shop.replicas
    project.contract(
        f"""\
        system: Shop
        environments:
          local: {{base_url: "{first}", replicas: ["{first}", "{second}"]}}
        release:
          version: {{path: /version, json: $.commit, equals: v1, timeout: 200ms, interval: 50ms}}
        """,
        SMOKE,
    )

    run = project.pytest()

    assert run.status == 1
    assert f"GET {second}/version: expected 'v1' 5 times in a row, but it serves 'v0'" in run.summary


def test_the_proven_version_stands_in_the_verdict(project: Project) -> None:
    project.contract(
        ENVIRONMENTS, "release:\n  version: {path: /version, json: $.commit, equals: v1}\n", SMOKE
    )

    run = project.pytest()

    assert run.verdict == "GO: Shop on local, version v1"


def test_a_broken_login_fails_and_nothing_counts_as_denied(project: Project) -> None:
    project.shop.switch(login="broken")
    project.contract(ENVIRONMENTS, READY, ANN, REFUSAL)

    run = project.pytest("-v")

    assert run.status == 1
    assert run.counts() == "1 failed, 1 passed, 2 inconclusive"
    assert "security::GET /products [nobody] INCONCLUSIVE" in run.out
    assert "security::GET /products INCONCLUSIVE" in run.out
    assert "identities::ann FAILED" in run.out
    assert "login of ann: got 400 (Invalid login credentials)" in run.out
    assert (
        "INCONCLUSIVE no credentials: the login of ann failed\n"
        "    security::GET /products [nobody]\n"
        "    security::GET /products\n"
    ) in run.summary
    assert project.shop.lines.count("POST /login") == 1


def test_a_route_that_serves_everybody_fails_whatever_its_control_says(project: Project) -> None:
    project.shop.switch(guard=False)
    project.contract(ENVIRONMENTS, READY, ANN, REFUSAL)

    run = project.pytest()

    assert run.status == 1
    assert "security::GET /products [nobody]\n    status: expected 401, got 200" in run.summary
    assert "\n  declared deploycheck.yaml:" in run.out


def test_an_unset_variable_is_a_mistake_with_its_place(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_URL")
    project.contract(ENVIRONMENTS, READY, SMOKE)

    run = project.pytest()

    assert run.status == 4
    assert "deploycheck.yaml:3:21: 'base_url' needs the variable SHOP_URL, which is not set" in run.err
    assert "Traceback" not in run.everything


def test_an_empty_list_of_checks_is_a_mistake(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke: []\n")

    run = project.pytest()

    assert run.status == 4
    assert "deploycheck.yaml:10:1: section 'smoke' is empty" in run.err


def test_a_check_that_expects_nothing_is_a_mistake(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /health: {status: []}\n")

    run = project.pytest()

    assert run.status == 4
    assert "deploycheck.yaml:11:19: 'status': an empty list of statuses expects nothing" in run.err


def test_a_lock_file_that_is_missing_is_a_mistake_of_whoever_selects_its_check(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE, "schema: {drift: {lock: schema.lock.yaml}}\n")

    run = project.pytest()
    sent = list(project.shop.lines)

    assert (run.status, sent) == (4, [])
    assert "ERROR: deploycheck.yaml:12:24: the lock file schema.lock.yaml can't be read" in run.everything
    assert "Traceback" not in run.everything
    assert project.pytest("-m", "smoke").status == 0


def test_an_unknown_environment_is_a_mistake_that_names_the_known_ones(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    run = project.pytest(env="nowhere")

    assert run.status == 4
    assert "environment 'nowhere' is not known" in run.err
    assert "one of local, prod, small, brief, down" in run.err


def test_an_environment_without_any_contract_is_a_mistake(project: Project) -> None:
    project.file("test_something.py", "def test_it():\n    pass\n")

    run = project.pytest()

    assert run.status == 4
    assert f"--env=local: no deploycheck.yaml in {project.folder}, above or below" in run.err


def test_a_plan_over_budget_is_refused_with_the_arithmetic_before_anything_is_sent(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, TEN)

    run = project.pytest(env="small")

    assert run.status == 4
    assert "Shop on small: the plan is over budget, nothing was sent" in run.err
    assert "requests: 4 release + 10 smoke = 14, budget 5" in run.err
    assert "raise `budget` of the environment, or select fewer checks with -m or -k" in run.err
    assert project.shop.arrived == []


def test_a_plan_over_budget_is_refused_by_workers_too(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, TEN)

    run = project.pytest("-n2", env="small")

    assert run.status == 4
    assert "requests: 4 release + 10 smoke = 14, budget 5" in run.everything
    assert project.shop.arrived == []


def test_a_budget_spent_by_a_python_test_leaves_it_inconclusive(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY)
    project.file(
        "test_shop.py",
        """\
        def test_greedy(http):
            for _ in range(6):
                assert http.get("/health").status_code == 200
        """,
    )

    run = project.pytest(env="small")

    assert run.status == 2
    assert "INCONCLUSIVE the budget of 5 requests is spent\n    test_shop.py::test_greedy" in run.summary
    assert project.shop.lines == ["GET /health"] * 5


def test_when_the_budgeted_time_is_over_nothing_more_is_sent(project: Project) -> None:
    project.shop.switch(slow=0.4)
    project.contract(ENVIRONMENTS, TEN)

    run = project.pytest("--deploycheck-concurrency=1", env="brief")

    assert run.status == 2
    assert "the budget of 1 s is over" in run.summary
    assert len(project.shop.lines) < 5


def test_a_skipped_test_is_not_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file(
        "test_shop.py",
        """\
        import pytest

        @pytest.mark.skip(reason="not today")
        def test_it(http):
            pass
        """,
    )

    run = project.pytest()

    assert run.status == 2
    assert "INCONCLUSIVE skipped: not today\n    test_shop.py::test_it" in run.summary


def test_an_expected_failure_is_not_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file(
        "test_shop.py",
        """\
        import pytest

        @pytest.mark.xfail(reason="known", strict=True)
        def test_it(http):
            assert http.get("/status/500").status_code == 200
        """,
    )

    run = project.pytest()

    assert run.status == 2
    assert "INCONCLUSIVE expected to fail, which is for a waiver to say: assert 500 == 200" in run.summary


def test_a_test_that_cannot_be_set_up_is_inconclusive(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "def test_it(no_such_fixture):\n    pass\n")

    run = project.pytest()

    assert run.status == 2
    assert "INCONCLUSIVE could not be set up: FixtureLookupError" in run.summary


def test_a_test_that_fails_is_no_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "def test_it(http):\n    assert http.get('/status/500').is_success\n")

    run = project.pytest()

    assert run.status == 1
    assert "FAILED       test_shop.py::test_it" in run.summary


def test_after_the_first_failure_the_rest_is_not_run_and_named(project: Project) -> None:
    project.contract(
        ENVIRONMENTS, "smoke:\n", "  - GET /status/500: {status: 200}\n", "  - GET /health: {status: 200}\n"
    )

    run = project.pytest("-x")

    assert run.status == 1
    assert "INCONCLUSIVE selected, but not run\n    deploycheck.yaml::smoke::GET /health" in run.summary


def test_after_the_first_undecided_check_the_rest_is_not_run_and_nothing_is_go(project: Project) -> None:
    project.shop.switch(health=429)
    project.contract(
        ENVIRONMENTS, "smoke:\n", "  - GET /health: {status: 200}\n", "  - GET /status/200: {status: 200}\n"
    )

    run = project.pytest("-x")

    assert run.status == 2
    assert "INCONCLUSIVE GET /health: rate limited (429)" in run.summary
    assert "INCONCLUSIVE selected, but not run" in run.summary


def test_a_file_that_cannot_be_collected_is_not_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "import no_such_module\n")

    run = project.pytest()

    assert run.status == 2
    assert run.verdict == "INCONCLUSIVE: Shop on local, version not declared"


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_file_that_cannot_be_collected_is_not_go_even_if_the_rest_runs(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "import no_such_module\n")

    run = project.pytest("--continue-on-collection-errors", *workers)

    assert run.status == 2
    assert "INCONCLUSIVE could not be collected\n    test_shop.py" in run.summary


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_file_that_skips_itself_is_not_go(project: Project, workers: tuple[str, ...]) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "import pytest\npytest.importorskip('no_such_module')\n")

    run = project.pytest(*workers)

    assert run.status == 2
    assert "INCONCLUSIVE could not be collected\n    test_shop.py" in run.summary


def test_a_worker_that_crashes_is_not_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("test_shop.py", "import os\n\n\ndef test_it(http):\n    os._exit(1)\n")

    run = project.pytest("-n2")

    assert run.status == 2
    assert "crashed while running 'test_shop.py::test_it'" in run.summary


def test_a_test_that_leaves_pytest_is_not_go(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file(
        "test_shop.py", "import pytest\n\n\ndef test_it():\n    pytest.exit('enough', returncode=0)\n"
    )

    run = project.pytest("test_shop.py", "deploycheck.yaml")

    assert run.status == 2


def test_a_mistake_of_ours_is_an_internal_error_and_no_verdict(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file(
        "conftest.py",
        """\
        def pytest_collection_finish():
            from pytest_deploycheck.checks.exchange import converse

            def judge(*evidence):
                raise RuntimeError("our mistake")

            converse.judge = judge
        """,
    )

    run = project.pytest()

    assert run.status == 3
    assert "RuntimeError: our mistake" in run.out
    assert "INCONCLUSIVE internal error: RuntimeError: our mistake\n    smoke::GET /health" in run.summary
