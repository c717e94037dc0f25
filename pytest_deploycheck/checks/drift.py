"""The schema is the one that was reviewed: what differs from the lock file, the dangerous first."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from pytest_deploycheck.catalog.drift.diff import Comparison, compare
from pytest_deploycheck.catalog.drift.facts import facts
from pytest_deploycheck.catalog.drift.grammar import SECTIONS, Entry
from pytest_deploycheck.catalog.drift.read import LockMistakesError, read
from pytest_deploycheck.catalog.drift.rules import Mode, Rules
from pytest_deploycheck.catalog.drift.told import counted, first, told
from pytest_deploycheck.checks.database.reading import Asking, catalog_of
from pytest_deploycheck.checks.language.part import PART, Runbook, Text
from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Steps
from pytest_deploycheck.model.evidence import Contents, Silence, Withheld
from pytest_deploycheck.model.kind import Context
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.needed import Needed, Wrong
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import Document

HINT = "if the schema is right, `deploycheck snapshot` writes the lock file anew: review what changes in it"

Which = Literal[SECTIONS]  # type: ignore[valid-type]  # a table of names


class Section(BaseModel):
    """`lock` is the file, beside the contract if relative; `roles` says what roles here are called there."""

    model_config = PART

    lock: Text
    modes: dict[Which, Mode] = Field(default={}, min_length=1)
    ignore: dict[Which, tuple[Text, ...]] = Field(default={}, min_length=1)
    roles: dict[Text, Text] = Field(default={}, min_length=1)
    name: Text | None = None
    runbook: Runbook = ()
    hint: str = ""


def checks(section: Section, context: Context) -> Iterable[Check]:
    """Return the check of one lock file."""
    path = context.folder / section.lock
    source = f"what `deploycheck snapshot --env {context.environment.name} --output {section.lock}` writes"
    yield Check(
        marker=context.marker,
        title=section.name or "drift",
        place=context.place(()),
        steps=partial(_compare, section, path),
        spend=Spend(queries=1),
        runbook=section.runbook,
        hint=section.hint,
        needed=(Needed(path, context.place(("lock",)), "lock file", source, partial(_wrong, path)),),
    )


def _wrong(path: Path, text: str) -> Iterator[Wrong]:
    try:
        read(text, path)
    except LockMistakesError as error:
        yield from (Wrong(each.place, each.message, each.expected) for each in error.mistakes)


def _compare(section: Section, path: Path) -> Steps:
    expected = yield from _expected(path)
    if isinstance(expected, Inconclusive):
        return expected
    catalog = yield from catalog_of()
    if isinstance(catalog, Inconclusive):
        return catalog
    if not catalog.schemas:
        return Inconclusive("the catalog told of no schema: nothing was compared")
    rules = Rules(section.modes, section.ignore)
    return judge(compare(expected, facts(catalog, section.roles), rules), path.name)


def judge(comparison: Comparison, lock: str) -> Outcome:
    """Decide whether a schema is the one of the lock file."""
    differences = comparison.differences
    if differences:
        lines = (
            f"{many(len(differences), 'difference')} from {lock} ({counted(differences)}), "
            f"first: {first(differences)}",
            *told(differences),
            *(f"not decided: {each}" for each in comparison.undecided),
        )
        return Failed("\n".join(lines), hint=HINT)
    if comparison.undecided:
        return Inconclusive("\n".join(comparison.undecided))
    if not comparison.compared:
        return Inconclusive(f"everything in {lock} is ignored: nothing was compared")
    return Passed(f"{many(comparison.compared, 'object')} as in {lock}")


def _expected(path: Path) -> Asking[Entry | Inconclusive]:
    (seen,) = yield (Document(path),)
    match seen:
        case Contents(text=text):
            return _read(text, path)
        case Silence(reason=reason) | Withheld(reason=reason):
            return Inconclusive(f"the lock file was not read: {reason}")
        case _:
            return Inconclusive(f"{type(seen).__name__} is no lock file")


def _read(text: str, path: Path) -> Entry | Inconclusive:
    try:
        return read(text, path)
    except LockMistakesError as error:
        lines = [f"{path.name} is no lock file that can be compared"]
        for mistake in error.mistakes:
            lines.append(f"{mistake.place}: {mistake.message}")
            lines += [f"    expected {mistake.expected}"] if mistake.expected else []
        return Inconclusive("\n".join(lines))
