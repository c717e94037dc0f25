"""How many rows tables have: as a manifest says, or never fewer than before the deploy."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema

from pytest_deploycheck.checks.database.before import Before, read
from pytest_deploycheck.checks.database.counting import BOUND, Counted, Missing, count
from pytest_deploycheck.checks.database.manifest import parse_count, qualified, read_manifest, with_schema
from pytest_deploycheck.checks.database.reader import Reader
from pytest_deploycheck.checks.database.reading import Asking
from pytest_deploycheck.checks.database.taking import where_and_when
from pytest_deploycheck.checks.language.amount import Duration, Limit
from pytest_deploycheck.checks.language.part import PART, MistakeError, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Contents, Silence
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Document

MOST = 2000
"""Tables that a file may name."""

_SOURCES = ("tables", "manifest", "before")
_HOUR = 3600.0

Count = Annotated[Limit, PlainValidator(parse_count), WithJsonSchema({"type": ["integer", "string"]})]


class Section(BaseModel):
    """One of `tables`, a `manifest` file, and the file of counts from `before` the deploy.

    `of` is the environment that was counted before, this one if it is not given. `schema` is that of names
    without one. `except` names tables that are not compared, each with the reason. `bound` is how far a
    table is counted; `age` is how old counts from before may be.
    """

    model_config = PART

    tables: dict[Text, Count] = Field(default={}, min_length=1)
    manifest: Text | None = None
    before: Text | None = None
    of: Text | None = None
    schema_: Text = Field(default="public", alias="schema")
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    bound: int = Field(default=BOUND, ge=1)
    age: Duration = 24 * _HOUR
    timeout: Duration = 10.0
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one source of counts.

    Raises:
        Misuse: unless exactly one source is given, and each table once.
    """
    given = [key for key in _SOURCES if key in section.model_fields_set]
    if len(given) != 1:
        raise Misuse("how many rows?", expected=f"one of {', '.join(_SOURCES)}")
    if section.of and not section.before:
        raise Misuse("`of` says whose counts from before", at=("of",), expected="before, or no `of`")
    if len(qualified(section.tables, section.schema_)) < len(section.tables):
        raise Misuse("a table twice", at=("tables",), expected="each once, with its schema or without")
    title = "row counts since before the deploy" if section.before else "row counts"
    yield Check(
        marker=context.marker,
        title=section.name or title,
        place=context.place((given[0],)),
        steps=_steps(section, context),
        spend=Spend(queries=len(section.tables) or MOST + 1),
        queries_for="" if section.tables else "1 for a table",
        runbook=section.runbook,
        hint=section.hint,
    )


def _steps(section: Section, context: Context) -> Callable[[], Steps]:
    reader = Reader.of(context, section.timeout)
    if section.manifest:
        return partial(_listed, section, reader, context.folder / section.manifest)
    if section.before:
        name = section.of or context.environment.name
        return partial(_earlier, section, reader, context.folder / section.before, name)
    return partial(_compare, section, qualified(section.tables, section.schema_), reader)


def _listed(section: Section, reader: Reader, path: Path) -> Steps:
    (seen,) = yield (Document(path),)
    if not isinstance(seen, Contents):
        return _unread(seen)
    manifest = read_manifest(seen.text, path, section.schema_)
    if manifest.mistakes:
        return Inconclusive("\n".join(manifest.mistakes))
    return (yield from _compare(section, manifest.counts, reader))


def _compare(section: Section, limits: Mapping[str, Limit], reader: Reader) -> Steps:
    tables = [table for table in limits if not _excepted(table, section)]
    counts = yield from _counts(tables, reader, section)
    if isinstance(counts, Inconclusive):
        return counts
    faults, undecided = [], []
    for table, counted in counts.items():
        kept = counted.keeps(limits[table]) if isinstance(counted, Counted) else False
        if isinstance(counted, str):
            undecided.append(counted)
        elif kept is None:
            undecided.append(
                f"{table}: {_told(counted)}, expected {limits[table]}; larger `bound` would decide it"
            )
        elif not kept:
            faults.append(f"{table}: {_told(counted)}, expected {limits[table]}")
    return _outcome(faults, undecided, counts, section)


