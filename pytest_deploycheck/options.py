"""Every option in one table: the command line, the environment variables and the reference page follow it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option `--NAME`, with a variable for CI. `flag` options take no value."""

    name: str
    help: str
    metavar: str = ""
    default: str = ""
    flag: bool = False

    @property
    def dest(self) -> str:
        """The attribute of pytest's options that holds the value."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that gives the value where the command line does not."""
        return self.dest.upper()


ENV = Option(name="deploycheck-env", metavar="NAME", help="the environment to check; --env for short")
ALLOW_WRITES = Option(
    name="deploycheck-allow-writes",
    flag=True,
    help="let checks write to a protected environment; --allow-writes for short",
)
ALLOW_LOAD = Option(
    name="deploycheck-allow-load",
    flag=True,
    help="let load checks run on a protected environment; --allow-load for short",
)
CONCURRENCY = Option(
    name="deploycheck-concurrency",
    metavar="N",
    default="32",
    help="probes under way at once (default 32)",
)
PLAN = Option(name="deploycheck-plan", flag=True, help="print what would be sent, and send nothing")
MAX_WAIT = Option(
    name="deploycheck-max-wait",
    metavar="DURATION",
    default="75s",
    help="longest wait for a rate limit's window to end (default 75s); --max-wait for short",
)

SARIF = Option(
    name="deploycheck-sarif", metavar="FILE", help="write what failed as SARIF 2.1.0, for code scanning"
)

RUNS = Option(
    name="deploycheck-runs",
    metavar="FOLDER",
    help="where the run is kept; 'none' keeps nothing (default .deploycheck/runs beside the contract)",
)

OPTIONS = (ENV, ALLOW_WRITES, ALLOW_LOAD, CONCURRENCY, PLAN, MAX_WAIT, SARIF, RUNS)

SHORT = {
    "--env": ENV,
    "--allow-writes": ALLOW_WRITES,
    "--allow-load": ALLOW_LOAD,
    "--max-wait": MAX_WAIT,
}
"""Short names, taken only where no other plugin or conftest.py has them."""

INI_ENV = "deploycheck_env"
"""The ini key of the default environment."""


def add_options(parser: pytest.Parser) -> None:
    """Register the long names, which are ours alone."""
    group = parser.getgroup("deploycheck", "verification of a deployment")
    for option in OPTIONS:
        _add(group, f"--{option.name}", option)
    parser.addini(INI_ENV, "the environment that pytest-deploycheck checks where no option names one")


def add_short_names(parser: pytest.Parser) -> None:
    """Register the short names that nobody has taken.

    Called after the conftest.py files are loaded: two owners of one option stop pytest, and `--env` in a
    conftest.py is common.
    """
    group = parser.getgroup("deploycheck")
    for name, option in SHORT.items():
        if _is_free(parser, name):
            _add(group, name, option)


def value(config: pytest.Config, option: Option, environ: Mapping[str, str] = os.environ) -> str:
    """The text of an option: command line, then variable, then ini file, then default.

    Flags give "1" or nothing.
    """
    given = config.getoption(option.dest, None)
    if given not in (None, "", False):
        return "1" if given is True else str(given)
    if told := environ.get(option.variable, ""):
        return told if not option.flag else ("" if told.lower() in ("0", "false", "no") else "1")
    return str(config.getini(INI_ENV) or "") if option is ENV else option.default


def _is_free(parser: pytest.Parser, name: str) -> bool:
    """Whether nobody has the option: then it stays unknown. Adding it to see would break pytest."""
    trial = f"{name}=nobody"
    try:
        _, unknown = parser.parse_known_and_unknown_args([trial])
    except pytest.UsageError:  # somebody has it, and does not take this value
        return False
    return trial in unknown


def _add(group: "pytest.OptionGroup", name: str, option: Option) -> None:
    if option.flag:
        group.addoption(name, dest=option.dest, action="store_true", default=False, help=option.help)
    else:
        group.addoption(name, dest=option.dest, metavar=option.metavar, default=None, help=option.help)
