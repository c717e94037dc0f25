from pathlib import Path

import pytest

from pytest_deploycheck.config import ContractErrors, environments
from pytest_deploycheck.model.budget import Budget
from pytest_deploycheck.model.environment import Environment, Start
from pytest_deploycheck.model.place import Place
from pytest_deploycheck.model.secret import Secret

from .contracts import read, refused

FULL = """
system: Shop
environments:
  base:
    abstract: true
    base_url: https://shop.test/api//
    budget: {requests: 400, writes: 10, duration: 1m30s}
    headers: {X-Gate: deploycheck, X-Stage: base}
    protected: true
  middle:
    extends: base
    headers: {X-Stage: middle}
  local:
    extends: middle
    database: dbname=shop
    replicas: [http://one.test:8001/, http://two.test:8002]
    budget: {writes: 0}
    ca: ca.pem
    timeout: 500ms
    protected: false
    start: {command: make serve, cwd: inner, provides: [PORT], timeout: 2h}
  prod: {extends: base}
"""


def environment(tmp_path: Path, keys: str) -> Environment:
    return read(tmp_path, f"system: Shop\nenvironments:\n  local: {{{keys}}}\n").environment


def test_an_environment_takes_over_what_it_extends_at_every_depth(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "ca.pem").touch()

    assert read(tmp_path, FULL).environment == Environment(
        name="local",
        place=Place(tmp_path / "deploycheck.yaml", 13, 3),
        base_url="https://shop.test/api",
        database=Secret("dbname=shop"),
        protected=False,
        replicas=("http://one.test:8001", "http://two.test:8002"),
        headers=(("X-Gate", "deploycheck"), ("X-Stage", "middle")),
        ca=tmp_path / "ca.pem",
        timeout=0.5,
        budget=Budget(requests=400, writes=0, duration=90.0),
        start=Start(command="make serve", cwd=tmp_path / "inner", provides=("PORT",), timeout=7200.0),
    )
    assert read(tmp_path, FULL, environment="prod").environment.protected


def test_what_is_not_said_has_the_model_s_defaults(tmp_path: Path) -> None:
    found = environment(tmp_path, "base_url: 'http://localhost:8000'")

    assert found == Environment(name="local", place=found.place, base_url="http://localhost:8000")


def test_environments_lists_those_that_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "deploycheck.yaml"
    path.write_text(FULL)

    assert environments(path) == ("middle", "local", "prod")


def test_environments_of_a_broken_file_are_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "deploycheck.yaml"
    path.write_text("a: {")

    with pytest.raises(ContractErrors, match="not YAML"):
        environments(path)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("2s", 2.0),
        ("5m", 300.0),
        ("1h", 3600.0),
        ("1m30s", 90.0),
        ("1.5s", 1.5),
        ("1h1m1s1ms", 3661.001),
        ("1.5m", 90),
        ("14d", 1_209_600),
    ],
)
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    assert environment(tmp_path, f"base_url: 'http://a.test', timeout: {text}").timeout == pytest.approx(
        seconds
    )


@pytest.mark.parametrize("text", ["30", "s", "1s1m", "1 s", "-1s", "true", "[1s]", '""', "1h2d"])
def test_what_is_no_duration(tmp_path: Path, text: str) -> None:
    printed = refused(
        tmp_path, f"system: Shop\nenvironments:\n  local: {{base_url: 'http://a.test', timeout: {text}}}\n"
    )

    assert "expected a duration with its unit: 500ms, 30s, 5m, 1h, 14d, 1m30s" in printed


@pytest.mark.parametrize(
    "address",
    [
        "shop.test",
        "ftp://shop.test",
        "http://",
        "http://a.test:port",
        "https://a b.test",
        "https://[x",
        "//a.test",
    ],
)
def test_what_is_no_base_url(tmp_path: Path, address: str) -> None:
    printed = refused(tmp_path, f"system: Shop\nenvironments:\n  local: {{base_url: '{address}'}}\n")

    assert f"'base_url' is '{address}'\n    expected an address that starts with" in printed


def test_a_mistake_in_what_is_taken_over_is_told_once_where_it_stands(tmp_path: Path) -> None:
    printed = refused(
        tmp_path, FULL.replace("1m30s", "soon").replace("ca: ca.pem", "").replace("cwd: inner,", "")
    )

    assert printed.startswith("deploycheck.yaml:7:51: 'duration' is 'soon'")
    assert printed.count("soon") == 1


def test_mistakes_of_other_environments_are_told_too(tmp_path: Path) -> None:
    text = "system: Shop\nenvironments:\n  local: {base_url: http://a.test}\n"
    text += "  prod: {protectd: true, base_url: '${X}'}\n"

    assert (
        refused(tmp_path, text) == "deploycheck.yaml:4:10: unknown key 'protectd'\n    expected 'protected'?"
    )
