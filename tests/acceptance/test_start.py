"""environments.X.start: the run starts a deployment and ends it, however the run ends."""

import os
import signal

import pytest

from tests.processes import is_alive
from tests.projects import Project, wait_until

SERVE = """\
import http.server
import os
import pathlib
import signal
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("asked", "a") as file:
            print(self.path, file=file)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
with open("started", "a") as file:
    print(os.getpid(), child.pid, file=file)
provides = os.environ["DEPLOYCHECK_PROVIDES"]
with open(provides + ".part", "w") as file:
    print(f"STARTED_URL=http://127.0.0.1:{server.server_port}", "COLOUR=blue", sep="\\n", file=file)
os.rename(provides + ".part", provides)


def stop(*_):
    pathlib.Path("stopped").touch()
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
server.serve_forever()
"""

WARMING = """\
import os
import signal

open("started", "w").write(str(os.getpid()))
print("warming up", flush=True)
signal.pause()
"""

STARTED = """\
system: Shop
environments:
  local:
    base_url: ${STARTED_URL}
    start: {command: python serve.py, provides: [STARTED_URL, COLOUR], timeout: 10s}
    budget: {requests: 20}
release:
  ready: {path: /health, timeout: 6s, interval: 2s}
"""

CHECKS = """\
preflight:
  variables: {required: {COLOUR: {equals: blue}}}
smoke:
  - GET /: {status: 200}
  - GET ${STARTED_URL}/whole: {status: 200}
"""


