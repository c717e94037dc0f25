"""A check that uses up a rate limit is alone and last, whatever distributes the items."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.projects import Project, wait_until

LIMIT = 8
BEYOND = 1 + 8
"""Requests after those that the limit allows: the first refused one, and those that try to get past it."""

LOCAL = 'system: Shop\nenvironments:\n  local: {base_url: "${SHOP_URL}"}\n'

READS = "smoke:\n" + "".join(f"  - GET /slow/{number}: {{status: 200}}\n" for number in range(6))

WRITE = """\
operations:
  - POST /written: {status: 200, writes: true}
"""

RATE = """\
security:
  rate_limit:
    path: /limited
    limit: 8
    window: 60s
    per: address
    counts: path
"""

TESTS = """\
import time

import pytest

@pytest.mark.parametrize("name", ["a", "b"])
def test_many_requests(http, name):
    for number in range(20):
        assert http.get(f"/python/{name}{number}").status_code == 200
        time.sleep(0.01)
"""

BACKWARDS = """\
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    yield
    items.reverse()
"""


@dataclass
class Deployment:
    """Limits /limited to `LIMIT` requests in `window` seconds, and remembers what arrived, in order."""

    window: float = 60.0
    off: bool = False
    lines: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ends: float = 0.0
    used: int = 0
    url: str = ""

    def answer(self, line: str) -> tuple[int, dict[str, str]]:
        time.sleep(0.05 if "/slow" in line else 0)
        with self.lock:
            self.lines.append(line)
            if self.paths[-1] != "limited":
                return 200, {}
            now = time.monotonic()
            if self.ends <= now:
                self.ends, self.used = now + self.window, 0
            self.used += 1
            reset = {"Retry-After": str(max(1, round(self.ends - now)))}
            return (200, {}) if self.off or self.used <= LIMIT else (429, reset)

    @property
    def paths(self) -> list[str]:
        return [urlsplit(line.partition(" ")[2]).path.split("/")[1] for line in self.lines]

    def was_alone(self) -> bool:
        """Whether nothing arrived between the first and the last request to the limit."""
        paths = self.paths
        first, last = paths.index("limited"), len(paths) - paths[::-1].index("limited")
        return set(paths[first:last]) == {"limited"}

    def before(self) -> list[str]:
        """What arrived before the first request to the limit."""
        return self.paths[: self.paths.index("limited")]


@pytest.fixture
def deployment(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    running = Deployment()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers = running.answer(f"{self.command} {self.path}")
            body = json.dumps({"status": status}).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - what http.server calls

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.url = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("SHOP_URL", running.url)
        yield running
        server.shutdown()


@pytest.mark.parametrize("how", ["-n0", "load", "loadfile", "loadscope", "worksteal"])
def test_nothing_else_is_sent_meanwhile_and_all_declared_checks_are_over(
    project: Project, deployment: Deployment, how: str
) -> None:
    project.contract(LOCAL, RATE, "    recovers: false\n", READS, WRITE)
    project.file("test_python.py", TESTS)

    run = project.pytest(*([how] if how == "-n0" else ["-n2", f"--dist={how}"]))

    assert run.status == 0, run.out
    assert deployment.was_alone()
    assert deployment.before().count("slow") == 6
    assert deployment.before().count("written") == 1
    assert deployment.paths.count("limited") == LIMIT + BEYOND
    assert deployment.paths.count("python") == 40


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_whoever_shuffles_the_items_cannot_bring_it_before_the_others(
    project: Project, deployment: Deployment, workers: str
) -> None:
    project.contract(LOCAL, RATE, "    recovers: false\n", READS, WRITE)
    project.file("conftest.py", BACKWARDS)

    run = project.pytest(workers)

    assert run.status == 0, run.out
    assert deployment.was_alone()
    assert deployment.before().count("slow") == 6
    assert deployment.before().count("written") == 1


def test_every_worker_gets_the_same_answer(project: Project, deployment: Deployment) -> None:
    project.contract(LOCAL, RATE, "    recovers: false\n", READS)

    run = project.pytest("-n0", "--dist=each", "--tx=2*popen")

    assert run.status == 0, run.out
    assert deployment.was_alone()
    assert deployment.paths.count("limited") == LIMIT + BEYOND


def test_a_limit_recovers_after_its_window(project: Project, deployment: Deployment) -> None:
    deployment.window = 1.0
    project.contract(LOCAL, RATE.replace("60s", "1s"))

    run = project.pytest()

    assert run.verdict == "GO: Shop on local, version not declared"
    assert deployment.paths.count("limited") == LIMIT + BEYOND + 1


def test_a_limit_that_is_off_is_no_go_and_its_evidence_is_short(
    project: Project, deployment: Deployment
) -> None:
    deployment.off = True
    project.contract(LOCAL, RATE.replace("60s", "1h"))

    run = project.pytest()

    assert run.status == 1
    assert "26 requests, none refused; the contract says 8 in 3600 s" in run.out
    assert "11 times more: 200" in run.out
    assert run.out.count("count again GET") == 2  # once, however much pytest quotes


def test_a_window_too_long_to_wait_for_is_inconclusive_with_its_length(
    project: Project, deployment: Deployment
) -> None:
    project.contract(LOCAL, RATE)

    run = project.pytest("--max-wait=5s")

    assert run.status == 2
    assert (
        "INCONCLUSIVE whether it recovers was not seen: waiting 61 s is more than "
        "--deploycheck-max-wait=5s allows" in run.summary
    )


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_plan_that_trips_a_limit_by_itself_sends_nothing(
    project: Project, deployment: Deployment, workers: str
) -> None:
    project.contract(LOCAL, RATE.replace("counts: path", "counts: all").replace("8", "6"), READS)

    run = project.pytest(workers)

    assert run.status == 4
    assert "6 requests in 60 s from one address: 1 release + 6 smoke = 7" in run.everything
    assert deployment.lines == []


def test_a_wait_that_is_no_duration_is_a_mistake(project: Project, deployment: Deployment) -> None:
    project.contract(LOCAL, RATE)

    run = project.pytest("--max-wait=long")

    assert run.status == 4
    assert "--deploycheck-max-wait: 'long' is not a duration: expected a number with its unit" in run.err


def test_a_run_that_stops_at_a_failure_does_not_hang(project: Project, deployment: Deployment) -> None:
    project.contract(LOCAL, RATE, "    recovers: false\n", READS)
    project.file(
        "test_python.py", "def test_fails(http):\n    assert http.get('/python').status_code == 500\n"
    )

    run = project.pytest("-n2", "-x", "--dist=loadfile")

    assert run.status == 1


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_an_interrupt_does_not_wait_for_the_window(
    project: Project, deployment: Deployment, workers: str
) -> None:
    project.contract(LOCAL, RATE)
    process = project.start(workers)

    wait_until(lambda: deployment.paths.count("limited") == LIMIT + BEYOND, "the limit is used up")
    os.killpg(process.pid, signal.SIGINT)
    began = time.monotonic()
    run = project.end(process)

    assert run.status == 2
    assert time.monotonic() - began < 30
