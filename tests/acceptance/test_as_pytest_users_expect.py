"""Selection, distribution, reports and options behave as in any other pytest project."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.projects import ANN, BOB, ENVIRONMENTS, IMPATIENT, ORDER, READY, Project, Run

MIXED = f"""\
smoke:
  - GET /health: {{status: 200}}
  - GET /status/500: {{status: 200}}
{ORDER}\
security:
  - GET /products [nobody]: {{status: 401, control: ann}}
  - GET /status/429 [limited]: {{status: 200}}
schema:
  http:
    - GET /status/404: {{status: 200}}
waivers:
  schema::GET /status/404:
    owner: ann
    justification: the page comes next week
    expiration_date: 2999-12-31
"""

PYTHON = """\
import pytest


@pytest.mark.security
def test_denied(http):
    assert http.get("/products").status_code == 401


def test_unmarked(http):
    assert http.as_("bob").get("/products").json()["items"][0]["id"] == "b-1"
"""


@pytest.fixture
def mixed(project: Project) -> Project:
    project.contract(ENVIRONMENTS, READY, ANN, BOB, MIXED)
    project.file("test_shop.py", PYTHON)
    return project


def outcomes(run: Run) -> dict[str, str]:
    """What `-v` says of each item."""
    words = "PASSED|FAILED|INCONCLUSIVE|WAIVED"
    alone = re.findall(rf"^(\S+?::.+?) ({words})\b.*\[ *\d+%\]", run.out, re.MULTILINE)
    by_workers = re.findall(rf"^\[gw\d\] +\[ *\d+%\] ({words}) (.+?) *$", run.out, re.MULTILINE)
    return dict(alone) | {name: word for word, name in by_workers}


EVERYTHING = {
    "deploycheck.yaml::release::ready": "PASSED",
    "deploycheck.yaml::identities::ann": "PASSED",
    "deploycheck.yaml::identities::bob": "PASSED",
    "deploycheck.yaml::smoke::GET /health": "PASSED",
    "deploycheck.yaml::smoke::GET /status/500": "FAILED",
    "deploycheck.yaml::smoke::an order is made": "PASSED",
    "deploycheck.yaml::security::GET /products [nobody]": "PASSED",
    "deploycheck.yaml::security::GET /status/429 [limited]": "INCONCLUSIVE",
    "deploycheck.yaml::schema::GET /status/404": "WAIVED",
    "test_shop.py::test_denied": "PASSED",
    "test_shop.py::test_unmarked": "PASSED",
}


@pytest.mark.parametrize(
    "arguments",
    [(), ("-n2",), ("--deploycheck-concurrency=1",), ("-n2", "--dist=loadfile"), ("-p", "no:randomly")],
    ids=" ".join,
)
def test_every_way_of_running_gives_the_same_outcomes_and_logs_in_once(
    mixed: Project, arguments: tuple[str, ...]
) -> None:
    run = mixed.pytest("-v", *arguments)

    assert outcomes(run) == EVERYTHING
    assert run.status == 1
    assert mixed.shop.lines.count("POST /login") == 2
    assert mixed.shop.lines.count("GET /status/500") == 1
    assert mixed.shop.orders == []
    assert "smoke            5 passed, 1 failed, 6 requests\n" in run.summary
    assert "security         2 passed, 1 inconclusive, 3 requests\n" in run.summary
    assert "schema           1 waived, 1 request\n" in run.summary
    assert "unmarked         1 passed\n" in run.summary


def test_each_word_of_the_summary_is_one_a_user_reads(mixed: Project) -> None:
    run = mixed.pytest()

    assert run.counts() == "1 failed, 8 passed, 1 inconclusive, 1 waived"
    assert "____ smoke::GET /status/500 ____" in re.sub("_{5,}", "____", run.out)
    assert "status: expected 200, got 500\n" not in run.out
    assert ('status: expected 200, got 500 ({"status": "as asked"})\n  request  GET /status/500\n') in run.out
    assert "  declared deploycheck.yaml:20:5\n" in run.out
    assert (
        "FAILED       smoke::GET /status/500\n"
        '    status: expected 200, got 500 ({"status": "as asked"})\n'
        "INCONCLUSIVE GET /status/429: rate limited (429)\n"
        "    security::GET /status/429 [limited]\n"
        "WAIVED       schema::GET /status/404 until 2999-12-31: the page comes next week (ann)\n"
        '    status: expected 200, got 404 ({"status": "as asked"})\n'
    ) in run.summary
    assert run.verdict == "NO-GO: Shop on local, version not declared"


def test_without_tracebacks_the_summary_shows_the_evidence(mixed: Project) -> None:
    run = mixed.pytest("--tb=no", "-k", "500")

    assert "FAILED       smoke::GET /status/500\n    status: expected 200, got 500" in run.summary
    assert "      request  GET /status/500\n" in run.summary


def test_a_marker_selects_checks_and_tests(mixed: Project) -> None:
    run = mixed.pytest("-v", "-m", "security", "--strict-markers")

    assert set(outcomes(run)) == {name for name in EVERYTHING if "security" in name or "denied" in name}
    assert "GET /status/500" not in mixed.shop.lines
    assert mixed.shop.lines.count("GET /health") == 1


def test_a_keyword_selects_checks(mixed: Project) -> None:
    run = mixed.pytest("-v", "-k", "order and made")

    assert outcomes(run) == {"deploycheck.yaml::smoke::an order is made": "PASSED"}
    assert run.status == 0


@pytest.mark.parametrize(
    "name",
    ["smoke::GET /health", "security::GET /products [nobody]", "smoke::an order is made", "release::ready"],
)
def test_a_node_id_selects_a_single_check(mixed: Project, name: str) -> None:
    run = mixed.pytest("-v", f"deploycheck.yaml::{name}")

    assert outcomes(run) == {f"deploycheck.yaml::{name}": "PASSED"}
    assert run.status == 0


def test_a_node_id_selects_a_section(mixed: Project) -> None:
    run = mixed.pytest("-v", "deploycheck.yaml::security")

    assert set(outcomes(run)) == {name for name in EVERYTHING if "::security::" in name}


def test_an_id_with_a_dot_is_printed_as_it_is(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /robots.txt [of ours]: {status: 404}\n")

    run = project.pytest("-v")

    assert "deploycheck.yaml::smoke::GET /robots.txt [of ours] PASSED" in run.out


def test_a_node_id_of_no_check_is_a_mistake(mixed: Project) -> None:
    run = mixed.pytest("deploycheck.yaml::smoke::GET /nothing")

    assert run.status == 4
    assert "not found" in run.err
    assert mixed.shop.lines == []


def test_last_failed_runs_what_was_not_passed_again_and_nothing_else(mixed: Project) -> None:
    mixed.pytest()
    mixed.shop.reset()

    run = mixed.pytest("-v", "--lf")

    assert set(outcomes(run)) == {
        "deploycheck.yaml::smoke::GET /status/500",
        "deploycheck.yaml::security::GET /status/429 [limited]",
    }
    assert sorted(mixed.shop.lines) == ["GET /health", "GET /status/429", "GET /status/500"]


def test_collecting_sends_nothing_and_lists_reads_before_writes(mixed: Project) -> None:
    run = mixed.pytest("--collect-only", "-q")

    assert run.status == 0
    assert run.out.splitlines()[: len(EVERYTHING)] == [
        "deploycheck.yaml::release::ready",
        "deploycheck.yaml::identities::ann",
        "deploycheck.yaml::identities::bob",
        "deploycheck.yaml::smoke::GET /health",
        "deploycheck.yaml::smoke::GET /status/500",
        "deploycheck.yaml::security::GET /products [nobody]",
        "deploycheck.yaml::security::GET /status/429 [limited]",
        "deploycheck.yaml::schema::GET /status/404",
        "test_shop.py::test_denied",
        "test_shop.py::test_unmarked",
        "deploycheck.yaml::smoke::an order is made",
    ]
    assert mixed.shop.arrived == []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_junit_tells_failed_inconclusive_and_waived_apart(mixed: Project, workers: tuple[str, ...]) -> None:
    mixed.pytest("--junitxml=report.xml", *workers)

    suite = ElementTree.parse(mixed.folder / "report.xml").getroot()[0]  # noqa: S314 - our own file
    told = {case.get("name"): [child.tag for child in case] for case in suite}
    assert {name: tags for name, tags in told.items() if tags} == {
        "GET /status/500": ["failure"],
        "GET /status/429 [limited]": ["error"],
        "GET /status/404": ["skipped"],
    }
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "1", "1")
    (failure,) = suite.iter("failure")
    assert "expected 200, got 500" in str(failure.get("message"))
    assert "\n" not in str(failure.get("message"))
    assert "GET /status/500" in str(failure.text)


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_the_evidence_stands_once_and_the_short_summary_quotes_a_line_of_it_in_ci_too(
    mixed: Project, workers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")

    run = mixed.pytest("-rA", *workers)

    assert run.out.count("  reply ") == 1
    (quoted,) = re.findall(r"^FAILED .*::GET /status/500 - (.*)$", run.out, re.MULTILINE)
    assert quoted == 'status: expected 200, got 500 ({"status": "as asked"})'


def test_the_nearest_contract_rules_over_a_test(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /health: {status: 200}\n")
    inner = ENVIRONMENTS.replace("Shop", "Branch").replace('"${SHOP_URL}"', f'"{project.shop.replicas[0]}"')
    project.contract(inner, READY, "smoke:\n  - GET /health: {status: 200}\n", folder="branch")
    project.file(
        "test_outer.py",
        f"def test_it(environment):\n    assert environment.base_url == {project.shop.url!r}\n",
    )
    project.file(
        "branch/deep/test_inner.py",
        f"def test_it(environment):\n    assert environment.base_url == {project.shop.replicas[0]!r}\n",
    )

    run = project.pytest("-v")
    below = project.pytest("-v", "branch/deep")

    assert run.status == 0
    assert "deploycheck: Shop on local" in run.out
    assert "deploycheck: Branch on local" in run.out
    assert (
        run.verdict == ("GO: Branch on local, version not declared, Shop on local, version not declared")
        or run.verdict == "GO: Shop on local, version not declared, Branch on local, version not declared"
    )
    assert len(outcomes(run)) == 6
    assert below.status == 0
    assert outcomes(below) == {"branch/deep/test_inner.py::test_it": "PASSED"}
    assert below.verdict == "GO: Branch on local, version not declared"


def test_of_two_contracts_the_worse_decides(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, "smoke:\n  - GET /health: {status: 200}\n", folder="a")
    project.contract(
        ENVIRONMENTS.replace("Shop", "Other"), READY, "smoke:\n  - GET /health: {status: 201}\n", folder="b"
    )

    run = project.pytest("-n2")

    assert run.status == 1
    assert run.verdict.startswith("NO-GO: ")
    assert "FAILED       smoke::GET /health\n    status: expected 201, got 200" in run.summary


@pytest.mark.parametrize("spelling", [("--env", "local"), ("--env=local",), ("--deploycheck-env", "local")])
def test_the_environment_may_be_spelled_in_each_usual_way(mixed: Project, spelling: tuple[str, ...]) -> None:
    run = mixed.pytest(*spelling, "-k", "ready", env="")

    assert run.status == 0
    assert run.verdict == "GO: Shop on local, version not declared"


def test_the_environment_may_come_from_a_variable(mixed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYCHECK_ENV", "prod")

    told = mixed.pytest("-k", "ready", env="")
    overruled = mixed.pytest("-k", "ready", env="local")

    assert told.verdict == "GO: Shop on prod, version not declared"
    assert overruled.verdict == "GO: Shop on local, version not declared"


def test_the_environment_may_come_from_the_ini_file(mixed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed.file("pytest.ini", "[pytest]\ndeploycheck_env = prod\naddopts = --strict-config\n")

    told = mixed.pytest("-k", "ready", env="")
    monkeypatch.setenv("DEPLOYCHECK_ENV", "local")
    overruled = mixed.pytest("-k", "ready", env="")

    assert told.verdict == "GO: Shop on prod, version not declared"
    assert overruled.verdict == "GO: Shop on local, version not declared"


@pytest.mark.parametrize("how", ["default='theirs'", "choices=['staging', 'live']", "nargs=1"])
def test_a_conftest_that_owns_the_short_option_keeps_it(mixed: Project, how: str) -> None:
    mixed.file(
        "conftest.py",
        f"""\
        def pytest_addoption(parser):
            parser.addoption("--env", {how})

        def pytest_report_header(config):
            return "their env: " + "".join(config.getoption("--env"))
        """,
    )

    theirs = mixed.pytest("-k", "unmarked", env="staging")
    ours = mixed.pytest("--deploycheck-env=local", "-k", "ready", env="staging")

    assert "their env: staging" in theirs.out
    assert "deploycheck: Shop" not in theirs.out
    assert "their env: staging" in ours.out
    assert ours.verdict == "GO: Shop on local, version not declared"


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_concurrency_that_is_no_number_is_a_mistake(mixed: Project, number: str) -> None:
    run = mixed.pytest(f"--deploycheck-concurrency={number}")

    assert run.status == 4
    assert f"--deploycheck-concurrency: expected a whole number above 0, got '{number}'" in run.err


def test_the_markers_explain_themselves(mixed: Project) -> None:
    run = mixed.pytest("--markers", env="")

    assert "@pytest.mark.tenant_isolation: no tenant sees or changes another's data" in run.out
    assert "@pytest.mark.runbook(*ids): the items of the runbook that this test decides" in run.out


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_plan_prints_what_would_be_sent_and_sends_nothing(
    mixed: Project, arguments: tuple[str, ...]
) -> None:
    run = mixed.command("plan", "--env", "local", *arguments)

    assert run.status == 0
    lines = [line.rstrip() for line in run.out.splitlines()]
    assert f"plan: Shop on local ({mixed.shop.url}); nothing is sent" in lines
    assert "   4  read             1      0       0  smoke::GET /health" in lines
    assert "   9  write            5      2       0  smoke::an order is made" in lines
    assert "      at most         17      2       0" in lines
    assert "      budget        2000    100          1800 s" in lines
    assert mixed.shop.arrived == []


def test_a_plan_holds_only_what_a_marker_selects_and_what_that_needs(mixed: Project) -> None:
    run = mixed.command("plan", "--env", "prod", "-m", "security")

    assert re.findall(r"^ +\d+ .*  (\S+::.+)$", run.out, re.MULTILINE) == [
        "release::ready",
        "identities::ann",
        "security::GET /products [nobody]",
        "security::GET /status/429 [limited]",
    ]
    assert mixed.shop.arrived == []


def test_a_plan_says_what_is_refused(mixed: Project) -> None:
    run = mixed.command("plan", "--env", "prod", "-k", "order")

    assert "refused: it writes, and prod is protected: pass --allow-writes to let it write" in run.out


def test_a_plan_with_a_mistake_in_the_contract_is_a_mistake(project: Project) -> None:
    project.contract(ENVIRONMENTS, "smoek: []\n")

    run = project.command("plan", "--env", "local")

    assert run.status == 4
    assert "deploycheck.yaml:8:1: unknown key 'smoek'\n    expected 'smoke'?" in run.err


def waived(project: Project, waiver: str, check: str = "smoke::GET /status/500") -> Run:
    project.contract(
        ENVIRONMENTS,
        READY,
        "smoke:\n  - GET /status/500: {status: 200}\n  - GET /health: {status: 200}\n",
        f"waivers:\n  {check}: {{owner: ann, justification: known, {waiver}}}\n",
    )
    return project.pytest("-v")


def test_a_waiver_in_force_lets_the_run_go_and_is_named(project: Project) -> None:
    run = waived(project, "expiration_date: 2999-12-31")

    assert run.status == 0
    assert "deploycheck.yaml::smoke::GET /status/500 WAIVED" in run.out
    assert "WAIVED       smoke::GET /status/500 until 2999-12-31: known (ann)" in run.summary
    assert "GET /status/500" in project.shop.lines


def test_an_expired_waiver_waives_nothing_and_is_named(project: Project) -> None:
    run = waived(project, "expiration_date: 2020-01-01")

    assert run.status == 1
    assert "(its waiver, answered for by ann, expired on 2020-01-01)" in run.summary


def test_a_waiver_may_spare_the_probe(project: Project) -> None:
    run = waived(project, "expiration_date: 2999-12-31, run: false")

    assert run.status == 0
    assert "    not run, as its waiver says" in run.summary
    assert "GET /status/500" not in project.shop.lines


def test_an_expired_waiver_does_not_spare_the_probe(project: Project) -> None:
    run = waived(project, "expiration_date: 2020-01-01, run: false")

    assert run.status == 1
    assert "GET /status/500" in project.shop.lines


def test_a_run_of_nothing_but_waived_checks_is_not_go(project: Project) -> None:
    project.contract(
        ENVIRONMENTS,
        IMPATIENT,
        "smoke:\n  - GET /status/500: {status: 200}\n",
        "waivers:\n  '*': {owner: ann, justification: known, expiration_date: 2999-12-31, run: false}\n",
    )

    run = project.pytest("-k", "500", env="down")

    assert run.status == 2


def test_a_waiver_of_a_python_test_waives_it(project: Project) -> None:
    project.file("test_shop.py", "def test_it(http):\n    assert http.get('/status/500').is_success\n")

    run = waived(project, "expiration_date: 2999-12-31", "test_shop.py::test_it")

    assert "test_shop.py::test_it WAIVED" in run.out
    assert (
        "WAIVED       test_shop.py::test_it until 2999-12-31: known (ann)\n    AssertionError: assert False"
    ) in run.summary
    assert run.counts() == "1 failed, 2 passed, 1 waived"


def test_a_waiver_may_spare_a_python_test(project: Project) -> None:
    project.file("test_shop.py", "def test_it(http):\n    http.get('/spared')\n")

    run = waived(project, "expiration_date: 2999-12-31, run: false", "test_shop.py::test_it")

    assert "test_shop.py::test_it WAIVED" in run.out
    assert "GET /spared" not in project.shop.lines


def test_the_runbook_is_counted(project: Project) -> None:
    project.file(
        "runbook.yaml",
        """\
        items:
          R-1: {what: it answers, checks: ["smoke::GET /health"]}
          R-2: {what: it fails, checks: ["smoke::GET /status/500"], hints: [look at the log]}
          R-3: {what: people can log in, checks: ["test_shop.py::test_it"]}
          R-4: {what: later, open: not yet}
        """,
    )
    project.file(
        "test_shop.py", "import pytest\n\n@pytest.mark.runbook('R-3')\ndef test_it(http):\n    pass\n"
    )
    project.contract(
        ENVIRONMENTS.replace("system: Shop\n", "system: Shop\nrunbook: runbook.yaml\n"),
        READY,
        """\
        smoke:
          - GET /health: {status: 200, runbook: R-1}
          - GET /status/500: {status: 200, runbook: R-2}
        """,
    )

    run = project.pytest()
    some = project.pytest("-k", "health")

    assert "runbook      4 items: 2 green, 1 red, 1 open" in run.summary
    assert "FAILED       smoke::GET /status/500  (R-2)" in run.summary
    assert "    hint: look at the log\n" in run.summary
    assert "runbook      4 items: 1 green, 2 not selected, 1 open" in some.summary


def test_the_command_writes_a_contract_to_start_from(project: Project) -> None:
    written = project.command("init")
    again = project.command("init")
    run = project.pytest("--collect-only", "-q")

    assert written.status == 0
    assert (
        written.out == "wrote deploycheck.yaml\nnext: set base_url, then run  pytest --env=local -m smoke\n"
    )
    assert (again.status, again.err) == (
        4,
        "deploycheck: deploycheck.yaml is there already; nothing was written\n",
    )
    assert run.status == 0
    assert "deploycheck.yaml::smoke::GET /health" in run.out


def test_the_command_is_installed(project: Project) -> None:
    command = (
        Path(project.python("-c", "import sys; print(sys.executable)").out.strip()).parent / "deploycheck"
    )

    assert command.exists()
