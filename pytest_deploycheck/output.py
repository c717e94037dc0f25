"""Where a command's text goes: to standard output, or into a file, whole and only if there is one."""

import os
import shutil
import sys
from pathlib import Path


class UnwritableError(Exception):
    """A file cannot be written; the message says why."""


def prove_writable(file: Path | None) -> None:
    """Say that a file could not be written before anybody is asked for what should stand in it.

    Raises:
        UnwritableError: if its folder is not there, or it is a folder itself.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise UnwritableError(f"--output {file}: there is no folder {file.parent}")
    if file is not None and file.is_dir():
        raise UnwritableError(f"--output {file}: it is a folder")


def write(text: str, file: Path | None) -> None:
    """Print `text`; or put it in the place of what `file` holds, at once.

    Raises:
        UnwritableError: if the file can't be written; then it holds what it held.
    """
    if file is None:
        sys.stdout.write(text)
        return
    try:
        _put(text, file.resolve())
    except OSError as error:
        raise UnwritableError(f"--output {file}: {error.strerror}") from error
    sys.stdout.write(f"wrote {file}\n")


def _put(text: str, file: Path) -> None:
    if file.exists() and not file.is_file():  # a pipe, or /dev/stdout
        file.write_text(text, encoding="utf-8")
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        if file.exists():
            shutil.copymode(file, draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
