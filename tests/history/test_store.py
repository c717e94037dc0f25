"""A run is one file that is whole, holds no secret, and never changes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.history.store import UnreadableRunError, files, keep, read
from pytest_deploycheck.safety.redact import Redactor
from tests.history.kept import group, measurement, run


def same(text: str) -> str:
    return text


def test_a_run_is_read_as_it_was_kept(tmp_path: Path) -> None:
    kept = replace(
        run(measurement(group(version="v7", failed=6))),
        records=({"id": "smoke::GET /", "outcome": {"kind": "Passed", "note": ""}},),
        leftovers=("POST /orders",),
        notes=("swept",),
    )

    path = keep(kept, tmp_path / "runs", same)

    assert read(path) == kept
    assert files(tmp_path / "runs") == [path]


def test_its_name_tells_when_where_and_what(tmp_path: Path) -> None:
    kept = replace(run(), run_id="20261121T120000-ab12cd", version="release/1.2 (rc)", environment="eu prod")

    path = keep(kept, tmp_path, same)

    assert path.name == f"{kept.at:%Y%m%dT%H%M%SZ}_eu-prod_release-1.2-rc-_ab12cd.json"


def test_two_contracts_of_one_session_do_not_overwrite_one_another(tmp_path: Path) -> None:
    shop = run()
    notes = replace(shop, system="Notes")

    paths = [keep(each, tmp_path, same) for each in (shop, notes)]

    assert [read(path).system for path in paths] == ["Shop", "Notes"]
    assert files(tmp_path) == sorted(paths)


def test_no_secret_is_kept(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.add("hunter2-hunter2")
    told = {"id": "smoke::GET /", "outcome": {"kind": "Failed", "reason": "it sent hunter2-hunter2"}}

    path = keep(
        replace(run(), records=(told,), notes=("password=opensesame",)), tmp_path, redactor.clean_evidence
    )

    text = path.read_text()
    assert "hunter2" not in text
    assert "opensesame" not in text
    assert json.loads(text)["records"][0]["outcome"]["reason"] == "it sent ***"


def test_a_run_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(run(), tmp_path, interrupted)

    assert list(tmp_path.iterdir()) == []


def test_no_folder_holds_no_runs(tmp_path: Path) -> None:
    assert files(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory"),
        ("{", "not JSON, so no run"),
        ("[]", "not a run of schema 1, but None"),
        ('{"schema": 2}', "not a run of schema 1, but 2"),
        ('{"schema": 1}', "not a whole run: KeyError('run_id')"),
    ],
)
def test_what_is_no_run_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(UnreadableRunError) as caught:
        read(path)

    assert str(caught.value) == f"{path}: {message}"
