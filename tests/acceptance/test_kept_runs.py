"""Every run that verified something is kept, as one file, beside its contract."""

from pathlib import Path

from pytest_deploycheck.history.store import files, read
from pytest_deploycheck.model.verdict import Verdict
from tests.projects import ENVIRONMENTS, READY, Project

SMOKE = """\
smoke:
  - GET /health: {status: 200}
  - GET /products: {status: 200}
"""


def runs(folder: Path) -> list[Path]:
    return files(folder / ".deploycheck" / "runs")


def test_a_run_is_kept_with_its_verdict_and_the_outcome_of_each_check(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    run = project.pytest()

    (path,) = runs(project.folder)
    kept = read(path)
    assert run.status == 1
    assert kept.verdict is Verdict.NO_GO
    assert (kept.system, kept.environment, kept.base_url) == ("Shop", "local", project.shop.url)
    assert [(record["id"], record["outcome"]["kind"]) for record in kept.records] == [
        ("release::ready", "Passed"),
        ("smoke::GET /health", "Passed"),
        ("smoke::GET /products", "Failed"),
    ]
    assert path.name.startswith(f"{kept.at:%Y%m%dT%H%M%SZ}_local_not-declared_")


def test_each_run_is_a_file_of_its_own(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    project.pytest("-k", "health")
    project.pytest("-k", "health", "-n", "1")

    assert len(runs(project.folder)) == 2


def test_another_folder_can_be_told_or_none(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    project.pytest("-k", "health", "--deploycheck-runs=kept")
    project.pytest("-k", "health", "--deploycheck-runs=none")

    assert len(files(project.folder / "kept")) == 1
    assert runs(project.folder) == []


def test_what_verified_nothing_is_not_kept(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)

    project.pytest("-k", "no_such_check")
    project.pytest("--collect-only")

    assert runs(project.folder) == []


def test_a_folder_that_cannot_be_written_changes_no_verdict(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, SMOKE)
    project.file("taken", "a file, no folder")

    run = project.pytest("-k", "health", "--deploycheck-runs=taken")

    assert run.status == 0
    assert "deploycheck: the run was not kept: " in run.out


LOAD = """\
load:
  health: {scenario: [GET /health], users: 5, requests: 100, thresholds: [p(95)<5s]}
"""


def test_what_load_has_measured_is_kept_once_and_can_be_compared(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, LOAD)

    run = project.pytest("-m", "load")
    compared = project.python("-m", "pytest_deploycheck.cli", "compare", "--env=local")

    (measured,) = read(*runs(project.folder)).measurements
    assert run.status == 0, run.out
    assert (measured.name, measured.complete, measured.names) == ("health", True, ("GET /health",))
    assert sum(block.n for block in measured.blocks()) == 100
    assert compared.status == 2
    assert "  not known health  p(95)  " in compared.out
    assert ", 0 earlier runs; judged from 3 on\n" in compared.out