def _earlier(section: Section, reader: Reader, path: Path, environment: str) -> Steps:
    (seen,) = yield (Document(path),)
    if not isinstance(seen, Contents):
        told = _unread(seen)
        return Inconclusive(
            f"{told.reason}; before the deploy: deploycheck counts --env {environment} --output {path.name}"
        )
    try:
        before = read(seen.text, path)
    except MistakeError as error:
        return Inconclusive(f"{error}; expected {error.expected}")
    here = yield from where_and_when()
    if isinstance(here, Inconclusive):
        return here
    if stale := _other(before, environment, here, section.age, elsewhere=section.of is not None):
        return Inconclusive(f"{path.name}: {stale}")
    return (yield from _never_fewer(section, before, reader))


def _other(
    before: Before, environment: str, here: tuple[str, datetime], age: float, *, elsewhere: bool
) -> str:
    """Why counts are not those from before this deploy."""
    database, now = here
    if before.environment != environment or (before.database != database and not elsewhere):
        return f"counted in {before.database} of {before.environment}, expected {database} of {environment}"
    hours = (now - before.at).total_seconds() / _HOUR
    if hours * _HOUR > age:
        return f"counted {hours:.1f} h ago, and at most {age / _HOUR:g} h are allowed (`age`)"
    return ""


def _never_fewer(section: Section, before: Before, reader: Reader) -> Steps:
    known = {table: rows for table, rows in before.tables.items() if not _excepted(table, section)}
    counts = yield from _counts([table for table, rows in known.items() if rows], reader, section)
    if isinstance(counts, Inconclusive):
        return counts
    faults = []
    undecided = [f"{table}: not counted before the deploy" for table, rows in known.items() if rows is None]
    for table, counted in counts.items():
        earlier = known[table]
        if isinstance(counted, str):
            undecided.append(counted)
        elif isinstance(counted, Missing) or (earlier and _fewer(counted, earlier)):
            faults.append(f"{table}: {_told(counted)}, {earlier} before the deploy")
        elif earlier and (earlier.more or (counted.more and counted.rows < earlier.rows)):
            undecided.append(
                f"{table}: {counted.told}, {earlier} before the deploy: larger `bound` would decide it, "
                "here and in `deploycheck counts`"
            )
    return _outcome(faults, undecided, counts, section)


def _fewer(counted: Counted, earlier: Counted) -> bool:
    """Whether rows are gone for sure."""
    return not counted.more and counted.rows < earlier.rows + earlier.more


def _counts(
    tables: list[str], reader: Reader, section: Section
) -> Asking[dict[str, Counted | Missing | str] | Inconclusive]:
    if not tables:
        return Inconclusive("every table is excepted: nothing was counted")
    if len(tables) > MOST:
        return Inconclusive(f"{many(len(tables), 'table')}, and at most {MOST} are counted")
    counts = yield from count(tables, reader, section.bound)
    return counts if isinstance(counts, Inconclusive) else dict(zip(tables, counts, strict=True))


def _excepted(table: str, section: Section) -> bool:
    return table in {with_schema(name, section.schema_) for name in section.exceptions}


def _told(counted: Counted | Missing | str) -> str:
    return counted.told if isinstance(counted, Counted) else "it is not there"


def _unread(seen: object) -> Inconclusive:
    return Inconclusive(seen.reason if isinstance(seen, Silence) else f"{type(seen).__name__} holds no text")


def _outcome(
    faults: list[str],
    undecided: list[str],
    counts: Mapping[str, Counted | Missing | str],
    section: Section,
) -> Outcome:
    if faults:
        return Failed("\n".join((*faults, *(f"not decided: {each}" for each in undecided))))
    if undecided:
        return Inconclusive("\n".join(undecided))
    return Passed("; ".join(_note(counts, section)))


def _note(counts: Mapping[str, Counted | Missing | str], section: Section) -> Iterator[str]:
    known = [counted for counted in counts.values() if isinstance(counted, Counted)]
    yield f"{many(len(known), 'table')}, {many(sum(each.rows for each in known), 'row')}"
    if beyond := [
        table for table, counted in counts.items() if isinstance(counted, Counted) and counted.more
    ]:
        yield f"counted to {section.bound} only: {', '.join(beyond)}"
    if section.exceptions:
        yield f"except {', '.join(section.exceptions)}"
