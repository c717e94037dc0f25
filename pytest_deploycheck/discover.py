"""Finds the contract files in reach of what pytest was asked to collect."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

CONTRACT = "deploycheck.yaml"
"""The name of a contract file."""


def contracts(arguments: Iterable[str], *, start: Path, skipped: Iterable[str], stop: Path) -> list[Path]:
    """The contract files that rule over the arguments: the nearest above each, and all below.

    `skipped` are patterns of folder names not to enter (pytest's norecursedirs). The search upwards ends at
    `stop`, the root folder, or at the file system's.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        path = (start / argument.partition("::")[0]).resolve()
        if not path.exists():
            continue
        if above := nearest(path, stop=stop):
            found[above] = None
        if path.is_dir():
            found |= dict.fromkeys(_below(path, tuple(skipped)))
    return list(found)


def nearest(path: Path, *, stop: Path | None = None) -> Path | None:
    """The contract file that rules over `path`: in its folder, or in the nearest folder above."""
    if path.name == CONTRACT:
        return path
    for folder in (path, *path.parents) if path.is_dir() else path.parents:
        if (folder / CONTRACT).is_file():
            return folder / CONTRACT
        if folder == stop:
            return None
    return None


def _below(folder: Path, skipped: tuple[str, ...]) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        if CONTRACT in files:
            yield here / CONTRACT
        folders[:] = sorted(
            child
            for child in folders
            if not any(fnmatch(child, pattern) for pattern in skipped)
            and not os.access(here / child / "pyvenv.cfg", os.F_OK)
        )
