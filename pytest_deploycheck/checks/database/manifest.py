"""Files that say how many rows tables should have: YAML or JSON, table to count; CSV with table and rows."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pytest_deploycheck.checks.language.amount import Limit, parse_limit
from pytest_deploycheck.checks.language.part import MistakeError


@dataclass(slots=True)
class Manifest:
    """What a file says of each table, and its mistakes; `schema` is that of names without one."""

    schema: str
    counts: dict[str, Limit] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def add(self, place: str, table: str, count: object) -> None:
        """Take in one table."""
        table = with_schema(table, self.schema)
        if table in self.counts:
            self.mistakes.append(f"{place}: {table} twice")
            return
        try:
            self.counts[table] = parse_count(count)
        except MistakeError as error:
            self.mistakes.append(f"{place}: {table}: {error}; expected {error.expected}")


def parse_count(value: object) -> Limit:
    """Return how many rows are meant by 30 or ">=30".

    Raises:
        MistakeError: if that is no number of rows, or any number would do.
    """
    limit = parse_limit(value)
    if not limit.number.is_integer() or limit.number < 0:
        raise MistakeError(f"{value!r} is no number of rows", 'such as 30 or ">=30"')
    if limit == Limit(">=", 0):
        raise MistakeError("any number of rows is at least 0", 'such as 30 or ">=1"')
    return limit


def read_manifest(text: str, path: Path, schema: str) -> Manifest:
    """Return what the text of a file says; its name says in which form."""
    manifest = Manifest(schema)
    rows = _csv_rows(text, path) if path.suffix.lower() == ".csv" else _yaml_rows(text, path)
    try:
        for place, table, count in rows:
            manifest.add(place, table, count)
    except MistakeError as error:
        manifest.mistakes.append(f"{error}; expected {error.expected}")
    if not manifest.counts and not manifest.mistakes:
        manifest.mistakes.append(f"{path}: no table; expected at least one: an empty manifest checks nothing")
    return manifest


def _csv_rows(text: str, path: Path) -> Iterator[tuple[str, str, object]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True, strict=True)
    try:
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        if not {"table", "rows"} <= names.keys():
            raise MistakeError(f"{path}:1: the first line names no columns", "table and rows")
        for row in reader:
            place = f"{path}:{reader.line_num}"
            table, count = row[names["table"]], row[names["rows"]]
            yield place, (table or "").strip(), (count or "").strip()
    except csv.Error as error:
        raise MistakeError(f"{path}:{reader.line_num}: {error}", "CSV (RFC 4180)") from error


def _yaml_rows(text: str, path: Path) -> Iterator[tuple[str, str, object]]:
    """JSON is read as YAML too, but for its tabs."""
    for key, value in mapping_of(text.replace("\t", " ") if path.suffix == ".json" else text, path):
        place = f"{path}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
        count = value.value if isinstance(value, yaml.ScalarNode) else value.tag.rpartition(":")[2]
        yield place, str(key.value), count


def mapping_of(text: str, path: Path) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the entries of a YAML text that is a mapping.

    Raises:
        MistakeError: if it is none.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        told = getattr(error, "problem", None) or "it can't be read"
        raise MistakeError(f"{path}{line}: {told}", "YAML, JSON, or CSV with a name that ends so") from error
    if not isinstance(node, yaml.MappingNode):
        raise MistakeError(f"{path}: no mapping", "table: number of rows")
    return list(node.value)


def qualified(counts: Mapping[str, Limit], schema: str) -> dict[str, Limit]:
    """Return the counts with names that all have their schema."""
    return {with_schema(table, schema): limit for table, limit in counts.items()}


def with_schema(table: str, schema: str) -> str:
    """Return the name of a table with its schema."""
    return table if "." in table else f"{schema}.{table}"
