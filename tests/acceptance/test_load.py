"""Load as a user meets it: one run for all thresholds, stopped by whoever stops it, nothing left behind."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.probes.load.conftest import Server, running
from tests.projects import Project, wait_until

CONTRACT = """\
system: Shop
environments:
  local: {base_url: "${LOAD_URL}"}
  prod: {base_url: "${LOAD_URL}", protected: true}
  small: {base_url: "${LOAD_URL}", budget: {load: 50}}
release:
  ready: {path: /ok}
load:
  products:
    scenario: [GET /ok/5]
    users: 10
    requests: 300
    thresholds: [avg<100ms, p(95)<200ms, errors<5%]
"""

LONG = """\
system: Shop
environments:
  local: {base_url: "${LOAD_URL}"}
release:
  ready: {path: /ok}
load:
  products:
    scenario: [GET /ok/5]
    arrivals: 50/s
    duration: 60s
    processes: 2
    thresholds: [p(95)<200ms, errors<1%]
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with running() as one:
        monkeypatch.setenv("LOAD_URL", one.url)
        yield one


def generators(server: Server) -> list[int]:
    """The processes of locust that send to a server."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line = process.info["cmdline"] or []
        if server.url in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(int(process.info["pid"]))
    return found


def test_all_thresholds_share_one_run_and_the_summary_says_what_it_cost(
    project: Project, server: Server
) -> None:
    project.contract(CONTRACT)

    run = project.pytest("-v")

    assert run.counts() == "4 passed"
    assert "deploycheck.yaml::load::products: p95<200ms PASSED" in run.out
    assert server.counted["GET /ok/5"] == 300
    assert "load         300 of 100000 requests" in run.out
    assert run.verdict.startswith("GO")
    assert generators(server) == []


def test_a_percentile_is_selected_as_it_is_called(project: Project, server: Server) -> None:
    project.contract(CONTRACT)

    run = project.pytest("-k", "p95")

    assert run.counts().startswith("1 passed, 3 deselected")
    assert server.counted["GET /ok/5"] == 300


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_workers_of_pytest_share_the_run_too(project: Project, server: Server, workers: str) -> None:
    project.contract(CONTRACT)

    run = project.pytest(workers)

    assert run.status == 0
    assert server.counted["GET /ok/5"] == 300


def test_load_on_a_protected_environment_needs_a_word(project: Project, server: Server) -> None:
    project.contract(CONTRACT)

    refused = project.pytest(env="prod")
    allowed = project.pytest("--allow-load", env="prod")

    assert refused.status == 2
    assert "it is load, and prod is protected: pass --allow-load to let it run" in refused.out
    assert allowed.status == 0


def test_a_plan_over_the_budget_for_load_is_refused_with_the_arithmetic(
    project: Project, server: Server
) -> None:
    project.contract(CONTRACT)

    run = project.pytest(env="small")

    assert run.status == 4
    assert "requests under load: 300 load = 300, budget 50" in run.err
    assert server.counted == {}


def test_the_plan_shows_what_load_would_send_once(project: Project, server: Server) -> None:
    project.contract(CONTRACT)

    out = project.pytest("--deploycheck-plan").out

    assert "     300  load::products: avg<100ms" in out
    assert "       0  load::products: p95<200ms" in out


def test_a_stress_run_finds_the_rate_that_a_server_bears(project: Project, server: Server) -> None:
    project.contract(
        """\
        system: Shop
        environments:
          local: {base_url: "${LOAD_URL}"}
        release:
          ready: {path: /ok}
        load:
          limit:
            preset: stress
            scenario: [GET /queue/10]
            arrivals: 40/s
            up_to: 135/s
            duration: 2s
            warmup: 0s
            thresholds: [p(95)<250ms]
        """
    )

    run = project.pytest()

    (kept,) = (project.folder / ".deploycheck" / "runs").glob("*.json")
    assert run.status == 0
    assert re.search(r"p\(95\)<250ms holds up to (60|90)/s; at (90|135)/s: ", kept.read_text())


REALTIME = """\
system: Shop
environments:
  local: {base_url: "${LOAD_URL}"}