@pytest.fixture
def startable(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    temporary = project.folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    project.file("serve.py", SERVE)
    project.contract(STARTED, CHECKS)
    return project


def pids_of(project: Project) -> list[int]:
    path = project.folder / "started"
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def asked_of(project: Project) -> list[str]:
    path = project.folder / "asked"
    return path.read_text().split() if path.exists() else []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_run_starts_the_deployment_once_and_stops_it_with_all_its_processes(
    startable: Project, workers: tuple[str, ...]
) -> None:
    startable.file(
        "test_shop.py",
        """\
        import os

        def test_environment(http, environment):
            assert environment.base_url.startswith("http://127.0.0.1:")
            assert http.get("/python").status_code == 200
        """,
    )

    run = startable.pytest(*workers)

    server, child = pids_of(startable)
    assert run.status == 0
    assert "deploycheck: Shop on local (started by the run)" in run.out
    assert run.counts() == "5 passed"
    assert sorted(asked_of(startable)) == ["/", "/health", "/python", "/whole"]
    assert (startable.folder / "stopped").exists()
    assert not is_alive(server)
    assert not is_alive(child)
    assert list((startable.folder / "temporary").glob("deploycheck-*")) == []


def test_a_check_keeps_the_name_it_had_before_the_start(startable: Project) -> None:
    run = startable.pytest("-v")
    one = startable.pytest("-v", "deploycheck.yaml::smoke::GET ${STARTED_URL}/whole")

    assert "deploycheck.yaml::smoke::GET ${STARTED_URL}/whole PASSED" in run.out
    assert one.status == 0
    assert "deploycheck.yaml::smoke::GET ${STARTED_URL}/whole PASSED" in one.out


@pytest.mark.parametrize(
    "arguments", [("--collect-only",), ("--deploycheck-plan",), ("--collect-only", "-n2"), ("-k", "nothing")]
)
def test_nothing_is_started_where_nothing_is_sent(startable: Project, arguments: tuple[str, ...]) -> None:
    startable.pytest(*arguments)

    assert pids_of(startable) == []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_plan_over_budget_starts_nothing(startable: Project, workers: tuple[str, ...]) -> None:
    startable.contract(STARTED.replace("requests: 20", "requests: 3"), CHECKS)

    run = startable.pytest(*workers)

    assert run.status == 4
    assert "= 6, budget 3" in run.everything
    assert pids_of(startable) == []


def test_a_command_that_fails_leaves_all_undecided_and_shows_its_last_lines(startable: Project) -> None:
    startable.file("serve.py", "print('reading the settings')\nraise SystemExit('no licence')\n")

    run = startable.pytest()

    assert run.status == 2
    assert (
        "INCONCLUSIVE the deployment did not start: `python serve.py` gave no variables\n"
        "    | `python serve.py` ended with 1\n"
        "    |     reading the settings\n"
        "    |     no licence\n"
        "    release::ready\n"
        "    preflight::COLOUR\n"
    ) in run.summary
    assert run.verdict == "INCONCLUSIVE: Shop on local, version not declared"


def test_a_command_that_fails_without_having_to_give_variables_shows_its_last_lines(
    startable: Project,
) -> None:
    startable.file("serve.py", "raise SystemExit('no licence')\n")
    alone = STARTED.replace("provides: [STARTED_URL, COLOUR], ", "").replace("timeout: 6s", "timeout: 1s")
    startable.contract(
        alone.replace("${STARTED_URL}", "http://127.0.0.1:9"), "smoke:\n  - GET /: {status: 200}\n"
    )

    run = startable.pytest()

    assert run.status == 2
    assert "INCONCLUSIVE not ready after " in run.summary
    assert "    | `python serve.py` ended with 1\n    |     no licence\n    release::ready\n" in run.summary


def test_a_command_that_tells_nothing_in_time_is_stopped(startable: Project) -> None:
    startable.contract(STARTED.replace("10s", "300ms"), CHECKS)
    startable.file("serve.py", WARMING)

    run = startable.pytest()

    (pid,) = pids_of(startable)
    assert run.status == 2
    assert "the deployment did not start: `python serve.py` told nothing in 0.3 s\n    |     warming up" in (
        run.summary
    )
    assert not is_alive(pid)


def test_a_variable_that_the_command_forgets_is_named(startable: Project) -> None:
    startable.contract(STARTED.replace("COLOUR", "COLOUR, SIZE"), CHECKS)

    run = startable.pytest()

    assert run.status == 2
    assert "the deployment did not start: `python serve.py` did not provide SIZE" in run.summary


def test_a_variable_that_does_not_fit_the_contract_is_told_with_its_place(startable: Project) -> None:
    startable.file("serve.py", SERVE.replace("STARTED_URL=http://", "STARTED_URL=ftp://"))

    run = startable.pytest()

    assert run.status == 2
    assert "the deployment did not start: deploycheck.yaml:4:15: 'base_url'" in run.summary
    assert "Traceback" not in run.everything


def test_a_command_that_is_not_there_is_told(startable: Project) -> None:
    startable.contract(STARTED.replace("python serve.py", "no-such-command"), CHECKS)

    run = startable.pytest()

    assert run.status == 2
    assert "no-such-command" in run.summary


def test_when_pytest_is_killed_the_deployment_ends(startable: Project) -> None:
    startable.file("test_shop.py", "import signal\n\ndef test_it(http):\n    signal.pause()\n")
    process = startable.start("test_shop.py")
    wait_until(lambda: "/health" in asked_of(startable), "the deployment is up")
    pids = pids_of(startable)
    alive = [is_alive(pid) for pid in pids]

    process.kill()
    startable.end(process)

    assert alive == [True, True]
    wait_until(lambda: not any(map(is_alive, pids)), "the deployment ends")


def test_when_pytest_is_interrupted_the_deployment_ends(startable: Project) -> None:
    startable.file("test_shop.py", "import signal\n\ndef test_it(http):\n    signal.pause()\n")
    process = startable.start("test_shop.py")
    wait_until(lambda: "/health" in asked_of(startable), "the deployment is up")

    os.killpg(process.pid, signal.SIGINT)
    run = startable.end(process)

    assert run.status == 2
    assert not any(map(is_alive, pids_of(startable)))
