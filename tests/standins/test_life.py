"""A stand-in starts, hands out what is needed, and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suites.standins.client import ROOT, Standin, StandinError, read_dotenv
from tests.processes import is_alive
from tests.standins.world import World, claims_of, wait_until


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    provides = tmp_path / "provides.env"
    process = subprocess.Popen(
        [sys.executable, "-m", "suites.standins", "wecelebrate"],
        cwd=ROOT,
        env={**os.environ, "DEPLOYCHECK_PROVIDES": str(provides)},
        stdout=subprocess.PIPE,
    )
    with process:
        wait_until(lambda: provides.exists() or process.poll() is not None, "variables are written")
        yield process, provides
        process.kill()


def family(directory: Path) -> list[str]:
    """The processes that have to do with a stand-in's directory, or are its replicas."""
    lines = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in lines.splitlines() if str(directory) in line]


def children(process: subprocess.Popen[bytes]) -> list[int]:
    command = ["ps", "-o", "pid=", "--ppid", str(process.pid)]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, check=True).stdout.split()]


def directory_of(provides: Path) -> Path:
    return Path(read_dotenv(provides)["CA_FILE"]).parents[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(own: tuple[subprocess.Popen[bytes], Path], number: int) -> None:
    process, provides = own
    directory = directory_of(provides)
    born = children(process)
    assert len(born) == 3
    assert directory.is_dir()

    process.send_signal(number)
    process.wait(20)

    wait_until(lambda: not directory.exists(), "the directory is gone")
    wait_until(lambda: not any(map(is_alive, born)), "the children are gone")
    wait_until(lambda: not family(directory), "the database is gone")


def test_it_ends_with_its_input_if_asked(tmp_path: Path) -> None:
    standin = Standin.start("wecelebrate", "--fault=health_degraded")
    directory = Path(standin.provided["CA_FILE"]).parents[1]
    on = [fault["name"] for fault in standin.faults() if fault["on"]]

    standin.stop()

    assert on == ["health_degraded"]
    assert standin.process.returncode == 0
    assert not directory.exists()
    assert not family(directory)


def test_the_variables_are_for_their_owner_only(own: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, provides = own
    assert process.stdout is not None

    line = process.stdout.readline().decode()

    sourced = subprocess.run(
        ["sh", "-c", f'. "{provides}"; printf %s "$STANDIN_ADMIN_DATABASE_URL"'],
        capture_output=True,
        check=True,
    )
    assert sourced.stdout.decode() == read_dotenv(provides)["STANDIN_ADMIN_DATABASE_URL"]
    assert stat.S_IMODE(provides.stat().st_mode) == 0o600
    assert read_dotenv(provides)["SUPABASE_URL"] in line
    assert list(provides.parent.iterdir()) == [provides]


def test_without_a_database_server_it_says_what_to_do() -> None:
    with pytest.raises(StandinError, match="STANDIN_POSTGRES_BIN=/nowhere lacks initdb or postgres"):
        Standin.start("wecelebrate", environment={"STANDIN_POSTGRES_BIN": "/nowhere"})


def test_the_keys_are_those_of_the_project(world: World) -> None:
    anon = claims_of(world.given, "SUPABASE_ANON_KEY")
    service = claims_of(world.given, "SUPABASE_SERVICE_ROLE_KEY")

    assert (anon["iss"], anon["role"], service["role"]) == ("supabase", "anon", "service_role")
    assert anon["ref"] == service["ref"] == world.given["SUPABASE_PROJECT_REF"]


def test_the_control_port_wants_its_token(world: World) -> None:
    answer = world.http.get(world.given["STANDIN_CONTROL"] + "/variables")

    assert answer.status_code == 401


def test_an_unknown_fault_is_named(world: World) -> None:
    with pytest.raises(StandinError, match="no fault is called 'helth_slow'"):
        world.standin.switch_on("helth_slow")


def test_it_shares_no_code_with_the_gate() -> None:
    sources = list((ROOT / "suites" / "standins").rglob("*.py"))

    assert sources
    assert [path.name for path in sources if "pytest_deploycheck" in path.read_text()] == []