identities:
  ann: {token: "${ANN_TOKEN}"}
release:
  ready: {path: /ok}
load:
  realtime:
    scenario:
      - WS /echo: {as: ann, token_in: access_token, messages: [hello], expect: hello, hold: 300ms}
    read_only: true
    arrivals: 100/s
    requests: 200
    thresholds: ["p(95){OPEN /echo}<2s", errors<5%]
"""


def test_websockets_are_judged_as_requests_are_and_no_token_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_TOKEN", "the-token-of-ann")
    with running(module="tests.servers.talks") as talks:
        monkeypatch.setenv("LOAD_URL", talks.url)
        project.contract(REALTIME)
        healthy = project.pytest()
        asked = talks.told("/asked")
        project.contract(REALTIME.replace("/echo", "/every/5/drop/100"))
        broken = project.pytest()

    kept = "".join(path.read_text() for path in (project.folder / ".deploycheck").rglob("*.json"))
    assert (healthy.status, asked) == (0, "/echo?access_token=the-token-of-ann")
    assert broken.status == 1
    assert re.search(r"failed: \d\d closed", broken.out)
    assert re.search(r"OPEN /every/5/drop/100: \d+ good, p50", broken.out)
    assert "the-token-of-ann" not in healthy.everything + broken.everything + kept
    assert "WS /echo" in kept


def begun(server: Server) -> bool:
    return server.counted.get("GET /ok/5", 0) > 20


def test_ctrl_c_ends_a_run_within_seconds_with_what_was_measured(project: Project, server: Server) -> None:
    project.contract(LONG)
    process = project.start("--tb=short")
    wait_until(lambda: begun(server), "load has begun")

    process.send_signal(signal.SIGINT)
    pressed = time.monotonic()
    run = project.end(process)

    assert time.monotonic() - pressed < 5
    assert run.status == 2
    assert "interrupted after" in run.out
    assert "good answers: p50" in run.out
    assert run.verdict.startswith("INCONCLUSIVE")
    assert generators(server) == []


def test_after_ctrl_c_nothing_is_sent_for_longer_than_two_seconds(project: Project, server: Server) -> None:
    project.contract(LONG)
    process = project.start()
    wait_until(lambda: begun(server), "load has begun")

    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    project.end(process)

    assert server.told("/latest") - pressed < 2
    assert generators(server) == []


def test_ctrl_c_reaches_a_run_that_a_worker_of_pytest_asked_for(project: Project, server: Server) -> None:
    project.contract(LONG)
    process = project.start("-n1")
    wait_until(lambda: begun(server), "load has begun")

    os.killpg(process.pid, signal.SIGINT)
    run = project.end(process)

    assert run.status == 2
    assert "load products: interrupted after" in run.out
    assert generators(server) == []


def test_a_target_that_dies_in_the_middle_is_no_go_within_seconds(project: Project, server: Server) -> None:
    project.contract(LONG.replace("50/s", "30/s"))  # 15/s each: twenty take longer than a second
    process = project.start()
    wait_until(lambda: begun(server), "load has begun")

    server.process.kill()
    killed = time.monotonic()
    run = project.end(process)

    assert time.monotonic() - killed < 5
    assert run.status == 1
    assert "stopped: 20 failures in a row: refused" in run.out
    assert "good answers: p50" in run.out
    assert generators(server) == []


def test_a_threshold_that_aborts_ends_the_run_within_two_seconds_of_being_broken(
    project: Project, server: Server
) -> None:
    thresholds = "[{threshold: errors<5%, abortOnFail: true}, med<5s]"
    hurried = (
        LONG.replace("60s", "20s").replace("    processes: 2\n", "").replace("/ok/5", "/every/4/status/500")
    )
    project.contract(re.sub(r"\[p.*\]", thresholds, hurried))

    run = project.pytest("--tb=short")

    broken = re.search(r"errors<5%: \d+ of \d+ bad \([\d.]+ %\) after (\d+) s", run.out)
    ended = re.search(r"(\d+) requests in ([\d.]+) s, .* good answers/s \(stop rule\)", run.out)
    assert (run.status, run.counts()) == (1, "1 failed, 1 passed, 1 inconclusive")
    assert broken
    assert ended
    assert int(broken[1]) <= 12
    assert float(ended[2]) - int(broken[1]) < 2
    assert server.counted["GET /every/4/status/500"] - int(ended[1]) in range(5)  # those were under way
    assert "good answers: p50" in run.out
    assert generators(server) == []


def test_a_process_that_is_killed_in_the_middle_leaves_the_run_undecided(
    project: Project, server: Server
) -> None:
    project.contract(LONG)
    process = project.start("--tb=short")
    wait_until(lambda: begun(server), "load has begun")

    everyone = generators(server)
    workers = [pid for pid in everyone if psutil.Process(pid).ppid() in everyone]
    os.kill(workers[0], signal.SIGKILL)
    run = project.end(process)

    assert len(workers) == 2
    assert run.status == 2
    assert "1 of 2 generators are gone" in run.out
    assert "good answers: p50" in run.out
    assert run.verdict.startswith("INCONCLUSIVE")
    assert generators(server) == []


def test_a_rate_that_is_answered_too_late_is_not_sustained(project: Project, server: Server) -> None:
    busy = LONG.replace("/ok/5", "/queue/10").replace("50/s", "130/s").replace("60s", "6s")
    project.contract(re.sub(r"\[p.*\]", "[rate>=130/s, errors<5%]", busy))

    run = project.pytest("--tb=short")

    assert (run.status, run.counts()) == (1, "1 failed, 2 passed")
    assert re.search(r"rate>=130/s: [5-9]\d(\.\d+)?/s over 6 blocks", run.out)


def test_a_killed_run_leaves_no_load(project: Project, server: Server) -> None:
    project.contract(LONG)
    process = project.start()
    wait_until(lambda: begun(server), "load has begun")

    process.kill()
    killed = time.monotonic()
    wait_until(lambda: generators(server) == [], "all generators are gone")
    project.end(process)

    assert time.monotonic() - killed < 2


def test_no_token_is_seen_in_the_list_of_processes(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_TOKEN", "the-token-of-ann")
    identities = 'identities:\n  ann: {token: "${ANN_TOKEN}"}\nrelease:'
    project.contract(LONG.replace("release:", identities).replace("arrivals:", "as: ann\n    arrivals:"))
    process = project.start()
    wait_until(lambda: begun(server), "load has begun")

    lines = [" ".join(psutil.Process(pid).cmdline()) for pid in generators(server)]
    process.send_signal(signal.SIGINT)
    project.end(process)

    assert lines
    assert not any("the-token-of-ann" in line for line in lines)
    assert server.told("/headers")["authorization"] == "bearer the-token-of-ann"


@pytest.mark.parametrize(("variable", "shown"), [("TERM=xterm", True), ("CI=1", False)])
def test_a_line_says_how_it_goes_where_somebody_watches(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch, variable: str, *, shown: bool
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(*variable.split("=", 1))
    project.contract(CONTRACT.replace("requests: 300", "requests: 800\n    think: 20ms"))
    near, far = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--env=local"], cwd=project.folder, stdout=far, stdin=far
    )
    os.close(far)

    told = b"".join(iter(lambda: read(near), b"")).decode()

    assert process.wait() == 0
    assert bool(re.search(r"load products: [\d,]+ requests, [\d.]+ good/s, .* left", told)) == shown
    assert "GO: Shop on local" in told


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # nobody has it open any more
        return b""
