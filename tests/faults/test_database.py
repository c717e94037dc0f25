"""Every fault of the database is caught by its own checks, unusual but right ones by none."""

import subprocess
from typing import Any

import pytest
import yaml

from suites.standins.client import Standin
from suites.standins.wecelebrate.database_faults import DATABASE_DECOYS, DATABASE_FAULTS
from suites.standins.wecelebrate.deployment import SESSION_TABLES
from tests.faults.matrix import HEALTHY, SUITE, explains, run_gate
from tests.servers.parts import server_program

RANDOM = ("\\restrict", "\\unrestrict")
"""Lines of a dump that carry a key of their own each time."""

TAKEN = "SELECT pg_catalog.setval("
"""How a dump says how far a sequence has come."""

DATABASE = ("-m", "schema or tenant_isolation", "-k", "(schema or policies) and not drift")
"""The checks that ask the database, but the one to which every change of the schema is one too many."""


FILES = sorted((SUITE / "database_faults").glob("*.yaml"))
TABLES: list[dict[str, Any]] = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES]
"""Faults and what the gate must say of them; `decoys`, of which it must say nothing.

`run` of a table selects the checks that they are held against: what breaks row-level security is red in every
kind that looks at it, each time for its own reason. Of a table that is `nightly` the tests of its kind hold
all by day, on the same database: through the whole gate only the first goes by day.
"""

TABLE: dict[str, dict[str, Any]] = {
    name: {
        "run": table.get("run", DATABASE),
        "nightly": table.get("nightly", False) and place > 0,
        **expected,
    }
    for table in TABLES
    for place, (name, expected) in enumerate((table.get("faults") or {}).items())
}
RUNS = {name: table.get("run", DATABASE) for table in TABLES for name in table.get("decoys", ())}


def dump(standin: Standin) -> list[str]:
    """Everything in the database but sessions, as its own tool writes it down; sequences included.

    Line by line and sorted, since grants are written in the order in which they were made.
    """
    where = standin.provided["STANDIN_ADMIN_DATABASE_URL"]
    without = (f"--exclude-table-data={table}" for table in SESSION_TABLES)
    command = [str(server_program("pg_dump")), f"--dbname={where}", *without]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted(line for line in written.splitlines() if not line.startswith(RANDOM))


def changing(standin: Standin) -> list[str]:
    """The faults that are not undone exactly; slow, since each is switched again, between two dumps."""
    found = []
    for fault in (*DATABASE_FAULTS, *DATABASE_DECOYS):
        before = dump(standin)
        with standin.fault(fault.name):
            pass
        if dump(standin) != before:
            found.append(fault.name)
    return found


def test_every_fault_of_the_database_is_in_a_table() -> None:
    assert {fault.name for fault in DATABASE_FAULTS} == set(TABLE)


def test_the_database_is_as_it_was_after_every_fault(standin: Standin) -> None:
    before = dump(standin)
    for fault in (*DATABASE_FAULTS, *DATABASE_DECOYS):
        with standin.fault(fault.name):
            pass
    assert dump(standin) == before, changing(standin)

    run = run_gate(standin, *DATABASE, ready=HEALTHY)
    assert (run.status, run.verdict) == (0, "GO"), run.output


@pytest.mark.parametrize(
    ("checks", "writes"), [("schema", False), ("tenant_isolation", True)], ids=["schema", "tenant_isolation"]
)
def test_a_healthy_run_is_go_and_leaves_the_database_as_it_was(
    standin: Standin, checks: str, time: int, *, writes: bool
) -> None:
    """What writes takes a number of a sequence, which nothing gives back."""
    before = dump(standin)
    run = run_gate(standin, "-m", checks, ready=HEALTHY)

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), f"run {time}:\n{run.output}"
    assert [line for line in dump(standin) if not (writes and line.startswith(TAKEN))] == [
        line for line in before if not (writes and line.startswith(TAKEN))
    ]


def _is_daily(name: str) -> bool:
    """Whether it is the first fault that turns these checks red: each check fails once a day."""
    red = TABLE[name]["red"]
    return name == next((n for n, one in TABLE.items() if one["red"] == red and not one["nightly"]), "")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] * (not _is_daily(name))) for name in TABLE]
)
def test_the_fault_is_caught_by_its_own_checks_alone(standin: Standin, name: str) -> None:
    expected = TABLE[name]
    with standin.fault(name):
        run = run_gate(standin, *expected["run"], ready=HEALTHY)

    assert [check for check in run.red if not any(explains(red, check) for red in expected["red"])] == []
    assert [red for red in expected["red"] if not any(explains(red, check) for check in run.red)] == []
    assert (run.status, run.verdict) == (1, "NO-GO"), run.output
    assert expected["says"] in run.output


def _is_proven_elsewhere(name: str) -> bool:
    """Whether the tests of its kind hold it every day, on the same database: lints are pure functions."""
    return name in RUNS and name != next(iter(RUNS))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(decoy.name, marks=[pytest.mark.nightly] * _is_proven_elsewhere(decoy.name))
        for decoy in DATABASE_DECOYS
    ],
)
def test_what_is_unusual_but_right_raises_no_finding(standin: Standin, name: str) -> None:
    with standin.fault(name):
        run = run_gate(standin, *RUNS.get(name, DATABASE), ready=HEALTHY)

    assert (run.status, run.verdict, run.red) == (0, "GO", set()), run.output
