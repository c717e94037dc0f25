"""Latencies side by side, and what a verdict costs: python -m benchmarks.load (four minutes).

A server that answers after exactly 20 ms is asked by 10, 50 and 200 users as often as they can, and by 200
that send 2,000 requests a second together; one that stalls for two seconds of every eight by 10 users and by
100 arrivals a second. Where the gate calls its own sender saturated, it is said: out of breath, it measures
itself. Then 1,000 requests at concurrency 10, by ab and by the gate, in turns. What is not installed is left
out, and said.
"""

import csv
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.target import served

SECONDS = 8
ROUNDS = 5
SHOWN = (50, 95, 99)
"""Percentiles."""

_CONTRACT = """\
system: Benchmark
environments:
  here: {{base_url: "{url}", budget: {{load: 1000000}}}}
release:
  ready: {{path: /ready}}
load:
  measured:
    scenario: [GET {path}]
    {how}
    thresholds: ["p(50)<9s", "p(95)<9s", "p(99)<9s"]
"""
_LOCUSTFILE = """\
from locust import FastHttpUser, constant, constant_throughput, task


class Asker(FastHttpUser):
    wait_time = {wait}

    @task
    def ask(self):
        self.client.get("{path}")
"""
_LUA = """\
done = function(summary, latency, requests)
  for _, p in pairs({50, 95, 99}) do print(string.format("p%d %d", p, latency:percentile(p))) end
end
"""
_SATURATED = re.compile(r'"complete":\s*false')
_OURS = re.compile(r"p\((\d+)\)<9s: ([\d.]+) (ms|s),")

Percentiles = dict[int, float]
"""Percentile → milliseconds."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured: `users` who send `each` requests a second, or `arrivals` a second."""

    url: str
    path: str
    users: int = 0
    arrivals: int = 0
    each: int = 0
    """0: as many as it can."""

    def __str__(self) -> str:
        who = f"{self.users} users" if self.users else f"{self.arrivals} arrivals/s"
        who += f" at {self.users * self.each:,}/s" if self.each else ""
        return f"{self.path.split('/')[1].replace('20', '20 ms')}, {who}"


def gate(question: Question, folder: Path) -> Percentiles:
    """Ask the gate, as its user would, and read what it keeps of the run."""
    rate = question.users * question.each or 100_000
    much = (
        f"users: {question.users}\n    max_rate: {rate}/s"
        if question.users
        else f"arrivals: {question.arrivals}/s"
    )
    _write(
        folder,
        _CONTRACT.format(url=question.url, path=question.path, how=f"{much}\n    duration: {SECONDS}s"),
    )
    kept = folder / "runs"
    shutil.rmtree(kept, ignore_errors=True)
    _run([*_pytest(folder), f"--deploycheck-runs={kept}"], folder)
    (run,) = kept.glob("*.json")
    told = run.read_text(encoding="utf-8")
    found = _OURS.findall(told)
    if _SATURATED.search(told):
        print(
            f"{question}: the gate calls its own sender saturated, and decides nothing near a limit",
            flush=True,
        )
    return {int(p): float(value) * (1000 if unit == "s" else 1) for p, value, unit in found}


def locust(question: Question, folder: Path) -> Percentiles:
    """Ask locust alone, and take the percentiles that it writes down itself."""
    if not question.users:
        return {}
    wait = f"constant_throughput({question.each})" if question.each else "constant(0)"
    (folder / "locustfile.py").write_text(_LOCUSTFILE.format(path=question.path, wait=wait), encoding="utf-8")
    users = str(question.users)
    command = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless", "--only-summary"]
    _run([*command, "-u", users, "-r", users, "-t", f"{SECONDS}s", "-H", question.url, "--csv=out"], folder)
    with (folder / "out_stats.csv").open(encoding="utf-8") as file:
        total = list(csv.DictReader(file))[-1]
    return {p: float(total[f"{p}%"]) for p in SHOWN}


