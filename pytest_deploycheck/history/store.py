"""Each run as one immutable JSON file: nothing to lock, nothing to migrate, and files of two machines mix."""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pytest_deploycheck.model import measurement
from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.verdict import Verdict

SCHEMA = 1
"""Of the files. A reader refuses any other."""

_PLAIN = ("run_id", "system", "environment", "base_url", "version", "seconds")
_LISTS = ("records", "leftovers", "notes")
_LONGEST_PART = 40


class UnreadableRunError(Exception):
    """A file is no run that can be read; the message names it."""


def folder_of(root: Path) -> Path:
    """Where the runs of a contract lie below its folder."""
    return root / ".deploycheck" / "runs"


def keep(run: KeptRun, folder: Path, clean: Callable[[str], str]) -> Path:
    """Write `run` into `folder`, every text of it cleaned of secrets, and return its file.

    It is there whole or not at all, and never changes another run's file.

    Raises:
        OSError: if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _name(run)
    if path.exists():  # another contract of the same session
        path = path.with_stem(f"{path.stem}_{uuid.uuid4().hex[:6]}")
    clean_once = cache(clean)  # every record holds the same words
    text = json.dumps(_cleaned(_to_json(run), clean_once), separators=(",", ":"))
    draft = folder / f".{path.name}.{os.getpid()}.tmp"
    try:
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def read(path: Path) -> KeptRun:
    """Return the run that a file holds.

    Raises:
        UnreadableRunError: if there is none, or one of another schema.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableRunError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise UnreadableRunError(f"{path}: not JSON, so no run") from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise UnreadableRunError(f"{path}: not a run of schema {SCHEMA}, but {schema!r}")
    try:
        return _from_json(data)
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableRunError(f"{path}: not a whole run: {error!r}") from error


def files(folder: Path) -> list[Path]:
    """Return the files of all runs, the oldest first: their names begin with the time."""
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


def newest_first(folder: Path) -> Iterator[KeptRun]:
    """Yield the runs of a folder.

    Raises:
        UnreadableRunError: for a file that is none.
    """
    yield from (read(path) for path in reversed(files(folder)))


def _name(run: KeptRun) -> str:
    parts = (f"{run.at:%Y%m%dT%H%M%SZ}", run.environment, run.version, run.run_id.rpartition("-")[2])
    return "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part)[:_LONGEST_PART] or "-" for part in parts) + ".json"


def _to_json(run: KeptRun) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "at": run.at.astimezone(UTC).isoformat(timespec="seconds"),
        "verdict": run.verdict.value,
        **{name: getattr(run, name) for name in _PLAIN},
        **{name: list(getattr(run, name)) for name in _LISTS},
        "measurements": [measurement.to_json(each) for each in run.measurements],
    }


def _from_json(data: dict[str, Any]) -> KeptRun:
    fields: dict[str, Any] = {
        **{name: data[name] for name in _PLAIN},
        **{name: tuple(data[name]) for name in _LISTS},
        "at": datetime.fromisoformat(data["at"]),
        "verdict": Verdict(data["verdict"]),
        "measurements": tuple(measurement.from_json(each) for each in data["measurements"]),
    }
    return KeptRun(**fields)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(each, clean) for each in value]
        case dict():
            return {clean(key): _cleaned(each, clean) for key, each in value.items()}
        case _:
            return value
