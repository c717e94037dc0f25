"""A started deployment tells its variables, and ends with whoever started it."""

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_deploycheck.model.environment import Start
from pytest_deploycheck.probes.start import Deployment, NotStartedError
from tests.processes import is_alive
from tests.projects import wait_until

TELL = """\
import os, signal, sys
open("pid", "w").write(str(os.getpid()))
with open(os.environ["DEPLOYCHECK_PROVIDES"] + ".part", "w") as file:
    print('A=1', 'B="two words $HOME ${HOME}"', 'C=', sep="\\n", file=file)
os.rename(file.name, os.environ["DEPLOYCHECK_PROVIDES"])
signal.pause()
"""

STUBBORN = """\
import os, signal
signal.signal(signal.SIGTERM, lambda *_: open("asked", "w"))
open("pid.part", "w").write(str(os.getpid()))
os.rename("pid.part", "pid")
while True:
    signal.pause()
"""

HASTY = """\
import sys
from pytest_deploycheck.probes import warden

warden.PATIENCE = 0.2
sys.exit(warden.main(sys.argv[1], sys.argv[2:]))
"""


@pytest.fixture(autouse=True)
def _temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


def started(
    folder: Path, source: str, provides: tuple[str, ...] = ("A", "B"), timeout: float = 10
) -> Deployment:
    (folder / "serve.py").write_text(source)
    return Deployment(Start(command="python 'serve.py'", cwd=folder, provides=provides, timeout=timeout))


def lives(folder: Path) -> bool:
    return is_alive(int((folder / "pid").read_text()))


def test_the_variables_are_told_as_they_were_written(tmp_path: Path) -> None:
    deployment = started(tmp_path, TELL)

    variables = deployment.variables()

    assert variables == {"A": "1", "B": "two words $HOME ${HOME}"}
    assert deployment.obituary == ""
    assert lives(tmp_path)
    deployment.stop()
    assert not lives(tmp_path)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_variables_are_not_left_on_the_disk(tmp_path: Path) -> None:
    deployment = started(tmp_path, TELL)

    deployment.variables()

    assert list((tmp_path / "temporary").rglob("*.env")) == []
    deployment.stop()


def test_a_variable_without_a_value_was_not_provided(tmp_path: Path) -> None:
    deployment = started(tmp_path, TELL, ("A", "C", "D"))

    with pytest.raises(NotStartedError, match=r"^`python 'serve.py'` did not provide C, D$"):
        deployment.variables()
    deployment.stop()


@pytest.mark.parametrize("status", [0, 7])
def test_a_command_that_ends_is_told_with_its_status_and_its_last_lines(tmp_path: Path, status: int) -> None:
    lines = "\n".join(f"print('line {number}')" for number in range(30))
    deployment = started(tmp_path, f"{lines}\nraise SystemExit({status})\n")

    with pytest.raises(NotStartedError, match=r"gave no variables$"):
        deployment.variables()

    assert deployment.obituary.splitlines() == [
        "",
        f"`python 'serve.py'` ended with {status}",
        *(f"    line {number}" for number in range(18, 30)),
    ]
    deployment.stop()


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    deployment = Deployment(Start(command="no-such-command", cwd=tmp_path, provides=("A",)))

    with pytest.raises(NotStartedError, match=r"^`no-such-command` gave no variables$"):
        deployment.variables()

    assert "no-such-command" in deployment.obituary
    deployment.stop()


def test_waiting_ends_in_time(tmp_path: Path) -> None:
    deployment = started(
        tmp_path, "print('warming up', flush=True)\nimport signal\nsignal.pause()\n", timeout=0.3
    )

    with pytest.raises(NotStartedError, match=r"told nothing in 0.3 s"):
        deployment.variables()
    deployment.stop()


def test_without_variables_to_tell_nobody_waits(tmp_path: Path) -> None:
    deployment = started(tmp_path, "import signal\nsignal.pause()\n", provides=())

    assert deployment.variables() == {}
    deployment.stop()


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    deployment = started(tmp_path, TELL)
    deployment.variables()

    deployment.stop()
    deployment.stop()

    assert not lives(tmp_path)


def test_a_command_that_does_not_listen_is_asked_first_and_then_killed(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(STUBBORN)
    (tmp_path / "hasty.py").write_text(HASTY)
    command = [sys.executable, "hasty.py", str(tmp_path / "temporary"), sys.executable, "serve.py"]

    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE) as warden:
        wait_until((tmp_path / "pid").exists, "the command runs")
        assert warden.stdin is not None
        warden.stdin.close()
        warden.wait(10)

    assert (tmp_path / "asked").exists()
    assert not lives(tmp_path)
    assert not (tmp_path / "temporary").exists()
