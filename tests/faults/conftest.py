"""One stand-in for the whole matrix, and its figure at the end."""

from collections.abc import Iterator

import pytest

from suites.standins.client import Standin
from tests.faults.matrix import TABLE

FAULTY = "test_the_fault_is_caught_by_its_own_checks_alone"
HEALTHY = "test_a_healthy_deployment_is_go"


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    """A WeCelebrate that runs until the last test has switched its faults."""
    with Standin.start("wecelebrate") as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the matrix is for: how much was caught, and how often the gate cried wolf."""
    reports = [r for r in terminalreporter.getreports("passed") if getattr(r, "when", "") == "call"]
    caught = sum(f"{FAULTY}[" in report.nodeid for report in reports)
    missed = [r for r in terminalreporter.getreports("failed") if f"{HEALTHY}[" in r.nodeid]
    asked = {r.nodeid for r in [*reports, *terminalreporter.getreports("failed")] if f"{FAULTY}[" in r.nodeid}
    if asked:
        terminalreporter.write_line(
            f"fault matrix: caught {caught} of {len(asked)} ({len(TABLE['faults'])} in the table), "
            f"false alarms {len(missed)}"
        )
