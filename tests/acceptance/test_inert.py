"""Without a contract in reach, or without an environment, the plugin changes and loads nothing."""

import re

import pytest

from tests.projects import ENVIRONMENTS, READY, Project, Run

LOOKING = """\
import sys

import pytest


def test_nothing_heavy_is_loaded():
    heavy = {"httpx", "pydantic", "yaml", "psycopg", "jwt", "jsonpath_rfc9535", "dotenv", "cryptography"}
    assert heavy & {name.partition(".")[0] for name in sys.modules} == set()
    ours = {name for name in sys.modules if name.startswith("pytest_deploycheck.")}
    light = ("plugin", "options", "markers", "fixtures", "discover")
    assert ours <= {f"pytest_deploycheck.{name}" for name in light}


@pytest.mark.skip(reason="not today")
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected_to_fail():
    assert False


def test_fails():
    assert 1 == 2
"""


def plain(run: Run) -> str:
    """The output without what differs between any two runs."""
    text = re.sub(r"in \d+\.\d+s", "in TIME", run.everything)
    text = re.sub(r"plugins: .*\n", "", text)
    return re.sub(r"={2,}", "==", text)


@pytest.mark.parametrize("contract", ["", "deploycheck.yaml"], ids=["no contract", "no environment"])
@pytest.mark.parametrize("arguments", [("-v",), ("-rA",), ("--collect-only",), ("--markers",)], ids=" ".join)
def test_the_output_is_that_of_pytest_without_the_plugin(
    project: Project, arguments: tuple[str, ...], contract: str
) -> None:
    project.file("test_it.py", LOOKING)
    if contract:
        project.contract(ENVIRONMENTS, READY)

    run = project.pytest("-p", "no:cacheprovider", *arguments, env="")
    without = project.pytest("-p", "no:cacheprovider", "-p", "no:deploycheck", *arguments, env="")

    assert run.status == without.status
    if arguments == ("--markers",):
        assert set(plain(without).splitlines()) <= set(plain(run).splitlines())
    else:
        assert plain(run) == plain(without)


@pytest.mark.parametrize("contract", ["", "deploycheck.yaml"], ids=["no contract", "no environment"])
def test_nothing_heavy_is_imported(project: Project, contract: str) -> None:
    project.file("test_it.py", LOOKING)
    if contract:
        project.contract(ENVIRONMENTS, READY)

    run = project.pytest("-k", "heavy", env="")

    assert run.status == 0
    assert run.counts() == "1 passed, 3 deselected"


def test_an_environment_of_the_variable_without_any_contract_changes_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOYCHECK_ENV", "prod")
    project.file("test_it.py", LOOKING)

    run = project.pytest("-k", "heavy", env="")

    assert run.status == 0
    assert run.counts() == "1 passed, 3 deselected"


def test_the_fixtures_do_not_stand_in_the_way_of_others_of_the_same_name(project: Project) -> None:
    project.file("conftest.py", "import pytest\n\n@pytest.fixture\ndef http():\n    return 'theirs'\n")
    project.file("test_it.py", "def test_it(http):\n    assert http == 'theirs'\n")

    run = project.pytest(env="")

    assert run.status == 0


def test_the_help_names_every_option(project: Project) -> None:
    run = project.pytest("--help", env="")

    assert "--deploycheck-env=NAME, --env=NAME" in run.out or "--env=NAME" in run.out
    for name in (
        "--deploycheck-allow-writes",
        "--allow-writes",
        "--deploycheck-concurrency=N",
        "--deploycheck-plan",
    ):
        assert name in run.out
    assert "deploycheck_env (string)" in run.out
