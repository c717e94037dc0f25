"""Where a stand-in keeps its files, and whom they belong to."""

import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OTHERS_MAY_PASS = 0o001


@dataclass(frozen=True, slots=True)
class Owner:
    """The account a server runs as: None is the one that runs us."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_options(self) -> dict[str, Any]:
        """Return what `subprocess.Popen` needs to run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Give `path` to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Say whether this account can pass every folder above `path`."""
        if self.uid is None:
            return True
        folders = path.resolve().parents
        return all(folder.stat().st_mode & OTHERS_MAY_PASS for folder in folders)


def server_owner() -> Owner:
    """Return the account for the database, which refuses to run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return Owner()
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def new_directory(name: str, owner: Owner) -> Path:
    """Make a temporary directory that `owner` can pass but not list."""
    home: str | None = None
    if not owner.reaches(Path(tempfile.gettempdir()) / name):
        home = "/tmp"  # noqa: S108 - mkdtemp makes it private
    path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=home))
    path.chmod(0o711 if owner.uid is not None else 0o700)
    return path


def private_folder(path: Path, owner: Owner | None = None) -> Path:
    """Make a folder only its owner can enter."""
    path.mkdir(mode=0o700)
    if owner is not None:
        owner.take(path)
    return path
