"""The database's benchmark measures side by side, and holds ratios of one run against the aims."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.database.command import lines, ratio
from benchmarks.database.contenders import AT_ONCE, CONTENDERS, DRIFT, IN_TURN, JUDGE, PROOF, SINGLE, SNAPSHOT

SECONDS = {
    SNAPSHOT: [0.6, 0.3, 0.9],
    AT_ONCE: [0.3, 0.25, 0.9],
    IN_TURN: [1.0, 1.0, 1.0],
    SINGLE: [50.0],
    JUDGE: [0.1, 0.2, 0.3],
    DRIFT: [0.4, 0.4, 0.4],
    PROOF: [3.5],
}


def test_the_command_measures_a_tiny_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"

    status = main(["database", "--tables=2", "--rounds=1", "--delays", "0", "1", "--json", str(figures)])

    assert status == 0, capsys.readouterr().err
    assert "2 tables, 20 indexes" in capsys.readouterr().out
    told = json.loads(figures.read_text())["seconds"]
    assert {delay: set(seconds) for delay, seconds in told.items()} == {
        "0": set(CONTENDERS),
        "1": set(CONTENDERS),
    }


def test_ratios_are_of_the_same_round_and_held_against_the_aim() -> None:
    told = list(lines({50: SECONDS}, tables=500))

    assert ratio(SECONDS, SNAPSHOT, AT_ONCE) == 1.2
    assert f"50 ms: {SNAPSHOT}: 1.2 x, aim 1.5: met ({AT_ONCE})" in told
    assert f"50 ms: {SNAPSHOT}: 0.012 x ({SINGLE})" in told
    assert told[-1] == f"50 ms: {PROOF}: 3.5 s, aim 3 s: missed"
