"""pytest and locust in one project: locust stays in a process of its own, and its plugin is no trouble."""

import pytest

from tests.projects import IMPATIENT, READY, Project

CONTRACT = """\
system: Shop
environments:
  local: {base_url: "${SHOP_URL}"}
"""

HEALTH = "smoke:\n  - GET /health: {status: 200}\n"

LOCUSTFILE = """\
from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def visit(self):
        self.client.get("/health")
"""


def test_neither_locust_nor_gevent_is_imported_into_a_run(project: Project) -> None:
    project.contract(CONTRACT, READY, HEALTH)
    project.file(
        "test_imports.py",
        """\
        import sys

        def test_imports(environment):
            assert not {"gevent", "locust", "geventhttpclient"} & set(sys.modules)
        """,
    )

    assert project.pytest().status == 0


def test_load_imports_them_in_its_own_process_only(project: Project) -> None:
    load = "load:\n  all: {scenario: [GET /health], users: 2, requests: 100, thresholds: [errors<5%]}\n"
    project.contract(CONTRACT, READY, load)
    project.file(
        "test_imports.py",
        """\
        import sys

        def test_imports(environment):
            assert not {"gevent", "locust", "geventhttpclient"} & set(sys.modules)
        """,
    )

    run = project.pytest("-p", "no:randomly", "deploycheck.yaml", "test_imports.py")

    assert run.counts() == "3 passed"


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "workers"])
def test_a_collected_file_that_imports_locust_is_refused_by_its_name(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.contract(CONTRACT, IMPATIENT, HEALTH)
    project.file("test_shoppers.py", LOCUSTFILE)

    run = project.pytest(*workers)

    assert run.status == 2
    assert "test_shoppers.py" in run.out
    assert "importing locust would patch this process with gevent" in run.out
    assert "locustfile.py" in run.out


def test_a_locustfile_of_another_name_is_left_alone(project: Project) -> None:
    project.contract(CONTRACT, READY, HEALTH)
    project.file("locustfile.py", LOCUSTFILE)

    assert project.pytest().status == 0


def test_a_conftest_that_imports_locust_is_refused_before_anything_is_sent(project: Project) -> None:
    project.contract(CONTRACT, READY, HEALTH)
    project.file("conftest.py", "import locust\n")

    run = project.python("-m", "pytest", "--env=local")

    assert run.status == 4
    assert "a conftest.py or what started pytest has patched this process with gevent" in run.err
    assert project.shop.lines == []


def test_a_test_that_would_patch_the_process_fails_and_the_others_go_on(project: Project) -> None:
    project.contract(CONTRACT, READY)
    project.file(
        "test_order.py",
        """\
        def test_first(environment):
            import locust

        def test_second(environment):
            pass

        def test_third(session):
            pass
        """,
    )

    run = project.pytest()

    assert run.status == 1
    assert run.counts() == "1 failed, 2 passed, 1 inconclusive"


def test_without_an_environment_to_check_locust_is_nobodys_business(project: Project) -> None:
    project.contract(CONTRACT, READY)
    project.file("test_order.py", "def test_first():\n    import locust\n")

    assert project.python("-m", "pytest").status == 0


def test_locusts_own_plugin_keeps_its_option_and_its_fixtures(project: Project) -> None:
    project.contract(CONTRACT, READY, HEALTH)

    run = project.pytest("-H", "http://somewhere.test")
    fixtures = project.pytest("--fixtures", "-q", env="")

    assert run.status == 0
    assert "fastsession" in fixtures.out
    assert "database" in fixtures.out
