"""Load from several processes: locust's own master and workers, started here or elsewhere."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import psutil
import pytest

from pytest_deploycheck.model.load import Workers
from pytest_deploycheck.model.loaded import Ending, Loaded
from pytest_deploycheck.probes.load.command import free_port
from tests.probes.load.conftest import Server
from tests.probes.load.runs import closed, loaded, opened, probe
from tests.processes import command_of
from tests.projects import Project, wait_until

CONTRACT = """\
system: Shop
environments:
  local: {{base_url: "${{LOAD_URL}}"}}
release:
  ready: {{path: /ok}}
load:
  products:
    scenario: [GET {path}]
    users: 10
    requests: 400
    {how}
    thresholds: [p(95)<200ms, errors<2%]
"""


@contextmanager
def worker(project: Project, port: int, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [
        sys.executable,
        "-m",
        "pytest_deploycheck.cli",
        "load-worker",
        f"127.0.0.1:{port}",
        "--env=local",
    ]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=project.folder,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(("path", "status"), [("/ok/5", 0), ("/every/10/status/500", 1)])
def test_a_master_and_two_workers_give_the_verdict_of_one_process(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    monkeypatch.setenv("LOAD_URL", server.url)
    port = free_port()
    project.contract(CONTRACT.format(path=path, how=""))
    alone = project.pytest()
    project.contract(CONTRACT.format(path=path, how=f'workers: {{expected: 2, bind: "127.0.0.1:{port}"}}'))

    leading = project.start()
    wait_until(lambda: listens(port), "the master listens")
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(project, port)) for _ in range(2)]
        together = project.end(leading)
        ended = [process.wait(10) for process in workers]

    assert (alone.status, together.status) == (status, status)
    assert server.counted[f"GET {path}"] == 800
    assert ended == [0, 0]


def test_a_worker_of_another_scenario_decides_nothing(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAD_URL", server.url)
    port = free_port()
    how = f'workers: {{expected: 1, bind: "127.0.0.1:{port}"}}'
    project.contract(CONTRACT.format(path="/ok/6", how=how))

    with worker(project, port) as other:
        wait_until(lambda: has_locust(other), "the worker has read its contract")
        project.contract(CONTRACT.format(path="/ok/5", how=how))
        run = project.pytest()

    assert run.status == 2
    assert "worker 0 was started for another scenario than this one" in run.out


def has_locust(process: "subprocess.Popen[str]") -> bool:
    children = psutil.Process(process.pid).children(recursive=True)
    return any("--worker" in command_of(child) for child in children)


def test_a_worker_that_is_killed_takes_what_it_sends_with_it(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAD_URL", server.url)
    port = free_port()
    how = f'workers: {{expected: 1, bind: "127.0.0.1:{port}"}}'
    project.contract(CONTRACT.format(path="/ok/5", how=how))

    with worker(project, port) as process:
        wait_until(lambda: has_locust(process), "the worker has started locust")
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        gone, alive = psutil.wait_procs(children, timeout=30)  # it may have to import locust first

    assert (len(gone), alive) == (len(children), [])


def test_without_a_run_to_work_for_a_worker_says_so(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAD_URL", server.url)
    project.contract(CONTRACT.format(path="/ok/5", how=""))

    run = project.command("load-worker", "127.0.0.1:5557", "--env=local")

    assert run.status == 4
    assert run.err == "deploycheck: name the load run with --run: the contract has no load run with workers\n"


def test_a_process_that_is_killed_in_the_middle_is_told(server: Server, tmp_path: Path) -> None:
    seen: list[Loaded] = []
    run = opened("/ok/5", rate=50, seconds=20, processes=2)
    thread = Thread(target=lambda: seen.append(loaded(probe(server.url, tmp_path).send(run))))
    thread.start()
    wait_until(lambda: server.counted.get("GET /ok/5", 0) > 20, "load has begun")

    (master,) = (p for p in psutil.Process().children() if server.url in command_of(p))
    os.kill(master.children()[0].pid, signal.SIGKILL)
    thread.join(15)

    assert (seen[0].ending, seen[0].workers) == (Ending.WORKER_LOST, 1)
    assert seen[0].why == "1 of 2 generators are gone"
    assert seen[0].measured().ok > 20


def test_a_number_of_requests_is_shared_exactly(server: Server, tmp_path: Path) -> None:
    seen = loaded(probe(server.url, tmp_path).send(closed("/ok/5", users=3, requests=101, processes=3)))

    assert (seen.ending, seen.measured().n) == (Ending.COMPLETE, 101)
    assert server.counted == {"GET /ok/5": 101}


def test_workers_that_never_come_leave_it_undecided(server: Server, tmp_path: Path) -> None:
    run = closed("/ok/5", workers=Workers(1, "127.0.0.1", free_port(), 2.0))

    seen = loaded(probe(server.url, tmp_path).send(run))

    assert seen.ending is Ending.BROKEN
    assert seen.why.startswith("0 of 1 worker came within 2 s")
