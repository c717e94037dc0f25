"""A file that a check needs is the user's to mend: told as a mistake of the contract is."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.checks import drift
from pytest_deploycheck.config.errors import ContractErrors
from pytest_deploycheck.config.needed import needed
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.kind import Loc
from pytest_deploycheck.model.place import Place
from tests.checks.contracts import context

WRITES = "what `deploycheck snapshot --env local --output schema.lock.yaml` writes"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """A check of drift in a contract that names its lock file in line 12."""
    monkeypatch.chdir(tmp_path)

    def place(loc: Loc) -> Place:
        return Place(tmp_path / "deploycheck.yaml", 12 if loc == ("lock",) else 11, 10)

    around = replace(context("schema"), folder=tmp_path, place=place)
    (made,) = drift.checks(drift.Section(lock="schema.lock.yaml"), around)
    return made


def told(*checks: Check) -> str:
    with pytest.raises(ContractErrors) as caught:
        needed(checks)
    return str(caught.value)


def test_a_lock_file_that_is_not_there_is_told_once_with_what_writes_it(check: Check) -> None:
    assert told(check, check) == (
        "deploycheck.yaml:12:10: the lock file schema.lock.yaml can't be read: No such file or directory\n"
        f"    expected {WRITES}"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "schema.lock.yaml:1:1: the file is empty"),
        (
            b"format: 1\npostgresql: 15\ntabels: {}\n",
            "schema.lock.yaml:3:1: unknown key 'tabels' of a database",
        ),
        (b"\xff\xfe", "deploycheck.yaml:12:10: the lock file schema.lock.yaml is not UTF-8 at byte 0"),
    ],
)
def test_a_lock_file_with_mistakes_tells_them_all_with_their_places(
    check: Check, tmp_path: Path, text: bytes, message: str
) -> None:
    (tmp_path / "schema.lock.yaml").write_bytes(text)

    assert told(check).startswith(message)


def test_a_check_without_files_needs_none(check: Check) -> None:
    needed([replace(check, needed=())])
