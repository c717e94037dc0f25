"""The release's files: what git ignores, and secrets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_deploycheck.model.evidence import Evidence, Scanned, Silence, Values, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import FileScan, Variables
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import declare

TEXT = "{root: ../app, ignored: [.env.production], without: [API_KEY, JWT], runbook: WC-03}"
IGNORED, WITHOUT = declare("release_files", TEXT)
ROOT = Path("/contract/../app")
SET = Values({"API_KEY": "0123456789", "JWT": "abcdefghij"}, datetime(2030, 1, 1, tzinfo=UTC))


def test_two_matters_are_two_checks() -> None:
    assert [IGNORED.title, WITHOUT.title] == ["ignored files", "no secret in files"]
    assert IGNORED.independent
    assert asked(IGNORED) == ((FileScan(root=ROOT, ignored=(".env.production",)),),)
    assert asked(WITHOUT, SET) == (
        (Variables(("API_KEY", "JWT")),),
        (FileScan(root=ROOT, needles=(("API_KEY", "0123456789"), ("JWT", "abcdefghij"))),),
    )


def test_clean_files_pass() -> None:
    assert answer(IGNORED, Scanned(files=3)) == Passed()
    assert answer(WITHOUT, SET, Scanned(files=3)) == Passed("3 files read")


def test_a_file_that_git_would_commit_is_named() -> None:
    assert answer(IGNORED, Scanned(files=3, not_ignored=(".env.production",))) == Failed(
        "git does not ignore .env.production", hint="a line in .gitignore; git rm --cached"
    )


def test_a_secret_is_named_with_its_file_and_not_shown() -> None:
    assert answer(WITHOUT, SET, Scanned(files=3, found=(("JWT", "src/a.ts"),))) == Failed(
        "secrets in the release's files: JWT in src/a.ts", hint="rotate what was committed"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Scanned(files=0), f"{ROOT} holds no file that a commit would hold, so nothing was looked at"),
        (Silence("git is not installed"), "the release's files could not be looked at: git is not installed"),
        (Withheld("time is over"), "the release's files could not be looked at: time is over"),
    ],
)
def test_without_files_nothing_is_decided(evidence: Evidence, reason: str) -> None:
    assert answer(IGNORED, evidence) == Inconclusive(reason)
    assert answer(WITHOUT, SET, evidence) == Inconclusive(reason)


def test_a_secret_without_a_value_cannot_be_looked_for() -> None:
    values = Values({"API_KEY": None, "JWT": "abcdefghij"}, SET.at)

    assert answer(WITHOUT, values) == Inconclusive("without a value nobody can look for API_KEY")


def test_a_short_secret_would_be_found_anywhere() -> None:
    values = Values({"API_KEY": "abc", "JWT": "abcdefghij"}, SET.at)

    assert answer(WITHOUT, values) == Inconclusive(
        "shorter than 8 characters, would be found anywhere: API_KEY"
    )


def test_without_an_expectation_there_is_no_check() -> None:
    with pytest.raises(Misuse, match="no expectation"):
        declare("release_files", "{root: .}")
