"""The deployment is proven whatever was selected, and nobody can waive that it is another one."""

from tests.projects import ENVIRONMENTS, READY, Project

VERSION = """\
  version: {path: /version, json: $.commit, equals: another, consecutive: 1, timeout: 100ms, interval: 50ms}
"""

EVERYTHING = """\
waivers:
  "*": {owner: ann@shop.test, justification: all will be well, expiration_date: 2999-12-31}
"""

HARMLESS = "def test_arithmetic():\n    assert 1 + 1 == 2\n"


def test_a_test_that_asks_nothing_is_not_go_on_a_deployment_that_is_down(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY)
    project.file("test_harmless.py", HARMLESS)

    run = project.pytest("test_harmless.py", env="down")

    assert run.status == 2
    assert "INCONCLUSIVE not ready after" in run.summary


def test_a_test_that_asks_nothing_is_not_go_on_a_deployment_with_another_version(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, VERSION)
    project.file("test_harmless.py", HARMLESS)

    run = project.pytest("test_harmless.py")

    assert run.status == 1
    assert "FAILED       release::version" in run.summary


def test_a_waiver_of_everything_does_not_cover_checks_that_another_version_kept_from_running(
    project: Project,
) -> None:
    project.contract(ENVIRONMENTS, READY, VERSION, "smoke:\n  - GET /health: {status: 200}\n", EVERYTHING)

    run = project.pytest()

    assert run.status == 2
    assert "INCONCLUSIVE not run, because release::version failed" in run.summary


def test_all_mistakes_of_http_checks_are_told_at_once(project: Project) -> None:
    project.contract(
        ENVIRONMENTS,
        "smoke:\n",
        "  - GET /health: {status: 200}\n",
        "  - GET /health: {status: 200}\n",
        "  - POST /orders: {status: 201}\n",
        "  - GET /products: {status: 401}\n",
    )

    run = project.pytest()

    assert run.status == 4
    assert "'GET /health' twice" in run.everything
    assert "POST may change the deployment" in run.everything
    assert "a refusal proves nothing without its control" in run.everything
