"""Stand-ins for the whole matrix, and its figure at the end."""

from collections.abc import Iterator

import pytest

from suites.standins.client import Standin
from tests.faults.matrix import GROUPS, RATE, TABLE

FAULTY = "is_caught_by_its_own_checks_alone"
HEALTHY = "is_go"
NIGHTLY = "--nightly"
TIMES = "--times"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the faults in, too, that have a sibling in the daily table."""
    parser.addoption(NIGHTLY, action="store_true", help="run the whole matrix of faults")
    parser.addoption(TIMES, type=int, default=1, help="how often each load run is repeated")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat what asks for a `time`, unless it counts by itself."""
    counted = any("time" in str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "time" in metafunc.fixturenames and not counted:
        metafunc.parametrize("time", range(1, metafunc.config.getoption(TIMES) + 1))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the nightly faults to the night."""
    if config.getoption(NIGHTLY):
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    config.hook.pytest_deselected(items=nightly)
    items[:] = [item for item in items if item not in nightly]


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    """A WeCelebrate that runs until the last test has switched its faults."""
    with Standin.start("wecelebrate", *RATE) as running:
        yield running


@pytest.fixture(scope="session")
def key_pair_standin() -> Iterator[Standin]:
    """The same, but its access tokens are signed with a key pair."""
    with Standin.start("wecelebrate", *RATE, "--tokens=rs256") as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the matrix is for: how much was caught, and how often the gate cried wolf."""
    passed = [r for r in terminalreporter.getreports("passed") if getattr(r, "when", "") == "call"]
    failed = terminalreporter.getreports("failed")
    caught = sum(f"{FAULTY}[" in report.nodeid for report in passed)
    missed = sum(f"{FAULTY}[" in report.nodeid for report in failed)
    healthy = sum(f"{HEALTHY}[" in report.nodeid for report in passed)
    alarms = sum(f"{HEALTHY}[" in report.nodeid for report in failed)
    if caught or missed:
        terminalreporter.write_line(
            f"fault matrix: caught {caught} of {caught + missed} "
            f"({sum(len(TABLE[group]) for group in GROUPS)} by night), "
            f"false alarms {alarms}; {healthy} healthy runs were GO"
        )
