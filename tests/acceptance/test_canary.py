"""The gate of a rollout's stage: what answers beside what, told apart by a header."""

from collections.abc import Iterator

import pytest

from tests.probes.load.conftest import Server, running
from tests.projects import Project

CONTRACT = """\
system: Shop
environments:
  local: {base_url: "${LOAD_URL}"}
release:
  ready: {path: /ok}
load:
  canary:
    scenario: [GET PATH]
    arrivals: 150/s
    duration: 4s
    version_header: x-version
    canary: new
    stable: old
    stage: 50%
    slower: 50%
    thresholds: [p(95)<900ms, errors<5%]
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with running() as one:
        monkeypatch.setenv("LOAD_URL", one.url)
        yield one


@pytest.mark.usefixtures("server")
def test_a_canary_that_is_no_worse_may_get_more_and_the_kept_run_says_so_too(project: Project) -> None:
    project.contract(CONTRACT.replace("PATH", "/canary/2/40/40"))

    run = project.pytest("-k", "canary")
    compared = project.python("-m", "pytest_deploycheck.cli", "compare", "--canary", "new", "old")

    assert (run.status, run.verdict) == (0, "GO: Shop on local, version not declared"), run.out
    assert compared.status == 0, compared.out
    assert "  same      canary  p(95)  " in compared.out


@pytest.mark.usefixtures("server")
def test_a_slower_canary_is_no_go_though_it_keeps_its_limits(project: Project) -> None:
    project.contract(CONTRACT.replace("PATH", "/canary/2/40/200"))

    run = project.pytest("-k", "canary")

    assert run.status == 1, run.out
    assert "passed: p(95)<900ms" in run.out
    assert "failed: p(95): 2" in run.out


@pytest.mark.usefixtures("server")
def test_a_stage_that_is_not_served_yet_is_inconclusive(project: Project) -> None:
    project.contract(CONTRACT.replace("PATH", "/canary/10/5/5"))

    run = project.pytest("-k", "canary")

    assert run.status == 2, run.out
    assert "the canary gets 10 % of the requests: that is not the stage of 50 %" in run.out


@pytest.mark.usefixtures("server")
def test_a_canary_that_a_header_chooses_is_asked_in_turn(project: Project) -> None:
    project.contract(
        """\
        system: Shop
        environments:
          local: {base_url: "${LOAD_URL}"}
        release:
          ready: {path: /ok}
        load:
          canary:
            scenario: [GET /chosen/20/500]
            arrivals: 40/s
            duration: 1s
            canary_headers: {x-canary: always}
            stable_headers: {x-canary: never}
            pairs: 5
            thresholds: [p(95)<900ms, errors<5%]
        """
    )

    run = project.pytest("-k", "canary")

    assert run.status == 1, run.out
    assert "failed: p(95): +" in run.out
    assert "passed: p(95)<900ms" in run.out
