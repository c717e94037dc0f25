"""The suite of WeCelebrate on a deployment that the run starts, as the README's reader runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.processes import living
from tests.projects import wait_until

ROOT = Path(__file__).parents[2]
GATE = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--env=local"]
NOT_LOAD = ("-m", "not load")
"""Load takes longer than everything else together."""


def outcomes(report: Path) -> dict[str, str]:
    """What JUnit readers get: each case with its result."""
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - our own report
    return {
        f"{case.get('classname')}::{case.get('name')}": next((part.tag for part in case), "passed")
        for case in cases
    }


def run(folder: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the suite with temporary files in `folder`, so that what is left behind can be seen."""
    report = folder.parent / "report.xml"
    done = subprocess.run(
        [*GATE, f"--junitxml={report}", *options],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder), "DEPLOYCHECK_RUNS": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, outcomes(report)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for temporary files that whoever runs PostgreSQL may enter."""
    path = tmp_path / "tmp"
    path.mkdir()
    for each in (path, tmp_path, tmp_path.parent):
        each.chmod(0o755)
    return path


def test_the_verdict_and_all_outcomes_are_the_same_in_workers_and_one_at_a_time(folder: Path) -> None:
    alone, expected = run(folder, *NOT_LOAD)
    in_workers, distributed = run(folder, *NOT_LOAD, "-n2")
    one_by_one, slowly = run(folder, *NOT_LOAD, "--deploycheck-concurrency=1")

    assert [alone.returncode, in_workers.returncode, one_by_one.returncode] == [0, 0, 0], alone.stdout
    assert set(expected.values()) == {"passed"}
    assert len(expected) >= 40
    assert distributed == expected == slowly
    assert alone.stdout.rstrip().splitlines()[-1].startswith("GO: WeCelebrate on local, version ")


def test_a_run_leaves_no_process_and_no_file_behind(folder: Path) -> None:
    done, _ = run(folder, "-m", "smoke")

    assert done.returncode == 0, done.stdout
    assert living(str(folder)) == []
    assert list(folder.iterdir()) == []


def test_a_killed_run_takes_its_deployment_along(folder: Path) -> None:
    gate = subprocess.Popen(
        GATE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder), "DEPLOYCHECK_RUNS": "none"},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: any("postgres" in command for command in living(str(folder))), "the database is up")
    gate.send_signal(signal.SIGKILL)
    gate.wait()

    wait_until(lambda: living(str(folder)) == [], "every process has ended")
    wait_until(lambda: not list(folder.iterdir()), "no file is left")
