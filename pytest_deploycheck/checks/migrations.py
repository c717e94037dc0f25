"""The release's migrations and no others were applied, and none failed."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field

from pytest_deploycheck.checks.database.reading import Asking, unanswered
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.checks.migrating.compare import Standing, compare, compare_head, normal, shown
from pytest_deploycheck.checks.migrating.expected import FILES
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.catalog import Catalog, History, Migration
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Files, Silence, Withheld
from pytest_deploycheck.model.kind import Context, Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Folder, Snapshot
from pytest_deploycheck.model.relation import Unknown

Tool = Literal[
    "alembic",
    "dbmate",
    "django",
    "flyway",
    "golang-migrate",
    "liquibase",
    "prisma",
    "sqitch",
    "supabase",
]


class Section(BaseModel):
    """What the release brings: one of `directory`, `versions` and `head`.

    `tool` and `table` say whose table it is where there are several. `except` names migrations, with the
    reason, that may be pending or unknown.
    """

    model_config = PART

    directory: Text | None = None
    versions: tuple[Text, ...] = Field(default=(), min_length=1)
    head: Text | None = None
    tool: Tool | None = None
    table: Text | None = None
    exceptions: dict[Text, Text] = Field(default={}, alias="except", min_length=1)
    name: Text = "migrations"
    runbook: Runbook = ()
    hint: str = ""


Judge: TypeAlias = Callable[[Standing, Section, str], Outcome]


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return a check for each of: none pending, none unknown, none failed.

    Raises:
        Misuse: unless the release's migrations are told in one way, and one that the tool has.
    """
    if bool(section.directory) + bool(section.versions) + bool(section.head) != 1:
        raise Misuse("which migrations?", expected="one of directory, versions and head")
    if section.directory and section.tool and FILES[section.tool].expected is None:
        raise Misuse(
            f"the files of {section.tool} are not read",
            at=("directory",),
            expected="versions: the ids, or head",
        )
    judges: tuple[tuple[str, Judge], ...] = (
        ("none pending", _pending),
        ("none unknown", _unknown),
        ("none failed", _failed),
    )
    for words, judge in judges:
        yield Check(
            marker=context.marker,
            title=f"{section.name}: {words}",
            place=context.place(()),
            steps=partial(_look, section, context.folder, judge),
            spend=Spend(queries=1),
            runbook=section.runbook,
            hint=section.hint,
        )


def _look(section: Section, folder: Path, judge: Judge) -> Steps:
    listed = yield from _listed(section, folder)
    if isinstance(listed, Inconclusive):
        return listed
    (seen,) = yield (Snapshot(),)
    if not isinstance(seen, Catalog):
        return unanswered(seen, "catalog")
    history = _history(section, seen)
    if isinstance(history, str):
        nothing = judge is _pending and bool(section.tool or section.table)
        return Failed(f"{history}: nothing was ever applied") if nothing else Inconclusive(history)
    if isinstance(history.applied, Unknown):
        return Inconclusive(f"{history.table} could not be read: {history.applied.reason}")
    standing = _standing(section, history, history.applied, listed)
    if isinstance(standing, Inconclusive):
        return standing
    if judge is not _pending and not standing.applied:
        return Inconclusive(f"{history.table} holds no migration: there is nothing to look at")
    return judge(standing, section, history.tool)


def _listed(section: Section, folder: Path) -> Asking[Files | Inconclusive]:
    """The release's files; none where the contract says itself what there is."""
    if section.directory is None:
        return Files({})
    texts = FILES[section.tool].texts if section.tool else (".py", "sqitch.plan")
    (seen,) = yield (Folder(root=folder / section.directory, texts=texts),)
    match seen:
        case Files():
            return seen
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"the release's migrations were not read: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} lists no files")


def _history(section: Section, catalog: Catalog) -> History | str:
    """The only table that fits, or why there is none."""
    tables = [
        each
        for each in catalog.histories
        if section.tool in {None, each.tool} and section.table in {None, str(each.table), each.table.name}
    ]
    if len(tables) == 1:
        return tables[0]
    if tables:
        names = ", ".join(f"{each.table} ({each.tool})" for each in tables)
        return f"several tables of migrations: {names}; say tool or table"
    what = section.table or (f"table of {section.tool}" if section.tool else "table of a known tool")
    return f"no {what} in this database"


def _standing(
    section: Section, history: History, applied: tuple[Migration, ...], files: Files
) -> Standing | Inconclusive:
    if section.head is not None:
        return compare_head(applied, history.tool, section.head)
    if section.versions:
        return compare(applied, history.tool, normal(section.versions, history.tool, applied))
    read = FILES[history.tool].expected
    if read is None:
        return Inconclusive(f"the files of {history.tool} are not read: list the versions in the contract")
    expected = read(files.texts)
    if not expected.versions:
        return Inconclusive(f"no migration of {history.tool} in {section.directory}: nothing was compared")
    return compare(applied, history.tool, expected)


def _pending(standing: Standing, section: Section, tool: str) -> Outcome:
    pending = [name for name in standing.pending if name not in section.exceptions]
    if not pending:
        return Passed(f"{standing.applied} applied, the last is {standing.last}")
    so_far = (
        f"{standing.applied} applied, the last is {standing.last}" if standing.applied else "none applied"
    )
    return Failed(f"{len(pending)} pending: {shown(pending)}; {so_far}", hint=FILES[tool].mend)


def _unknown(standing: Standing, section: Section, _: str) -> Outcome:
    if standing.unknown is None:
        return Inconclusive(f"head {section.head} is not applied: what stands behind it is not known")
    unknown = [name for name in standing.unknown if name not in section.exceptions]
    if unknown:
        return Failed(
            f"{len(unknown)} applied that the release does not know: {shown(unknown)}",
            hint="by another release, or by hand: bring it into this one, or deploy the one that has it",
        )
    return Passed(f"{standing.applied} applied, all of the release")


def _failed(standing: Standing, _: Section, tool: str) -> Outcome:
    if standing.failed:
        return Failed(
            f"{len(standing.failed)} failed or never finished: {shown(standing.failed)}",
            hint=f"look what of it is there, mend that, then let {tool} know (repair, resolve, or its like)",
        )
    return Passed(f"{standing.applied} applied")
