"""pgrls is run in a process of its own, which can't write and shows nobody the password."""

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Contents, Silence, Withheld
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.probe import Pgrls
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.probes.pgrls import lint

URL = "postgresql://gate:hunter2hunter2@db.example:5433/shop"
ECHO = "json.dump({'argv': sys.argv[1:], 'env': dict(os.environ), 'cwd': os.getcwd()}, sys.stdout)"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command called pgrls; what it does is written into it by `does`."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PGPASSWORD", "somebody-elses")
    return tmp_path / "pgrls"


def does(command: Path, code: str) -> None:
    command.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{code}\n")
    command.chmod(0o755)


def environment(*, url: str | None = URL, protected: bool = False) -> Environment:
    return Environment(
        name="prod",
        place=Place(Path("deploycheck.yaml")),
        base_url="https://shop.example",
        database=Secret(url) if url else None,
        protected=protected,
    )


def probe(folder: Path, timeout: float = 20.0) -> Pgrls:
    return Pgrls(schemas=("public", "private"), folder=folder, timeout=timeout)


def test_the_address_goes_by_the_environment_and_the_session_cannot_write(installed: Path) -> None:
    does(installed, ECHO)
    seen = lint(probe(installed.parent), environment())

    assert isinstance(seen, Contents)
    told = json.loads(seen.text)
    assert told["argv"] == ["lint", "--schemas", "public,private", "--format", "json"]
    assert "hunter2hunter2" in told["env"]["DATABASE_URL"]
    assert "default_transaction_read_only=on" in told["env"]["PGOPTIONS"]
    assert "PGPASSWORD" not in told["env"]
    assert Path(told["cwd"]).resolve() == installed.parent.resolve()


def test_a_protected_environment_verifies_the_server(installed: Path) -> None:
    does(installed, ECHO)
    seen = lint(probe(installed.parent), environment(protected=True))

    assert isinstance(seen, Contents)
    assert "sslmode=verify-full" in json.loads(seen.text)["env"]["DATABASE_URL"]


def test_findings_are_no_error(installed: Path) -> None:
    does(installed, "print('{}'); sys.exit(1)")

    assert lint(probe(installed.parent), environment()) == Contents("{}\n")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "print('half'); sys.exit('Error: could not connect with hunter2hunter2')",
            "pgrls ended with status 1",
        ),
        ("sys.stderr.write('Error: no password hunter2hunter2'); sys.exit(2)", "Error: no password ***"),
        ("sys.exit(2)", "pgrls ended with status 2: it said nothing"),
    ],
)
def test_an_error_says_why_without_the_password(installed: Path, code: str, reason: str) -> None:
    does(installed, code.replace("print('half'); ", ""))
    seen = lint(probe(installed.parent), environment())

    assert isinstance(seen, Silence)
    assert reason in seen.reason
    assert "hunter2" not in seen.reason


def test_one_that_does_not_end_is_ended(installed: Path) -> None:
    does(installed, "time.sleep(60)")

    assert lint(probe(installed.parent, timeout=0.5), environment()) == Silence(
        "pgrls did not end within 0.5 s", 0.5
    )


def test_where_it_is_not_installed_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert lint(probe(tmp_path), environment()) == Withheld("pgrls is not installed here: pip install pgrls")


def test_without_a_database_nothing_is_run(tmp_path: Path) -> None:
    assert lint(probe(tmp_path), environment(url=None)) == Withheld("environment prod has no `database`")


def test_an_address_that_cannot_be_read_is_not_told(installed: Path) -> None:
    does(installed, ECHO)

    assert lint(probe(installed.parent), environment(url="hunter2 hunter2")) == Silence(
        "the database URL cannot be read"
    )
