"""What is compared: commands that ask the same questions, and how to tell that they did."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PARALLEL = 50
"""Requests under way at once, for curl and for the gate where it is told."""

WITHOUT_PLUGIN = ("-p", "no:deploycheck", "-p", "no:deploycheck_fixtures")

GATE = "deploycheck"
GATE_AS_CURL = f"deploycheck, {PARALLEL} at once"
HTTPX = "pytest + httpx"
HTTPX_XDIST = "pytest + httpx, -n 2"
CURL = f"curl --parallel-max {PARALLEL}"
EMPTY = "pytest, as many empty tests"
START = "pytest, one empty test"

_CONTRACT = """\
system: Benchmark
environments:
  here: {{base_url: "{base_url}", budget: {{requests: {budget}, duration: 10m}}}}
release:
  ready: {{path: /ready}}
smoke:
"""
_CHECK = "  - GET /{delay}/{number}: {{status: 200, json: {{$.status: ok}}}}\n"

_HTTPX_TESTS = """\
import httpx
import pytest


@pytest.fixture(scope="module")
def client():
    with httpx.Client(base_url="{base_url}") as client:
        yield client


@pytest.mark.parametrize("number", range({count}))
def test_check(client, number):
    reply = client.get(f"/{delay}/{{number}}")
    assert reply.status_code == 200
    assert reply.json()["status"] == "ok"
"""
_EMPTY_TESTS = """\
import pytest


@pytest.mark.parametrize("number", range({count}))
def test_check(number):
    pass
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """How many checks, each answered after `delay` milliseconds."""

    count: int
    delay: int

    def __str__(self) -> str:
        return f"{self.count} checks at {self.delay} ms"


@dataclass(frozen=True, slots=True)
class Contender:
    """A command, the requests it must send, and whether what it printed is right."""

    name: str
    command: tuple[str, ...]
    folder: Path
    requests: int
    right: Callable[[str], bool]


def contenders(scenario: Scenario, base_url: str, folder: Path) -> list[Contender]:
    """Write what each contender needs below `folder`, and return them."""
    count, delay = scenario.count, scenario.delay
    numbers = range(count)
    contract = _CONTRACT.format(base_url=base_url, budget=count + 100)
    contract += "".join(_CHECK.format(delay=delay, number=number) for number in numbers)
    gate = _project(folder / "gate", "deploycheck.yaml", contract)
    tests = _HTTPX_TESTS.format(base_url=base_url, count=count, delay=delay)
    httpx = _project(folder / "httpx", "test_checks.py", tests)
    empty = _project(folder / "empty", "test_checks.py", _EMPTY_TESTS.format(count=count))
    one = _project(folder / "one", "test_checks.py", _EMPTY_TESTS.format(count=1))
    urls = "".join(f'url = "{base_url}/{delay}/{number}"\noutput = /dev/null\n' for number in numbers)
    floor = _project(folder / "curl", "urls.txt", urls)
    return [
        Contender(GATE_AS_CURL, (*_gate(), f"--deploycheck-concurrency={PARALLEL}"), gate, count, _go),
        Contender(GATE, _gate(), gate, count, _go),
        Contender(HTTPX, _pytest(), httpx, count, _passed(count)),
        Contender(HTTPX_XDIST, (*_pytest(), "-n", "2"), httpx, count, _passed(count)),
        Contender(CURL, _curl(), floor, count, lambda told: told.split() == ["200"] * count),
        Contender(EMPTY, _pytest(), empty, 0, _passed(count)),
        Contender(START, _pytest(), one, 0, _passed(1)),
    ]


def starts(folder: Path) -> tuple[Contender, Contender]:
    """Pytest in a project that has no contract: with the plugin, and without."""
    project = _project(folder / "start", "test_checks.py", _EMPTY_TESTS.format(count=1))
    return (
        Contender("with the plugin", (sys.executable, "-m", "pytest"), project, 0, _passed(1)),
        Contender("without the plugin", _pytest(), project, 0, _passed(1)),
    )


def _project(folder: Path, name: str, content: str) -> Path:
    """A folder that is a pytest project of its own."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def _gate() -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--deploycheck-env=here")


def _pytest() -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", *WITHOUT_PLUGIN)


def _curl() -> tuple[str, ...]:
    curl = shutil.which("curl")
    if curl is None:
        raise SystemExit("curl is not installed; it is the floor that everything is compared with")
    return (
        curl,
        *("--silent", "--show-error", "--parallel", "--parallel-max", str(PARALLEL)),
        *("--config", "urls.txt", "--write-out", "%{http_code}\\n"),
    )


def _go(told: str) -> bool:
    return told.rstrip().rpartition("\n")[2].startswith("GO: Benchmark on here")


def _passed(count: int) -> Callable[[str], bool]:
    return lambda told: f"{count} passed in" in told.rstrip().rpartition("\n")[2]