def wrk(question: Question, folder: Path) -> Percentiles:
    """Ask wrk, which has exact counts; it knows no rate."""
    if not question.users or question.each:
        return {}
    (folder / "percentiles.lua").write_text(_LUA, encoding="utf-8")
    command = ["wrk", "-t1", f"-c{question.users}", f"-d{SECONDS}s", "--timeout=10s", "-s", "percentiles.lua"]
    said = _run([*command, question.url + question.path], folder)
    return {int(p): int(value) / 1000 for p, value in re.findall(r"^p(\d+) (\d+)$", said, re.MULTILINE)}


def hey(question: Question, folder: Path) -> Percentiles:
    """Ask hey."""
    if not question.users:
        return {}
    rate = ["-q", str(question.each)] if question.each else []
    command = ["hey", "-c", str(question.users), *rate, "-z", f"{SECONDS}s", question.url + question.path]
    said = _run(command, folder)
    found = re.findall(r"^\s+(\d+)%+ in ([\d.]+) secs", said, re.MULTILINE)
    return {int(p): float(value) * 1000 for p, value in found if int(p) in SHOWN}


TOOLS: dict[str, Callable[[Question, Path], Percentiles]] = {
    "the gate": gate,
    "locust": locust,
    "wrk": wrk,
    "hey": hey,
}


def main() -> int:
    """Measure and print.

    Raises:
        SystemExit: with what it said, if something did not measure at all.
    """
    missing = [tool for tool in ("wrk", "hey", "ab") if shutil.which(tool) is None]
    if missing:
        print(f"not installed, left out: {', '.join(missing)}")
    with served() as server, TemporaryDirectory(prefix="benchmarks-") as made:
        folder = Path(made)
        tools = {name: tool for name, tool in TOOLS.items() if name not in missing}
        print("\n".join(_table(server.base_url, tools, folder)))
        if "ab" not in missing:
            print("\n".join(_cost(server.base_url, folder)))
    return 0


def _table(
    url: str, tools: dict[str, Callable[[Question, Path], Percentiles]], folder: Path
) -> Iterator[str]:
    questions = [Question(url, "/20/1", users=users) for users in (10, 50, 200)]
    questions.append(Question(url, "/20/1", users=200, each=10))
    questions += [Question(url, "/stall/1", users=10), Question(url, "/stall/1", arrivals=100)]
    measured = {each: [_told(tool(each, folder)) for tool in tools.values()] for each in questions}
    yield f"| p50, p95, p99 in ms | {' | '.join(tools)} |"
    yield f"|---|{'---:|' * len(tools)}"
    for question, told in measured.items():
        yield f"| {question} | {' | '.join(told)} |"


def _told(measured: Percentiles) -> str:
    return ", ".join(f"{measured[p]:.4g}" for p in SHOWN) if measured else "-"


def _cost(url: str, folder: Path) -> Iterator[str]:
    contract = _CONTRACT.format(url=url, path="/20/1", how="users: 10\n    requests: 1000")
    _write(folder, contract.replace('"p(50)<9s", "p(95)<9s", "p(99)<9s"', "avg<1s, errors<=0"))
    ab = ["ab", "-q", "-n", "1000", "-c", "10", "-k", f"{url}/20/1"]
    pairs = [(_seconds(ab, folder), _seconds(_pytest(folder), folder)) for _ in range(ROUNDS)]
    yield f"1,000 requests at concurrency 10, medians of {ROUNDS} pairs:"
    yield f"ab {statistics.median(one for one, _ in pairs):.2f} s,"
    yield f"the gate, from command to verdict, {statistics.median(other for _, other in pairs):.2f} s,"
    yield f"{statistics.median(other - one for one, other in pairs):.2f} s more"


def _pytest(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--env=here", str(folder)]


def _write(folder: Path, contract: str) -> None:
    (folder / "deploycheck.yaml").write_text(contract, encoding="utf-8")


def _seconds(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    _run(command, folder)
    return time.perf_counter() - began


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
