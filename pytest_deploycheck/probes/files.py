"""Files on this machine: those of a release as git sees them, and what the contract names."""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_deploycheck.model.evidence import Contents, Files, Scanned, Silence
from pytest_deploycheck.model.probe import Document, FileScan, Folder

_CHUNK = 1 << 20
_TIMEOUT = 60.0
_NOTHING_IGNORED = 1
"""Exit status of git check-ignore when no name is ignored (git-check-ignore(1))."""


_TOOLS = frozenset({"__pycache__", "node_modules", "site-packages"})
"""Folders that hold what others wrote."""

_NO_REPOSITORY = "not a git repository"

_ONLY_THE_RELEASES_RULES = ("-c", "core.fsmonitor=false", "-c", f"core.excludesFile={os.devnull}")
"""Run no program that the repository names, and ignore what this machine's user alone ignores."""


class _GitError(Exception):
    """Git did not do what it was asked."""


@dataclass(frozen=True, slots=True)
class _Git:
    """Git for one folder; with `directory` it needs no repository there."""

    root: Path
    directory: Path | None = None

    def run(self, *arguments: str, stdin: str = "", allowed: Iterable[int] = (0,)) -> str:
        """Return what git prints.

        Raises:
            _GitError: if it ends with a status that is not allowed.
        """
        apart = [f"--git-dir={self.directory}", f"--work-tree={self.root}"] if self.directory else []
        command = ["git", *_ONLY_THE_RELEASES_RULES, *apart, *arguments]
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and the program is git
                command,
                cwd=self.root,
                env=_environment(),
                input=stdin.encode(),
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise _GitError("git is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise _GitError(f"git took longer than {_TIMEOUT:g} s") from error
        if done.returncode not in allowed:
            raise _GitError(" ".join(done.stderr.decode("utf-8", "replace").split()))
        return done.stdout.decode("utf-8", "surrogateescape")


def _environment() -> dict[str, str]:
    """Without the variables by which a hook of git points to another repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "LC_ALL": "C"}


def walk(probe: Folder) -> Files | Silence:
    """Return the files below a folder, but for those of tools and hidden ones, or why there are none."""
    if not probe.root.is_dir():
        return Silence(f"there is no folder {probe.root}")
    texts: dict[str, str | None] = {}
    try:
        for folder, folders, names in os.walk(probe.root):
            folders[:] = sorted(name for name in folders if name not in _TOOLS and not name.startswith("."))
            for path in (Path(folder) / name for name in sorted(names) if not name.startswith(".")):
                asked = path.name.endswith(probe.texts) if probe.texts else False
                relative = path.relative_to(probe.root).as_posix()
                texts[relative] = path.read_text(encoding="utf-8-sig", errors="replace") if asked else None
    except OSError as error:
        return Silence(f"{error.filename or probe.root}: {error.strerror}")
    return Files(texts)


def read(probe: Document) -> Contents | Silence:
    """Return the text of a file, or why there is none."""
    try:
        return Contents(probe.path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Silence(f"there is no file {probe.path}")
    except UnicodeDecodeError:
        return Silence(f"{probe.path} is not UTF-8")
    except OSError as error:
        return Silence(f"{probe.path}: {error.strerror}")


def scan(probe: FileScan) -> Scanned | Silence:
    """Look at the files below a folder that are committed, or would be by `git add`.

    A folder outside any repository, or ignored by the one around it, is taken as one of its own.
    """
    if not probe.root.is_dir():
        return Silence(f"{probe.root} is no folder")
    try:
        with _git(probe.root.resolve()) as git:
            files = _listed(git)
            return Scanned(
                files=len(files),
                not_ignored=_not_ignored(git, probe.ignored),
                found=tuple(_found(git.root, files, probe.needles)),
            )
    except (OSError, _GitError) as error:
        return Silence(str(error))


@contextmanager
def _git(root: Path) -> Iterator[_Git]:
    inside = _Git(root)
    if _is_tracked_place(inside):
        yield inside
        return
    with tempfile.TemporaryDirectory(prefix="deploycheck-") as folder:
        _Git(Path(folder)).run("init", "--quiet", "--bare", "--template=", folder)
        _Git(Path(folder)).run("config", "core.bare", "false")
        yield _Git(root, Path(folder))


def _is_tracked_place(git: _Git) -> bool:
    """Whether the folder lies in a work tree that does not ignore it."""
    try:
        if git.run("rev-parse", "--is-inside-work-tree").strip() != "true":
            return False
    except _GitError as error:
        if _NO_REPOSITORY in str(error):
            return False
        raise  # a repository that git refuses to read, for example because somebody else owns it
    top = git.run("rev-parse", "--show-toplevel").strip()
    return Path(top) == git.root or not git.run("check-ignore", ".", allowed=(0, _NOTHING_IGNORED))


def _listed(git: _Git) -> tuple[str, ...]:
    """Names of regular files, relative to the root; links are not followed."""
    names = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = ((name, git.root / name) for name in dict.fromkeys(names) if name)
    return tuple(name for name, path in paths if path.is_file() and not path.is_symlink())


def _not_ignored(git: _Git, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that git would commit, or has committed already although a pattern fits."""
    if not names:
        return ()
    asked = "".join(f"{name}\0" for name in names)
    ignored = git.run("check-ignore", "-z", "--stdin", stdin=asked, allowed=(0, _NOTHING_IGNORED)).split("\0")
    return tuple(name for name in names if name not in ignored)


def _found(
    root: Path, files: tuple[str, ...], needles: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, str]]:
    if not needles:
        return
    wanted = {name: value.encode() for name, value in needles if value}
    for file in files:
        for name in _in_file(root / file, wanted):
            yield name, file


def _in_file(path: Path, wanted: dict[str, bytes]) -> list[str]:
    """Which needles a file holds; read piece by piece, so that its size does not matter."""
    overlap = max(map(len, wanted.values()), default=1) - 1
    found: set[str] = set()
    kept = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            window = kept + chunk
            found.update(name for name, value in wanted.items() if value in window)
            kept = window[-overlap:] if overlap else b""
    return [name for name in wanted if name in found]
