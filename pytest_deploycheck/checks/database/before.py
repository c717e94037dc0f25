"""The file that `deploycheck counts` writes before a deploy: how many rows each table had, where and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from pytest_deploycheck.checks.database.counting import Counted
from pytest_deploycheck.checks.language.part import MistakeError

FORMAT = "deploycheck-counts/1"

_HEAD = """\
# Rows of each table, as `deploycheck counts` has counted them: ">1000" is more than that many, null is not
# known. The check row_counts with `before:` holds a later state to it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was counted of one database. `at` is the server's time; None stands for what was not counted."""

    environment: str
    database: str
    at: datetime
    tables: Mapping[str, Counted | None]


def write(before: Before) -> str:
    """Return the text of the file, the same for the same counts."""
    head = {
        "format": FORMAT,
        "environment": before.environment,
        "database": before.database,
        "at": before.at.isoformat(timespec="seconds"),
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    lines.append("tables:")
    for table, counted in sorted(before.tables.items()):
        lines.append(f"  {json.dumps(table, ensure_ascii=False)}: {_written(counted)}")
    return _HEAD + "\n".join(lines) + "\n"


def _written(counted: Counted | None) -> str:
    if counted is None:
        return "null"
    return f'">{counted.rows}"' if counted.more else str(counted.rows)


def read(text: str, path: Path) -> Before:
    """Return what a file tells.

    Raises:
        MistakeError: if it is not one that the command has written.
    """
    expected = "a file that `deploycheck counts` has written"
    try:
        data = yaml.safe_load(text)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise MistakeError(f"{path}: no counts", expected)
        tables = {str(table): _read(value) for table, value in data["tables"].items()}
        at = datetime.fromisoformat(data["at"])
        before = Before(
            environment=str(data["environment"]), database=str(data["database"]), at=at, tables=tables
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, MistakeError):
            raise
        raise MistakeError(f"{path}: the counts can't be read", expected) from error
    if not tables or at.tzinfo is None:
        raise MistakeError(f"{path}: no table was counted", expected)
    return before


def _read(value: object) -> Counted | None:
    if value is None:
        return None
    text = str(value)
    rows = int(text.removeprefix(">"))
    if rows < 0:
        raise ValueError(text)
    return Counted(rows, more=text.startswith(">"))
