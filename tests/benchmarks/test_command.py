"""The command measures, prints and writes, whatever the figures; and tells a wrong run from a slow one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.contenders import CURL, GATE, GATE_AS_CURL, START, Contender, Scenario
from benchmarks.measure import WrongRunError, measure
from benchmarks.report import Figures, lines

SECONDS = {GATE_AS_CURL: [0.6, 0.5, 0.9], GATE: [0.8], START: [0.25], CURL: [0.15]}


def test_the_command_measures_side_by_side_and_writes_the_figures(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    tiny = ["--checks", "2", "--delays", "0", "--rounds", "1", "--start-rounds", "2"]

    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", *tiny, "--json", str(figures)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr
    assert "2 checks at 0 ms" in run.stdout
    assert "start-up where the plugin is not used" in run.stdout
    (scenario,) = json.loads(figures.read_text())["scenarios"]
    assert len(scenario["medians"]) == 7
    assert all(seconds > 0 for seconds in scenario["medians"].values())


def test_the_ratio_is_to_the_start_of_pytest_and_curl_together_and_held_against_the_aim() -> None:
    figures = Figures({Scenario(100, 50): SECONDS}, start={}, start_costs=(0.001, 0.002, 0.003))

    told = list(lines(figures))

    assert f"100 checks at 50 ms, {GATE_AS_CURL}: 1.50 x (pytest's own start + curl), aim 1.3: missed" in told
    assert told[-1] == (
        "start-up where the plugin is not used: +2.0 ms (middle half +1.0 to +3.0, 3 pairs), aim 30 ms: met"
    )


@pytest.mark.parametrize(
    ("code", "expected", "sent"),
    [
        ("raise SystemExit(1)", "exit status 1", 0),
        ("print('NO-GO')", "NO-GO", 0),
        ("print('GO')", "1 requests where 0 were to be sent", 1),
    ],
)
def test_a_run_that_did_something_else_is_an_error_not_a_time(
    tmp_path: Path, code: str, expected: str, sent: int
) -> None:
    wrong = Contender("gate", (sys.executable, "-c", code), tmp_path, 0, lambda told: told == "GO\n")

    with pytest.raises(WrongRunError, match=expected):
        measure([wrong], rounds=1, patience=1, answered=lambda: sent)


def test_a_contender_that_used_up_its_patience_is_not_repeated(tmp_path: Path) -> None:
    slow = Contender("slow", (sys.executable, "-c", ""), tmp_path, 0, lambda told: not told)

    assert len(measure([slow], rounds=3, patience=0.001, answered=lambda: 0)["slow"]) == 1
