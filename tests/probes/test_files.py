"""The files of a release, with a real git."""

import subprocess
from pathlib import Path

import pytest

from pytest_deploycheck.model.evidence import Contents, Files, Scanned, Silence
from pytest_deploycheck.model.probe import Document, FileScan, Folder
from pytest_deploycheck.probes import files
from pytest_deploycheck.probes.files import read, scan, walk

NEEDLES = (("API_KEY", "needle-one"), ("JWT_SECRET", "needle-two"))


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=folder, check=True)


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text)


@pytest.fixture(params=["repository", "exported"])
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "repository":
        git(tmp_path, "init", "-q")
    write(tmp_path, app="print('hi')", notes="needle-two")
    (tmp_path / ".gitignore").write_text(".env.production\n")
    (tmp_path / ".env.production").write_text("API_KEY=needle-one")
    return tmp_path


def test_what_git_ignores_is_not_searched(release: Path) -> None:
    seen = scan(FileScan(root=release, ignored=(".env.production",), needles=NEEDLES))

    assert seen == Scanned(files=3, found=(("JWT_SECRET", "notes"),))


def test_a_name_that_git_does_not_ignore_is_reported(release: Path) -> None:
    (release / ".gitignore").unlink()

    seen = scan(FileScan(root=release, ignored=(".env.production", ".env"), needles=NEEDLES))

    assert isinstance(seen, Scanned)
    assert seen.not_ignored == (".env.production", ".env")
    assert ("API_KEY", ".env.production") in seen.found


def test_a_scan_leaves_nothing_behind(release: Path) -> None:
    before = sorted(path.name for path in release.iterdir())
    scan(FileScan(root=release, ignored=(".env",)))

    assert sorted(path.name for path in release.iterdir()) == before


def test_a_committed_file_is_not_ignored_whatever_the_pattern_says(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".env.production").write_text("API_KEY=needle-one")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "oops")
    (tmp_path / ".gitignore").write_text(".env.production\n")

    seen = scan(FileScan(root=tmp_path, ignored=(".env.production",), needles=NEEDLES))

    assert seen == Scanned(files=2, not_ignored=(".env.production",), found=(("API_KEY", ".env.production"),))


def test_a_folder_of_a_repository_is_looked_at_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, outside="needle-one")
    (tmp_path / "app").mkdir()
    write(tmp_path / "app", inside="needle-two")

    assert scan(FileScan(root=tmp_path / "app", needles=NEEDLES)) == Scanned(
        files=1, found=(("JWT_SECRET", "inside"),)
    )


def test_a_folder_that_the_repository_around_it_ignores_is_one_of_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    write(tmp_path / "build", app="needle-one")

    assert scan(FileScan(root=tmp_path / "build", needles=NEEDLES)) == Scanned(
        files=1, found=(("API_KEY", "app"),)
    )


def test_a_secret_across_two_pieces_of_a_big_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHUNK", 16)
    write(tmp_path, big="x" * 11 + "needle-one" + "y" * 40)

    assert scan(FileScan(root=tmp_path, needles=NEEDLES)) == Scanned(files=1, found=(("API_KEY", "big"),))


def test_names_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "ä b\n.txt").write_text("needle-one")

    assert scan(FileScan(root=tmp_path, needles=NEEDLES)) == Scanned(
        files=1, found=(("API_KEY", "ä b\n.txt"),)
    )


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, real="needle-one")
    release = tmp_path / "release"
    release.mkdir()
    (release / "link").symlink_to(tmp_path / "real")

    assert scan(FileScan(root=release, needles=NEEDLES)) == Scanned(files=0)


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert scan(FileScan(root=tmp_path, ignored=(".env",))) == Scanned(files=0, not_ignored=(".env",))


def test_a_folder_that_is_not_there_is_silence(tmp_path: Path) -> None:
    assert scan(FileScan(root=tmp_path / "none")) == Silence(f"{tmp_path}/none is no folder")


def test_without_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert scan(FileScan(root=tmp_path)) == Silence("git is not installed")


def test_what_only_this_machine_ignores_is_not_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / ".config" / "git").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "git" / "ignore").write_text(".env\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    (tmp_path / "app").mkdir()
    write(tmp_path / "app", main="x")

    assert scan(FileScan(root=tmp_path / "app", ignored=(".env",))) == Scanned(files=1, not_ignored=(".env",))


def test_a_hook_of_git_does_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, app="needle-one")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert isinstance(scan(FileScan(root=tmp_path, needles=NEEDLES)), Scanned)


def test_a_file_that_the_contract_names_is_read(tmp_path: Path) -> None:
    path = tmp_path / "counts.yaml"
    path.write_bytes("\ufeffclients: 2 # für alle\n".encode())

    assert read(Document(path)) == Contents("clients: 2 # für alle\n")


def test_a_file_that_cannot_be_read_is_silence(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    assert read(Document(tmp_path / "none")) == Silence(f"there is no file {tmp_path / 'none'}")
    assert read(Document(tmp_path / "binary")) == Silence(f"{tmp_path / 'binary'} is not UTF-8")
    assert read(Document(tmp_path)) == Silence(f"{tmp_path}: Is a directory")


def test_the_files_of_a_folder_are_listed_and_some_read(tmp_path: Path) -> None:
    for name in ("1_a.sql", "app/migrations/0001_b.py", "node_modules/x.py", ".git/y.py", "app/.hidden.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"text of {name}")

    assert walk(Folder(root=tmp_path, texts=(".py",))) == Files(
        {"1_a.sql": None, "app/migrations/0001_b.py": "text of app/migrations/0001_b.py"}
    )


def test_a_folder_that_is_not_there_lists_nothing(tmp_path: Path) -> None:
    assert walk(Folder(root=tmp_path / "none")) == Silence(f"there is no folder {tmp_path / 'none'}")
