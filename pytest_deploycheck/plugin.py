"""The door: without a contract in reach and an environment to check, nothing else is imported."""

import gc
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest

from pytest_deploycheck import options
from pytest_deploycheck.markers import MARKERS, OTHER_MARKERS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options that are ours alone."""
    options.add_options(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, None, None]:
    """Register the short names of options once every other plugin had the chance to take them."""
    yield
    options.add_short_names(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Printing a plan needs no workers."""
    if options.value(config, options.PLAN) and hasattr(config.option, "numprocesses"):
        config.option.numprocesses = 0
        config.option.dist = "no"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; where there is something to verify, load it.

    Raises:
        pytest.UsageError: if a contract has mistakes, or an environment was asked for and no contract found.
    """
    for name, meaning in {**MARKERS, **OTHER_MARKERS}.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    environment = options.value(config, options.ENV)
    if environment and (paths := _contracts(config)):
        with _uncollected(), _as_written():
            _activate(config, paths, environment)
    elif options.value(config, options.PLAN) and not environment:
        raise pytest.UsageError("a plan is for an environment: name it with --env=NAME")
    elif config.getoption(options.ENV.dest):
        raise pytest.UsageError(
            f"--env={environment}: no deploycheck.yaml in {Path.cwd()}, above or below; "
            "write one (see `deploycheck schema`), or name its folder"
        )


def _contracts(config: pytest.Config) -> list[Path]:
    from pytest_deploycheck.discover import contracts

    return contracts(
        config.args,
        start=config.invocation_params.dir,
        skipped=config.getini("norecursedirs"),
        stop=config.rootpath,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave what is loaded to the garbage collector neither now nor later.

    It stays to the end. Going through it while it grows, and five times at pytest's exit, takes 130 ms.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


class _OwnModules:
    """Finds the plugin's modules as Python does."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(f"{__package__}.") else None


@contextmanager
def _as_written() -> Iterator[None]:
    """Import the plugin's modules as they are written: they assert nothing that pytest could explain.

    It would read and hash the source of each to see whether its rewritten asserts are still those: 50 ms.
    """
    sys.meta_path.insert(0, _OwnModules)
    try:
        yield
    finally:
        sys.meta_path.remove(_OwnModules)


def _activate(config: pytest.Config, paths: list[Path], environment: str) -> None:
    from pytest_deploycheck.active import activate
    from pytest_deploycheck.config.errors import ContractErrors

    try:
        activate(config, paths, environment)
    except ContractErrors as errors:
        raise pytest.UsageError(str(errors)) from None
