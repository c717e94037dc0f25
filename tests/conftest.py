"""One shop for the whole run, healthy and empty for each test; and a project that verifies it."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.projects import Project
from tests.scheduling import LoadApart
from tests.servers import shop as scripted
from tests.servers.parts import NOT_TESTED
from tests.servers.running import RunningShop, running_shop

UNWANTED = ("DEPLOYCHECK_ENV", "DEPLOYCHECK_PROVIDES", "PYTEST_ADDOPTS", "HTTP_PROXY", "http_proxy")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadApart | None:
    """Share the tests among workers, unless another way was asked for."""
    return LoadApart(config, log) if config.getvalue("dist") == "load" else None


def pytest_sessionstart() -> None:
    """Let what tests start be stopped, and keep what it compiled, whatever the shell of this run says."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud which parts of the machine were missing, whatever -r says."""
    skipped = terminalreporter.stats.get("skipped", ())
    reasons = {report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reason.removeprefix("Skipped: ") for reason in reasons):
        if reason.startswith(NOT_TESTED):
            terminalreporter.write_line(reason, red=True, bold=True)


@pytest.fixture(scope="session")
def the_shop() -> Iterator[RunningShop]:
    with running_shop() as running:
        yield running


@pytest.fixture
def shop(the_shop: RunningShop) -> Iterator[RunningShop]:
    the_shop.reset()
    yield the_shop
    the_shop.reset()


@pytest.fixture
def project(pytester: pytest.Pytester, shop: RunningShop, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in UNWANTED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("SHOP_URL", shop.url)
    monkeypatch.setenv("SHOP_SIGNING_KEY", scripted.KEY)
    monkeypatch.setenv("ANN_PASSWORD", scripted.USERS["ann@shop.test"][0])
    monkeypatch.setenv("BOB_PASSWORD", scripted.USERS["bob@shop.test"][0])
    return Project(pytester, shop)
