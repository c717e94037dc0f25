"""A gate of plain HTTP checks loads what they need and no more: what it loads is what its start costs."""

from tests.projects import ENVIRONMENTS, READY, Project

CHECKS = """\
smoke:
  - GET /health: {status: 200, json: {$.status: ok}}
"""
LOOKING = """\
import sys
from importlib.machinery import SourceFileLoader

OURS = {name: module for name, module in sys.modules.items() if name.startswith("pytest_deploycheck.")}


def test_only_the_kinds_of_the_contract_are_loaded():
    from pytest_deploycheck.checks import KINDS

    assert {kind for kind, module in KINDS.items() if module in OURS} == {"http", "ready"}


def test_nothing_is_loaded_for_probes_and_processes_that_there_are_none_of():
    heavy = {"psycopg", "jwt", "cryptography", "multiprocessing.connection"}
    assert heavy & sys.modules.keys() == set()
    unused = ("catalog", "probes.database", "probes.load", "run.desk", "workers")
    assert [name for name in unused if f"pytest_deploycheck.{name}" in OURS] == []


def test_pytest_rewrites_none_of_it():
    early = {"plugin", "options", "markers", "fixtures", "discover"}
    later = {name: each for name, each in OURS.items() if name.rpartition(".")[2] not in early}
    assert [name for name, each in later.items() if type(each.__loader__) is not SourceFileLoader] == []
    assert len(later) > 50
"""


def test_a_gate_of_http_checks_loads_only_what_they_need(project: Project) -> None:
    project.contract(ENVIRONMENTS, READY, CHECKS)
    project.file("test_it.py", LOOKING)

    run = project.pytest()

    assert run.status == 0
    assert run.counts() == "5 passed"
