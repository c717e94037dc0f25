"""Runs pgrls, a linter of row-level security that is somebody else's, where it is installed.

A process of its own: the database's address goes in by its environment, never by its arguments, which every
user of the machine can read. The session can't write, and its statements end.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_deploycheck.model.environment import Environment
from pytest_deploycheck.model.evidence import Contents, Silence, Withheld
from pytest_deploycheck.model.probe import Pgrls
from pytest_deploycheck.probes.encryption import Tls
from pytest_deploycheck.probes.session import cleaned

_LIMITS = "-c default_transaction_read_only=on -c statement_timeout={0}ms -c lock_timeout={0}ms"
_PASSED_ON = ("HOME", "LANG", "PATH", "PGSSLMODE", "PGSSLROOTCERT", "SYSTEMROOT")
_LINES = 3
"""The last lines of its complaints, which are told."""

_FOUND = (0, 1)
"""Its statuses: nothing found, something found. Others are errors."""


def lint(probe: Pgrls, environment: Environment) -> Contents | Silence | Withheld:
    """Return what it printed, as JSON, or why it printed nothing."""
    if environment.database is None:
        return Withheld(f"environment {environment.name} has no `database`")
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if (command := shutil.which("pgrls", path=found)) is None:
        return Withheld("pgrls is not installed here: pip install pgrls")
    try:
        variables = _variables(probe, environment)
        done = subprocess.run(  # noqa: S603 - found by name, as the contract asks
            [command, "lint", *_arguments(probe)],
            env=variables,
            cwd=probe.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=probe.timeout,
            check=False,
        )
    except ProgrammingError:
        return Silence("the database URL cannot be read")
    except subprocess.TimeoutExpired:
        return Silence(f"pgrls did not end within {probe.timeout:g} s", probe.timeout)
    except OSError as error:
        return Silence(f"pgrls can't be run: {error}")
    if done.returncode in _FOUND and done.stdout.strip():
        return Contents(done.stdout)
    told = "\n".join(done.stderr.strip().splitlines()[-_LINES:]) or "it said nothing"
    return Silence(f"pgrls ended with status {done.returncode}: {cleaned(told, environment.database)}")


def _arguments(probe: Pgrls) -> tuple[str, ...]:
    config = ("--config", str(probe.config)) if probe.config else ()
    return ("--schemas", ",".join(probe.schemas), "--format", "json", *config)


def _variables(probe: Pgrls, environment: Environment) -> dict[str, str]:
    url = environment.database.reveal() if environment.database else ""
    given = conninfo_to_dict(url)
    tls = Tls(protected=environment.protected, ca=environment.ca).parameters(given)
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "DATABASE_URL": make_conninfo(url, **tls),
        "PGOPTIONS": _LIMITS.format(max(1, round(probe.timeout * 1000))),
        "PGAPPNAME": "pytest-deploycheck",
        "PYTHONUTF8": "1",
    }
